#!/usr/bin/env bash
# Builds the wheel and installs it in an empty environment, with the versions of requirements.lock and without a
# compiler; then proves a point, audits its certificate, and imports the package. From the root of the checkout:
#   tools/install_wheel.sh [PYTHON]     PYTHON has pip and hatchling (default: .venv/bin/python)
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
python=$(realpath -s "${1:-$root/.venv/bin/python}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m pip wheel -qq --disable-pip-version-check --no-deps --no-build-isolation -w "$work" "$root"
"$python" -m venv "$work/empty"
"$root/tools/pins.sh" > "$work/pins"
export CC=/bin/false CXX=/bin/false
"$work/empty/bin/python" -m pip install -qq --disable-pip-version-check --no-compile --only-binary :all: -c "$work/pins" \
  "$work"/relucert-*.whl

export PATH="$work/empty/bin:$PATH" RELUCERT_HOME="$work/home"
unset PYTHONPATH
cd "$work"
relucert --version
python -c "import relucert; print(relucert.__file__)" | grep -q "^$work/empty/"
python -c "import numpy; numpy.save('point.npy', [[1, 0], [0, 1]])"
relucert verify point.npy --layout neurons-in-rows -o certificates
relucert-audit certificates
relucert doctor > /dev/null
echo "the wheel installs, proves and audits"
