"""python -m relucert_audit: see `command`, which worker processes can import, unlike this file."""

import sys

from relucert_audit.command import main

if __name__ == "__main__":
    sys.exit(main())
