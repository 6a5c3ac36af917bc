"""A spurious minimum as a theorem that Coq checks: docs/formal.md. Everything here is untrusted; Coq decides."""
