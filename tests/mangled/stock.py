"""Where stock nbgrader would stop: what it does with a submission before it runs one, without the kit."""

from __future__ import annotations

import logging
import re
import warnings

import nbformat
from nbgrader.nbgraderformat import MetadataValidator, reads


def stopped_by(content: bytes) -> str:
    """The kind of exception with which nbgrader's own reader and validator end; empty when they accept the file."""
    before = logging.root.manager.disable
    logging.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            MetadataValidator().validate_nb(reads(content.decode(), as_version=nbformat.current_nbformat))
    except Exception as error:  # whatever it is, a run ends there
        words = re.split(r"[:'\"\d]", str(error).split("\n")[0])[0]
        return f"{type(error).__name__} {words[:30].strip()}"
    finally:
        logging.disable(before)
    return ""
