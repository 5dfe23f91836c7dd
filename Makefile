# Everything a fresh machine needs is Python 3.11 or newer, pip and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint bench clean

demo: .venv/ready
	$(BIN)/grader demo

test: .venv/ready lint
	$(BIN)/pytest

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check grader tests
	$(BIN)/mypy

bench: .venv/ready
	$(BIN)/python benchmarks/class_of.py

# a bare torch would take gigabytes of CUDA packages: the constraints pin the plain build
.venv/ready: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet torch -c constraints.txt
	$(BIN)/pip install --quiet -e '.[dev]' -c constraints.txt
	touch $@

clean:
	rm -rf .venv build dist *.egg-info
