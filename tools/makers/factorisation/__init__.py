"""Corpus of matrix factorisation and of the balance of layers: `python -m makers.factorisation [FOLDER]` makes these
files alone."""
