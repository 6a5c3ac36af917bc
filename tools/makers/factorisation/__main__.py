"""The files of this package alone; the others stay."""

from __future__ import annotations

from makers.factorisation.all import add
from makers.folder import remake

if __name__ == "__main__":
    remake("factorisation", add)
