"""The commands beyond those of `relucert.cli`, thin: they read, call the library and print."""
