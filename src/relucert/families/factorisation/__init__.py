"""Matrix factorisation, and the balance of layers."""
