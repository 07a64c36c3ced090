# Everything a checkout needs: Python 3.11 or newer, GNU make and a shell. `make` alone says what there is.
#
#   make test PYTHON=/opt/python3.12/bin/python3    with another Python (it counts when the environment is made)
#   make test ARGS='-k phone'                       with more words for pytest, or for the benchmarks

SHELL  := /bin/sh
PYTHON ?=
ARGS   ?=
VENV   := .venv
DEMO   := build/demo-venv
PIP    := -m pip install --quiet --disable-pip-version-check --no-input

# Where the environment forbids it, Python would compile all it loads anew in each of the processes that tests start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help venv test lint format demo bench clean
.DELETE_ON_ERROR:

help: ## Say what there is.
	@echo 'usage: make TARGET [PYTHON=python3.12] [ARGS=…]'
	@echo
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/\1 \2/p' Makefile | while read -r name what; do \
	    printf '  %-8s %s\n' "$$name" "$$what"; done

venv: $(VENV)/stamp-test ## Make the environment .venv with custrec (editable) and what its tests need.

test: lint ## Check everything: ruff, mypy, pytest.
	$(VENV)/bin/python -m pytest -q -n 2 --dist worksteal $(ARGS)

lint: $(VENV)/stamp-test ## Check form and types alone.
	$(VENV)/bin/python -m ruff check
	$(VENV)/bin/python -m ruff format --check
	$(VENV)/bin/python -m mypy

format: $(VENV)/stamp-test ## Bring the code into its form.
	$(VENV)/bin/python -m ruff check --fix
	$(VENV)/bin/python -m ruff format

demo: $(DEMO)/stamp-demo ## Walk through custrec, in an environment and a folder of its own.
	@$(DEMO)/bin/custrec demo $(ARGS)

bench: $(VENV)/stamp-test ## Measure speed and memory; ARGS are for benchmarks/run.py.
	$(VENV)/bin/python benchmarks/run.py $(ARGS)

clean: ## Remove environments, caches and what was built.
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .grimp_cache
	find src tests benchmarks -type d -name __pycache__ -prune -exec rm -rf {} +

# A stamp is newer than pyproject.toml once that was installed, so that nothing is installed again without need.

$(VENV)/stamp-test: pyproject.toml
	@.ci/environment '$(VENV)' '$(PYTHON)'
	$(VENV)/bin/python $(PIP) --editable '.[test]'
	@touch $@

$(DEMO)/stamp-demo: pyproject.toml
	@.ci/environment '$(DEMO)' '$(PYTHON)'
	$(DEMO)/bin/python $(PIP) --editable .
	@touch $@
