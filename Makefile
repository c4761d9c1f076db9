# Everything here needs Python 3.11 or later, git and make; the rest it installs by itself, into .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
PY := $(VENV)/bin/python
INSTALL := $(PY) -m uv pip install --quiet --python $(PY)
SOURCES := pyproject.toml $(shell find inmail_credits -name '*.py')

.DEFAULT_GOAL := help
.PHONY: help forecast test lint bench validate fingerprint matrix packages docs coverage types campaign mutants clean

help: ## say what there is
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

forecast: $(VENV)/forecast ## forecast a year on all four tiers, and draw it
	@$(PY) -P -m inmail_credits forecast --economy linkedin-2019 --per-week 5 \
		--replies recruiter-inmails --replies conversations-2016 \
		--start 2026-01-01 --months 12 --png forecast.png

test: $(VENV)/test ## run the tests: the specification of the rules
	@$(PY) -P -m pytest tests docs README.md inmail_credits -n auto --dist worksteal $(PYTEST_ARGS)

matrix: $(VENV)/matrix ## run the tests on every CPython found, with newest and lowest dependencies
	@$(PY) -P tests/matrix.py $(MATRIX_ARGS)

packages: $(VENV)/matrix ## build the wheel and the sdist, and use them in environments with nothing else
	@PYTHONPATH=$(CURDIR) $(PY) -P -m tests.packages

docs: $(VENV)/docs ## build the site into build/site, warnings as errors
	@$(PY) -P -m sphinx --fail-on-warning --keep-going --quiet -b html docs build/site
	@echo "The site is in build/site: open build/site/index.html"

coverage: $(VENV)/coverage ## measure and print the branch coverage of the tests
	@NUMBA_DISABLE_JIT=1 $(PY) -P -m pytest tests docs README.md inmail_credits -n auto --dist worksteal \
		--cov --cov-report=term:skip-covered $(PYTEST_ARGS)

lint: $(VENV)/lint ## check style, types and layers
	@$(PY) -P -m ruff check .
	@$(PY) -P -m ruff format --check .
	@$(PY) -P -m mypy

types: $(VENV)/types ## check that every public symbol has a type, as a type checker sees it from outside
	@PATH="$(abspath $(VENV))/bin:$$PATH" $(PY) -P -m pyright --verifytypes inmail_credits --ignoreexternal

bench: $(VENV)/bench ## measure the ledger and the engine beside others, as ratios
	@$(PY) -P tests/benchmarks/bench_import.py
	@$(PY) -P tests/benchmarks/bench_ledger.py
	@PYTHONPATH=$(CURDIR) $(PY) -P -m tests.benchmarks.bench_engine
	@$(PY) -P tests/benchmarks/bench_fleet.py

validate: $(VENV)/test ## compare the engine with theory, and print the table of z
	@$(PY) tests/simulation/validate.py

fingerprint: $(VENV)/test ## print the hash of a simulation under other processor settings: all equal
	@$(PY) tests/simulation/fingerprint.py all

campaign: $(VENV)/test ## drive ledger, oracle and engine side by side for a long time
	@HYPOTHESIS_PROFILE=campaign $(PY) -P -m pytest -m "campaign or not campaign" tests/spec tests/wire
	@$(PY) tests/simulation/campaign.py

mutants: $(VENV)/mutants ## plant faults in the ledger and the kernel, and see the tests catch them
	@$(PY) -P tests/mutants/run.py
	@PYTHONPATH=$(CURDIR) $(PY) -P -m tests.mutants.kernel

clean: ## remove what the other commands made
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(PY):
	@echo "Creating $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/uv: | $(PY)
	@$(PY) -m pip --quiet --disable-pip-version-check install 'uv>=0.8'
	@touch $@

$(VENV)/forecast: $(SOURCES) | $(VENV)/uv
	@echo "Installing inmail-credits[forecast] ..."
	@$(INSTALL) '.[forecast]'
	@touch $@

$(VENV)/test $(VENV)/lint $(VENV)/bench $(VENV)/mutants $(VENV)/matrix $(VENV)/coverage $(VENV)/types $(VENV)/docs: $(VENV)/%: $(VENV)/forecast
	@echo "Installing what 'make $*' needs ..."
	@$(INSTALL) --group test --group $*
	@touch $@
