"""A fingerprint of this kit's own code: between releases its version says nothing."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_CODE = ("*.py", "*.toml", "*.css", "*.html")


@cache
def code_fingerprint() -> str:
    """SHA-256, in hexadecimal, of all that a result may depend on in this package."""
    package = Path(__file__).parent
    code = hashlib.sha256()
    for path in sorted(path for pattern in _CODE for path in package.rglob(pattern)):
        code.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return code.hexdigest()
