"""Independent checker of relucert certificates: docs/spec/certificate-v1.md section 5, docs/audit.md.

It shares no code and no arithmetic library with the prover. `format` reads, `interval` and `exact` are the
arithmetic, `loss` and `sharp` evaluate the landscape, `theorems` concludes, `steps` compares, `finding` says
why not, `robust` and `symmetric` prove what is claimed beyond one point in full, `trust` says who signed,
`command` is `python -m relucert_audit`."""

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before numpy; on such small matrices threads only wait
