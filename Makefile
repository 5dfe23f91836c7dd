# Everything a fresh machine needs is Python 3.11 or newer, pip and make.
PYTHON ?= python3
BIN := .venv/bin
# one for each core
WORKERS ?= auto

.PHONY: learn demo test lint bench clean

# a folder of one's own with all assignments in it
learn: .venv/ready
	$(BIN)/grader start

demo: .venv/ready
	$(BIN)/grader demo

# tests/workers.py says which tests stay together; a plain `pytest` runs the same tests one after another
test: .venv/ready lint
	$(BIN)/python -m compileall -q grader # hundreds of processes load it, many of which may not write byte code
	$(BIN)/pytest -n $(WORKERS) --maxprocesses 8

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check grader tests
	$(BIN)/mypy

bench: .venv/ready
	$(BIN)/python -m benchmarks

# a bare torch would take gigabytes of CUDA packages: the constraints pin the plain build
.venv/ready: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet torch -c constraints.txt
	$(BIN)/pip install --quiet -e '.[dev]' -c constraints.txt
	touch $@

clean:
	rm -rf .venv build dist *.egg-info
