# `make help` lists the targets. Everything is installed into .venv, nothing elsewhere.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
RUN_STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-for-tests

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help verify test check golden bench deep clean
MAKEFLAGS += --no-print-directory

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

verify: $(RUN_STAMP) ## check the proposal; counterexamples go to counterexamples/
	@$(BIN)/modelcheck verify specs/replace_domain.py

test: check ## run all checks and all tests
	@$(BIN)/python -m pytest -q -n auto --dist worksteal

check: $(TEST_STAMP) ## lint, formatting, types, import direction
	@$(BIN)/ruff check --quiet --output-format concise
	@$(BIN)/ruff format --quiet --check
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python -m pytest -q --no-header --no-summary tests/quality/test_import_direction.py

golden: $(TEST_STAMP) ## rewrite the expected outputs; review the result with git diff
	@$(BIN)/python -m pytest -q -m golden --update-golden

bench: $(TEST_STAMP) ## measure
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.liveness

deep: $(RUN_STAMP) ## search the designs at larger scopes and compare the counts
	@$(BIN)/python -m bench.deep

clean: ## remove everything that make made
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# The interpreter's own time stamp makes a new python (or none any more) start afresh.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo 'no python3 found; try: apt install python3.11-venv' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo '$(PYTHON) is older than 3.11; use: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) \
	  || { echo 'no venv module; try: apt install python3-venv' >&2; exit 1; }

# Editable: an edit of the sources needs no new installation, one of pyproject.toml does.
$(RUN_STAMP): pyproject.toml $(BIN)/python
	@echo 'Installing modelcheck into $(VENV) ...' >&2
	@$(PIP) --editable .
	@touch $@

$(TEST_STAMP): pyproject.toml $(RUN_STAMP)
	@echo 'Installing what the tests need into $(VENV) ...' >&2
	@$(PIP) --editable '.[test]'
	@touch $@
