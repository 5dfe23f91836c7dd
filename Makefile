# Everything a fresh machine needs is Python 3.11 or newer, pip and make.
PYTHON ?= python3
BIN := .venv/bin
# one more than cores: many tests wait for a limit of time
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.PHONY: learn demo test lint bytecode bench docs dist clean

# a folder of one's own with all assignments in it
learn: .venv/ready
	$(BIN)/grader start

demo: .venv/ready
	$(BIN)/grader demo

# tests/workers.py says which tests stay together; a plain `pytest` runs the same tests one after another
test: .venv/ready
	$(MAKE) --jobs 2 lint bytecode
	$(BIN)/pytest -n $(WORKERS) --maxprocesses 8

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check grader tests backend
	$(BIN)/mypy

# hundreds of processes load the kit, many of which may not write byte code; the tests' own, with pytest's assertions
# in it, takes each worker as long to make as all else of its start. What cannot be collected, the run itself tells
bytecode: .venv/ready
	$(BIN)/python -m compileall -q grader
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -qq --collect-only > /dev/null 2>&1 || true

bench: .venv/ready
	$(BIN)/python -m benchmarks

# the documentation site, in build/site
docs: .venv/ready
	$(BIN)/python -m sphinx -q -W --keep-going -b html -d build/doctrees docs build/site

# an sdist and a wheel, the same bytes wherever the same files are built; see docs/release.md
dist: .venv/ready
	rm -rf build dist
	$(BIN)/python -m build --no-isolation

# a bare torch would take gigabytes of CUDA packages: the constraints pin the plain build
.venv/ready: pyproject.toml constraints.txt
	@echo "installing what is pinned in constraints.txt into .venv: about 2 GB, some minutes without a word"
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet torch -c constraints.txt
	$(BIN)/pip install --quiet -e '.[dev]' -c constraints.txt
	touch $@

clean:
	rm -rf .venv build dist *.egg-info
