"""The trusted part: pure functions in ball arithmetic, each citing its theorem; no input or output."""
