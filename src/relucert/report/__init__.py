"""Outcomes and certificates for people."""
