"""Two-layer and deep networks that gradient descent trains to zero loss, and their infinitely wide limits."""
