"""Wider networks around a certified critical point: split neurons, a neuron at the origin, trained output weights."""
