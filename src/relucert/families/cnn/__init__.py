"""The one-hidden-layer CNN with weight normalisation: docs/theorem/cnn.md sections 9 and 10."""
