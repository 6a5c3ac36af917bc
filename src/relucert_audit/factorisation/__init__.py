"""The checker of matrix factorisation and of the balance of layers."""
