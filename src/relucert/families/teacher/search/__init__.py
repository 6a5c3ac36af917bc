"""The untrusted part: floating-point descent, Newton steps, guesses. Nothing here is believed."""
