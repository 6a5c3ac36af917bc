"""The files of this package alone; the others stay."""

from __future__ import annotations

from makers.folder import remake
from makers.uniform.all import add

if __name__ == "__main__":
    remake("uniform", add)
