# The set-up contract: on Debian or Ubuntu with python3.11, python3.11-venv, make, git and ca-certificates,
# `make run` and `make test` do everything else themselves.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
LOCK := packaging/locks/development.txt
EXAMPLE := build/example
PDF := build/example-audit.pdf
# What Qt loads and what the tests look at; packaging/system-packages.sh installs what is missing or says how to.
export QT_LOGGING_RULES ?= qt.qpa.*=false

.DEFAULT_GOAL := help
.PHONY: help run test lint prove-all benchmark lock translations clean

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(VENV)/.installed: $(LOCK) pyproject.toml
	$(PYTHON) packaging/check_python.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

run: $(VENV)/.installed  ## open the window on the example; without a screen audit it and write the PDF
	@packaging/system-packages.sh window
	@$(BIN)/python packaging/run_example.py $(EXAMPLE) $(PDF)

lint: $(VENV)/.installed  ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(VENV)/.installed  ## everything that must be green
	@packaging/system-packages.sh tests
	$(MAKE) --no-print-directory lint
	packaging/with-screen.sh $(BIN)/python -m pytest -m "not slow and not frozen and not benchmark"

prove-all: $(VENV)/.installed  ## the long proofs too
	@packaging/system-packages.sh tests
	packaging/with-screen.sh $(BIN)/python -m pytest -m "not frozen and not benchmark" --timeout 3600

benchmark: $(VENV)/.installed  ## speed and memory, beside other tools
	@packaging/system-packages.sh tests
	packaging/with-screen.sh $(BIN)/python -m pytest tests/benchmarks -m benchmark --timeout 1200

lock: $(VENV)/.installed  ## resolve the dependencies anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --group dev \
		pyproject.toml -o $(LOCK)

clean:  ## remove what was made
	rm -rf build dist $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
