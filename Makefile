# Everything a developer or a first-time user does, one target each. `make` alone prints this list.
#
# A fresh machine needs Python 3.11 (or newer), pip and make. uv is fetched by pip into .tools and builds .venv from the
# hashes in requirements.lock; nothing is installed outside this folder.

PYTHON ?= python3
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

TOOLS := .tools
VENV := .venv
BIN := $(VENV)/bin
UV := UV_SYSTEM_CERTS=1 VIRTUAL_ENV=$(abspath $(VENV)) $(TOOLS)/bin/uv
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-header
READY := $(VENV)/.ready

.PHONY: help
help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Everything is compiled once, here: with PYTHONDONTWRITEBYTECODE set, as in many containers, every command would compile all
# that it imports anew, which doubles its start.
.PHONY: install
install: $(READY)  ## set up .venv with everything the project needs

# `pip install --target` works on machines whose Python forbids installing beside the system's packages.
$(TOOLS)/bin/uv:
	@echo "setting up: uv"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-compile --root-user-action ignore --target $(TOOLS) "uv>=0.13,<1"

$(READY): $(TOOLS)/bin/uv requirements.lock
	@echo "setting up: .venv from requirements.lock"
	@test -x $(BIN)/python || $(UV) venv --quiet --clear --python $(PYTHON) $(VENV)
	@$(UV) pip sync --quiet --compile-bytecode --require-hashes requirements.lock
	@$(UV) pip install --quiet --no-deps --editable ".[local]"
	@$(BIN)/python -m compileall -q src
	@touch $@

.PHONY: demo
demo: $(READY)  ## import 100,000 generated rows into an embedded PostgreSQL (ROWS=1000000 for more)
	@$(BIN)/import-worker demo $(if $(ROWS),--rows $(ROWS))

.PHONY: test
test: $(READY)  ## run every check and every test
	@$(MAKE) --no-print-directory check
	@$(BIN)/python tests/support/pgbouncer.py
	@$(BIN)/python -m pytest

.PHONY: quick
quick: $(READY)  ## run every check, and the tests that need no server: units and the twin (under three minutes)
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest -q tests/unit

.PHONY: soak
soak: $(READY)  ## break hundreds of imports, import 20,000 damaged files and a workbook of a million rows, and twenty million rows (over an hour)
	@FAULT_SCALE=$${FAULT_SCALE:-8} FUZZ_INPUTS=$${FUZZ_INPUTS:-20000} \
	  $(BIN)/python -m pytest tests/fault tests/fuzz tests/unit/sources/test_workbook_row_limit.py --timeout 1800
	@$(BIN)/python -m bench --only growth --growth 100000 1000000 5000000 20000000 --seconds 7200

# Libraries that only the benchmark has, in an environment of their own; without them it leaves out what needs them.
$(TOOLS)/bench/.ready: $(TOOLS)/bin/uv bench/requirements.lock
	@echo "setting up: the benchmark's tools"
	@test -x $(TOOLS)/bench/bin/python || $(TOOLS)/bin/uv venv --quiet --clear --python $(PYTHON) $(TOOLS)/bench
	@UV_SYSTEM_CERTS=1 VIRTUAL_ENV=$(abspath $(TOOLS)/bench) $(TOOLS)/bin/uv pip sync --quiet --require-hashes bench/requirements.lock
	@touch $@

.PHONY: bench
bench: $(READY) $(TOOLS)/bench/.ready  ## measure the program against its goals, side by side with psql, DuckDB and others (10 minutes)
	@$(BIN)/python -m bench --tools $(TOOLS)/bench/bin/python --picture docs/growth.svg $(ARGUMENTS)

.PHONY: check
check: $(READY)  ## lint, types, layers, formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

.PHONY: format
format: $(READY)  ## format the code and mend what ruff can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: lock
lock: $(READY)  ## resolve the dependencies anew into requirements.lock and, for the image, infra/*.lock
	@$(COMPILE) --upgrade --extra local --group dev pyproject.toml -o requirements.lock
	@$(COMPILE) --constraint requirements.lock pyproject.toml -o infra/runtime.lock
	@$(COMPILE) --upgrade --group build -o infra/build.lock
	@$(COMPILE) --upgrade bench/requirements.in -o bench/requirements.lock

.PHONY: clean
clean:  ## remove what these targets made
	rm -rf $(VENV) $(TOOLS) dist
