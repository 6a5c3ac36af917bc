"""A spurious minimum or a strict saddle as a theorem that Coq checks: docs/formal.md. All of it is untrusted."""
