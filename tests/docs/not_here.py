"""Commands of the documentation that a test cannot run, by their exact text, each with the reason."""

from __future__ import annotations

_REGISTRY = "it fetches packages from a registry"
_INSTALLS = (
    "it fetches packages from a registry; tests/release/test_installed.py installs the wheel where it is asked for"
)
_WHOLE = "it is what runs these tests, or takes as long as they do"
_SERVES = "it serves until somebody ends it; tests/cluster starts the same"
_NO_CLUSTER = "it needs the scheduler of the lines before it; tests/cluster/test_command.py runs the same"
_GPU = "it is for a machine with a GPU; tests/device shows what needs none"

NOT_HERE: dict[str, str] = {
    # README.md, CONTRIBUTING.md
    "make demo": "it makes .venv from a registry; tests/commands/test_demo_class.py grades its class",
    "make test": _WHOLE,
    "make lint": "it is the first part of `make test`",
    "make docs": "it installs into .venv from a registry; test_site.py builds the same site",
    "make learn": "it makes .venv from a registry; tests/terminal/test_start.py runs `grader start`",
    # docs/self-learner.md
    "grader check --watch": "it goes on until its user quits; tests/terminal plays that user",
    # docs/cluster.md
    "pip install 'grader[cluster]'": _REGISTRY,
    "dask scheduler --host 127.0.0.1 --port 8786 --no-dashboard &": _SERVES,
    "dask worker tcp://127.0.0.1:8786 --host 127.0.0.1 --nthreads 2 --memory-limit 0 --no-dashboard &": _SERVES,
    "grader autograde 04_softmax --cluster tcp://127.0.0.1:8786": _NO_CLUSTER,
    "dask scheduler --protocol tls --port 8786 --no-dashboard &": _SERVES,
    "dask worker tls://HOST:8786 --nthreads 8 --memory-limit 0 --no-dashboard &": _SERVES,
    "grader autograde 04_softmax --cluster tls://HOST:8786": _NO_CLUSTER,
    # docs/devices.md
    "pip install --no-deps --no-build-isolation -e .": _GPU,
    "python -m pytest tests/gpu": _GPU,
    "python -m benchmarks.gpu": _GPU,
    # docs/adopt.md, docs/release.md
    "pip install ~/course-kit": _REGISTRY,
    "make dist": "it makes .venv from a registry; tests/release builds the same files",
    "python3 -m venv env": _INSTALLS,
    'env/bin/pip install torch --index-url "$TORCH"': _INSTALLS,
    "env/bin/pip install -c constraints.txt dist/grader-0.1.0-py3-none-any.whl": _INSTALLS,
    "uv tool install --torch-backend cpu -c constraints.txt dist/grader-0.1.0-py3-none-any.whl": _INSTALLS,
    "uv tool install --torch-backend auto -c constraints.txt dist/grader-0.1.0-py3-none-any.whl": _INSTALLS,
    'uv tool install --find-links "$TORCH" -c constraints.txt dist/grader-0.1.0-py3-none-any.whl': _INSTALLS,
    'pipx install --pip-args="-c constraints.txt --find-links $TORCH" dist/grader-0.1.0-py3-none-any.whl': _INSTALLS,
    'pipx install --pip-args="-c constraints.txt" dist/grader-0.1.0-py3-none-any.whl': _INSTALLS,
    "GRADER_TEST_INSTALL=1 .venv/bin/pytest tests/release/test_installed.py": "it takes minutes and a registry",
}
