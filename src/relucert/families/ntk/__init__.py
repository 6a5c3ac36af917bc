"""Networks so wide that gradient descent reaches zero loss, and their infinitely wide limits (Du's thesis)."""
