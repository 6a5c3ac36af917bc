"""Matrix factorisation and balance: docs/theorem/factorisation.md."""
