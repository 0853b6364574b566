# The set-up contract: on Debian or Ubuntu with python3.11, python3.11-venv, make, git and ca-certificates,
# `make run` and `make test` do everything else themselves, and do it once. packaging/README.md says more.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header
LOCKS := packaging/locks
LOCK := $(LOCKS)/development.txt
# The environments beside our own that `make test` uses (tests/foreign_environments.py).
FOREIGN := training boosting mlflow wandb mlflow-server lakefs poetry pdm
EXAMPLE := build/example
PDF := build/example-audit.pdf
# Named by content: a checkout changes times of files that are the same.
INSTALLED := $(VENV)/.installed-$(shell cat $(LOCK) pyproject.toml | sha256sum | cut -c1-16)
# An environment whose interpreter was removed or moved is made anew.
ifeq ($(wildcard $(BIN)/python),)
.PHONY: $(INSTALLED)
endif

.DEFAULT_GOAL := help
.PHONY: help run test lint prove-all installer test-installer benchmark lock clean

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(INSTALLED):
	@echo "Setting up $(VENV) (half a minute or more, once)"
	@$(or $(PYTHON),$(error Python 3.11 or newer is missing. Run: sudo apt-get install python3.11 python3.11-venv)) packaging/check_python.py
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --no-deps --require-hashes --requirement $(LOCK)
	@# Everything is in place, so this only takes away what is no longer in the lock.
	@$(BIN)/uv pip sync --quiet --offline --python $(BIN)/python $(LOCK)
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@rm -f $(VENV)/.installed-*
	@touch $@

run: $(INSTALLED)  ## open the window on the example; without a screen audit it and write the PDF
	@[ -z "$$DISPLAY$$WAYLAND_DISPLAY" ] || packaging/system-packages.sh window
	@$(BIN)/python packaging/run_example.py $(EXAMPLE) $(PDF)

lint: $(INSTALLED)  ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy packaging/*.py packaging/hooks/*.py packaging/runtime_hooks/*.py
	$(BIN)/lint-imports --no-logo

test: $(INSTALLED)  ## everything that must be green
	@packaging/system-packages.sh tests
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m tests.foreign_environments $(FOREIGN)
	packaging/with-screen.sh $(BIN)/python -m pytest -m "not slow and not benchmark"

prove-all: $(INSTALLED)  ## the long proofs too
	@packaging/system-packages.sh tests
	packaging/with-screen.sh $(BIN)/python -m pytest -m "not frozen and not benchmark" --timeout 3600

installer: $(INSTALLED)  ## build the program and the installers of Linux into dist/ (packaging/README.md has the others)
	@packaging/system-packages.sh installer
	@$(BIN)/python packaging/freeze.py
	@$(BIN)/python packaging/package_linux.py

test-installer: installer  ## build them and try them: the program, bare systems, the installer of Windows under Wine
	@packaging/system-packages.sh installer-tests
	MUST_BE_BUILT=1 packaging/with-screen.sh $(BIN)/python -m pytest tests/frozen -m frozen --timeout 3600

benchmark: $(INSTALLED)  ## speed and memory, beside other tools
	@packaging/system-packages.sh tests
	packaging/with-screen.sh $(BIN)/python -m pytest tests/benchmarks -m benchmark --timeout 1200

lock: $(INSTALLED)  ## resolve the dependencies anew (UPGRADE=--upgrade for newer versions)
	$(COMPILE) $(UPGRADE) --group dev pyproject.toml --output-file $(LOCK)
	$(COMPILE) --constraint $(LOCK) pyproject.toml $(LOCKS)/installer.in --output-file $(LOCKS)/installer.txt
	for list in $(LOCKS)/foreign/*.in; do $(COMPILE) $(UPGRADE) $$list --output-file $${list%.in}.txt || exit; done

clean:  ## remove what was made here; the environments of the tests stay in the user's cache
	rm -rf build dist $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .benchmarks
