PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
OUT ?= out
GOLD ?= tests/gold
PIP_FLAGS := --quiet --disable-pip-version-check -c .ci/constraints.txt

.PHONY: help setup run test lint eval floors bench fuzz faults train notebooks clean

help: ## list what make can do
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/run.stamp: setup.cfg pyproject.toml .ci/constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install $(PIP_FLAGS) -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp
	$(BIN)/pip install $(PIP_FLAGS) -e '.[dev]'
	@touch $@

setup: $(VENV)/run.stamp ## make .venv and install planpipe from this checkout

run: setup ## parse the sample corpus into OUT (default: out)
	$(BIN)/planpipe run corpora/sample --out $(OUT)

lint: $(VENV)/dev.stamp ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint ## lint, then all tests
	$(BIN)/pytest -n auto

eval: $(VENV)/dev.stamp ## score against GOLD (default: tests/gold), with the errors by layer
	$(BIN)/python -m tests.evaluate $(GOLD) --errors all

floors: $(VENV)/dev.stamp ## raise the quality floors to today's scores, count anew what rules are worth
	$(BIN)/python -m tests.evaluate tests/gold --floors --confidence

train: setup ## train the shipped theme model from corpora/themes
	$(BIN)/planpipe train corpora/themes/sentences.csv corpora/themes/none.csv \
		--held-out corpora/themes/heldout.csv --notes corpora/themes/NOTES.md --out models/themes

notebooks: $(VENV)/dev.stamp ## run the notebooks, write them with their outputs to build/notebooks as web pages
	$(BIN)/jupyter nbconvert --to html --execute --output-dir build/notebooks notebooks/*.ipynb

bench: $(VENV)/dev.stamp ## print ratios against peers and limits
	for name in start read web extract pace themes linear duplicates report; do $(BIN)/python -m tests.bench.$$name || exit 1; done

fuzz: $(VENV)/dev.stamp ## read 2,000 damaged files of each format (an hour)
	$(BIN)/python -m tests.bench.fuzz

faults: $(VENV)/dev.stamp ## kill, fill and take away what a run needs, 20 times each
	FAULTS=20 $(BIN)/pytest tests/test_faults.py tests/test_workers.py tests/test_cluster.py

clean: ## remove what make has made
	rm -rf $(VENV) $(OUT) build *.egg-info
