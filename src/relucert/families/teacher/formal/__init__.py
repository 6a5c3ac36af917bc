"""A spurious minimum or a strict saddle as a theorem that Coq checks: docs/formal.md. Everything here is untrusted; Coq decides."""
