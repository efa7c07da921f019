# `make` lists the tasks. Only Python 3.11 or newer, make and git are needed beforehand.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
# Tests start some hundred processes: each would compile all of shoal anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup system demo test coverage quick lint types format bench docs lowest newest lock clean

help:  ## list the tasks
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(VENV)/ready  ## make the environment from the lock file

$(VENV)/ready: requirements.lock pyproject.toml
	@test -x $(RUN)/python || $(PYTHON) -m venv $(VENV)
	@$(RUN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11) and "shoal needs Python 3.11 or newer: make PYTHON=python3.11 …")'
	$(RUN)/python -m pip --version >/dev/null 2>&1 || $(RUN)/python -m ensurepip >/dev/null
	$(RUN)/python -m pip install -q --disable-pip-version-check -r requirements.lock
	$(RUN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

system:  ## install what tests use beside Python (browser, databases), where that is possible
	@sh scripts/system.sh

demo: setup  ## segment a generated sample and say where the report is
	$(RUN)/shoal demo --out shoal-demo

test: setup system lint types  ## run every check and every test
	$(RUN)/python -m pytest -n 3 --dist loadfile

coverage: setup system  ## run every test and say which lines none of them reaches
	$(RUN)/python -m pytest -n 3 --dist loadfile --cov --cov-report term:skip-covered --cov-fail-under=90

quick: setup lint types  ## the fast checks, for the loop while writing
	$(RUN)/python -m pytest -q tests/test_house.py tests/text tests/stats tests/test_options.py tests/rfm/test_orders.py tests/interpret

lint: setup  ## style and formatting
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .

types: setup  ## type checks
	$(RUN)/mypy

format: setup  ## put the code into its format
	$(RUN)/ruff check --fix .
	$(RUN)/ruff format .

bench: setup  ## timings of small tables (more in bench/)
	$(RUN)/python bench/small.py

docs: setup  ## build the site of the documents into site/
	NO_MKDOCS_2_WARNING=1 $(RUN)/mkdocs build --quiet --strict

lowest: setup  ## run the tests with the lowest versions that are declared
	sh scripts/versions.sh $(RUN) lowest-direct

newest: setup  ## run the tests with the newest versions there are
	sh scripts/versions.sh $(RUN) highest

lock: setup  ## write the lock file anew
	$(RUN)/python -m pip install -q uv
	$(RUN)/uv pip compile -q --universal --python-version 3.11 --all-extras --group dev --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements.lock

clean:  ## remove what the tasks made
	rm -rf $(VENV) .venv-lowest-direct .venv-highest site .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage shoal-demo
