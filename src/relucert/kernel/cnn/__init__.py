"""The one-hidden-layer CNN in ball arithmetic: docs/theorem/cnn.md."""
