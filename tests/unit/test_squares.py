"""Matrices as squares: a square for each entry, its hue the sign, its opacity the root of the size."""

import re

import numpy as np

from relucert.families import squares


def test_a_square_for_each_entry():
    svg = squares.heat(np.array([[1.0, -0.25], [0.0, 4.0]]), ["a", "<b>"], ["x", "y"], "a matrix")
    found = re.findall(r'class="(\w+)" [^>]*fill-opacity="([\d.]+)"><title>(.*?)</title>', svg)
    assert found == [
        ("positive", "0.50", "a, x: 1"),
        ("negative", "0.25", "a, y: -0.25"),
        ("positive", "0.00", "&lt;b&gt;, x: 0"),
        ("positive", "1.00", "&lt;b&gt;, y: 4"),
    ]
    assert 'aria-label="a matrix"' in svg


def test_what_has_no_scale_is_left_out():
    for entries in (np.zeros((2, 2)), np.array([[np.nan]]), np.array([[np.inf]]), np.ones((101, 100))):
        rows, columns = ([""] * size for size in entries.shape)
        assert squares.heat(entries, rows, columns, "") == ""
