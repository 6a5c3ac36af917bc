"""Any smooth loss, written down as a graph."""
