"""Wide networks: docs/spec/wide-network-v1.md, section 14 of docs/theorem/ntk.md."""
