"""`python -m relucert` is the command `relucert`."""

from relucert.cli import main

if __name__ == "__main__":
    main()
