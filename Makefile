# Two commands do everything: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3.12 python3.11 python3; do command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
export COUNTERSIGN_HOME ?= $(CURDIR)/var/workspace
export PIP_DISABLE_PIP_VERSION_CHECK := 1
JOBS ?= 3

.PHONY: help run test bench chaos lint shots lock clean
help: ## say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

run: .venv/.run ## start the console, its worker and an embedded MLflow server; EMPTY=1 without the demonstration
	@$(if $(EMPTY),COUNTERSIGN_DEMO=off,) exec $(BIN)/countersign up

test: .venv/.test ## lint, types, import contracts, unit, integration and end-to-end tests
	@$(BIN)/python -m tests.run --jobs $(JOBS)

lint: .venv/.test ## lint, types and import contracts alone
	@$(BIN)/python -m tests.run --only lint

bench: .venv/.test ## measure speed and size; writes var/bench/*.json
	@$(BIN)/python -m tests.benchmarks

chaos: .venv/.test ## kill and pause everything that carries tickets out, for long; prints what came of it
	@$(BIN)/python -m tests.chaos
	@COUNTERSIGN_TEST_EXAMPLES=100 $(BIN)/python -m pytest -q tests/integration/decisions/test_review_machine.py

shots: .venv/.test ## make the pictures of the README from a running demonstration
	@$(BIN)/python -m tests.shots

lock: ## write the two lock files again (needs uv)
	@for group in "" dev; do uv pip compile pyproject.toml $${group:+--group $$group} --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url -q -o requirements$${group:+-$$group}.lock; done

clean: ## remove the environment and what tests left; workspaces stay
	@rm -rf .venv var/bench build *.egg-info test-results

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed; install one of them, or say PYTHON=/path/to/python3.12."; exit 1; }
	@echo "Making a virtual environment with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv .venv

.venv/.run: .venv/bin/python requirements.lock pyproject.toml
	@test -f .venv/.test || { echo "Installing the locked dependencies (about 150 packages, once) …"; \
	  $(BIN)/python -m pip install --quiet --progress-bar off --require-hashes --no-deps -r requirements.lock; }
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test: .venv/bin/python requirements-dev.lock pyproject.toml
	@echo "Installing the locked dependencies and test tools (about 180 packages, once) …"
	@$(BIN)/python -m pip install --quiet --progress-bar off --require-hashes --no-deps -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ .venv/.run
