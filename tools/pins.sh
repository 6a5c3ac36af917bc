#!/usr/bin/env bash
# The versions of requirements.lock as constraints for pip, without hashes: of a constraint pip takes none for a wheel
# that was just built.
sed -n 's/^\([a-z0-9][a-z0-9._-]*==[^\\]*[^\\ ]\).*/\1/p' "$(dirname "$0")/../requirements.lock"
