"""Inputs for ../fuzz_audit.py, and what the prover says of the accepted ones."""
