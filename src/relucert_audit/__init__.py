"""Independent checker of relucert certificates, format 1.

It shares no code and no arithmetic library with the prover. It reads one file, computes every bound anew from
the exact problem and point, and says accepted, rejected, not-confirmed or malformed. The steps 0 to 10 are
those of docs/spec/certificate-v1.md, section 5; the theorems are those of docs/theorem.md.

One file a concern: `format` reads, `interval` and `exact` are the arithmetic, `loss` evaluates the landscape,
`theorems` draws conclusions, `steps` compares, `signature` says who signed, `command` is
`python -m relucert_audit`.
"""

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before numpy; on such small matrices threads only wait
