"""The method that a claim of this family names, and its units. Nothing is imported: to say a claim is to be quick."""

EVERY_K, METHOD = "teacher-student-relu-every-k", "uniform-box"
EDGE_BITS = 40  # box ends are multiples of 2^-EDGE_BITS
CENTRE_BITS, SLOPE_BITS, RADIUS_BITS = 52, 20, 60  # units of a certificate: docs/spec/uniform-v1.md
