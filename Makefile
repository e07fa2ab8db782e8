# One word per task; `make help` lists them. PYTHON and VENV may be set: make demo PYTHON=python3.12
# The tested versions are installed; the newest ones with: make test CONSTRAINTS=
PYTHON ?= python3
VENV ?= .venv
CONSTRAINTS ?= config/install/constraints.txt
BIN := $(VENV)/bin
ARGS ?=
RESULTS := build/test
# How many processes run the tests side by side; 0: this one alone. The tests of one part stay together, in their order.
JOBS ?= 2
STAGES := lint types imports page unit integration
PYTEST := "$(BIN)/python" -m pytest

.PHONY: help demo web page test test-fast format lint types imports unit integration bench mutants portability pytangos constraints install-demo install-dev install-mutants debian clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: install-demo ## a whole beamline on this machine: scans end in the catalogue and its page (ARGS="--keep --kafka")
	@"$(BIN)/python" config/install/build_pages.py || true # it says why; the demo goes on without the page
	@"$(BIN)/scizoo" demo $(ARGS)

web: install-demo ## build Scanlog's page into its package
	@"$(BIN)/python" config/install/build_pages.py

test: install-dev ## lint, types, unit tests, integration tests with real services: every stage, also after one that failed
	@"$(BIN)/python" tests/support/stages.py $(RESULTS) $(STAGES)

test-fast: lint types imports unit ## the inner loop: lint, types, unit tests

format: install-dev ## put the code into ruff's format, and mend what ruff can mend
	@"$(BIN)/ruff" check --fix . ; "$(BIN)/ruff" format .

lint: install-dev ## ruff's rules and format
	@"$(BIN)/ruff" check . && "$(BIN)/ruff" format --check .

types: install-dev ## mypy, strict
	@"$(BIN)/mypy"

page: install-dev ## Scanlog's page: its rules and form, types, unit tests
	@"$(BIN)/python" config/install/build_pages.py check

imports: install-dev ## who may import whom
	@PYTHONPATH=devices:recorders:consumer:config "$(BIN)/lint-imports" --no-cache

unit: install-dev ## unit tests: no service, fast
	@$(PYTEST) -n $(JOBS) tests/unit --junitxml=$(RESULTS)/unit.xml $(ARGS)

integration: install-dev debian ## integration and contract tests: they start the real services they need
	@"$(BIN)/python" config/install/build_pages.py
	@$(PYTEST) -n $(JOBS) tests/contract tests/integration --junitxml=$(RESULTS)/integration.xml $(ARGS)

bench: install-dev ## every figure of docs/performance.md, in bench/
	@"$(BIN)/python" bench/run.py $(ARGS)

mutants: install-mutants ## small defects in critical modules: tell which of them no test notices (ARGS=scicow.dataset.merge)
	@"$(BIN)/python" tests/mutants/run.py $(ARGS)

portability: ## unit tests with every Python found, and with the lowest versions allowed; needs uv (ARGS=python3.12)
	@tests/support/portability.sh $(ARGS)

pytangos: install-dev ## how processes that record end, with PyTango 10.0, 10.1 and the newest; needs uv (ARGS=python3.12)
	@VENV="$(VENV)" tests/support/pytangos.sh $(ARGS)

constraints: ## the newest versions of all that is installed, into config/install/constraints.txt; then: make test
	@config/install/constraints.sh "$(PYTHON)" config/install/constraints.txt

install-demo:
	@config/install/venv.sh "$(PYTHON)" "$(VENV)" demo,pages "$(CONSTRAINTS)"

install-dev:
	@config/install/venv.sh "$(PYTHON)" "$(VENV)" dev "$(CONSTRAINTS)"

install-mutants:
	@config/install/venv.sh "$(PYTHON)" "$(VENV)" dev,mutants "$(CONSTRAINTS)"

debian:
	@config/install/debian.sh

clean: ## remove the virtual environment and what tests and builds left
	@rm -rf "$(VENV)" build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
