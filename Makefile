# Needs git, make and Python 3.11 or newer; everything else is installed into .venv from requirements.lock.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
PIP_DOCS := .venv-docs/bin/python -m pip install -qq --disable-pip-version-check
PIP_AUDIT := .venv-audit/bin/python -m pip install -qq --disable-pip-version-check
OUT := build/certify
# Certificates that `make formal` has Coq prove: every spurious minimum stored for k = n = 6 .. 10.
FORMAL = $(shell grep -l '"verdict": "spurious-minimum"' $(FORMAL_FOLDERS:%=certificates/%/*.json))
FORMAL_FOLDERS := 6-6 7-7 8-8 9-9 10-10
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q

.PHONY: certify test test-torch lint format formal audit-alone wheel-check docs lock clean
.DEFAULT_GOAL := certify

certify: .venv/ready  ## gradient descent at k = n = 6, verification, a signed certificate, a summary
	$(BIN)/relucert search 6 6 --find 1 --seed 1 -o $(OUT)/points
	$(BIN)/relucert verify $(OUT)/points/6-6-seed1.npz -o $(OUT)/certificates
	$(BIN)/relucert show $(OUT)/certificates

test: .venv/ready  ## all tests
	$(BIN)/python -m pytest -n auto --dist loadfile

test-torch: .venv/ready  ## the descent by PyTorch, in an environment of its own (some 6 GB; on a GPU too, where there is one)
	@test -x .venv-torch/bin/python || $(BIN)/python -m venv .venv-torch
	.venv-torch/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	.venv-torch/bin/python -m pip install -qq --disable-pip-version-check "torch>=2.5"
	.venv-torch/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	.venv-torch/bin/python -m pytest tests/unit/teacher/test_device.py tests/unit/study/test_device_study.py -rs

lint: .venv/ready  ## style, types, import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/ready
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

formal: .venv/ready  ## the theory and stored certificates, checked by Coq (docs/formal.md)
	$(BIN)/relucert export $(FORMAL) --format coq --check

audit-alone: .venv/ready .venv-audit/ready  ## the checker in an environment without FLINT, on the stored certificates; of the runs from their starts, on 20
	! .venv-audit/bin/python -c "import flint" 2>/dev/null
	! .venv-audit/bin/python -c "import relucert" 2>/dev/null
	cd certificates && ../.venv-audit/bin/python -m relucert_audit . --trusted allowed_signers --require-signature --jobs 2 --sample 20 --seed 1

wheel-check: .venv/ready  ## the wheel in an empty environment, with the pinned versions and without a compiler
	tools/install_wheel.sh $(CURDIR)/$(BIN)/python

docs: .venv-docs/ready  ## the documentation as a site in build/site; warnings are errors
	NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --strict

lock:  ## renew the lock files from the pyproject.toml files (needs uv)
	uv pip compile pyproject.toml --group dev $(LOCK) -o requirements.lock
	uv pip compile packages/relucert-audit/pyproject.toml $(LOCK) -o requirements-audit.lock
	uv pip compile --group docs $(LOCK) -o requirements-docs.lock

clean:
	rm -rf .venv .venv-audit .venv-docs .venv-torch build

.venv/packages: requirements.lock
	@test -n "$(PYTHON)" || { echo "relucert needs Python 3.11 or newer; set PYTHON=/path/to/python3"; exit 1; }
	@rm -rf .venv
	@echo "Setting up .venv from requirements.lock (once, about a minute) ..."
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "no venv module (on Debian: apt install python3-venv)"; exit 1; }
	@$(PIP) --require-hashes -r requirements.lock
	@touch $@

.venv/ready: .venv/packages pyproject.toml
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv-audit/ready: requirements-audit.lock .venv/ready packages/relucert-audit/pyproject.toml $(wildcard src/relucert_audit/*.py src/relucert_audit/*/*.py)
	@rm -rf .venv-audit build/wheels
	@$(PYTHON) -m venv .venv-audit
	@$(PIP_AUDIT) --require-hashes -r requirements-audit.lock
	@$(BIN)/python -m pip wheel -qq --no-deps --no-build-isolation -w build/wheels packages/relucert-audit
	@$(PIP_AUDIT) --no-deps build/wheels/*.whl
	@touch $@

.venv-docs/ready: requirements-docs.lock
	@test -n "$(PYTHON)" || { echo "relucert needs Python 3.11 or newer; set PYTHON=/path/to/python3"; exit 1; }
	@rm -rf .venv-docs
	@$(PYTHON) -m venv .venv-docs
	@$(PIP_DOCS) --no-compile --require-hashes -r requirements-docs.lock
	@touch $@
