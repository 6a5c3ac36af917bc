"""The files about the one-hidden-layer CNN, docs/spec/cnn-v1.md and cnn-descent-v1.md."""
