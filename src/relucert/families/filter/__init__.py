"""A single convolutional filter (Du, Lee & Tian 2018)."""
