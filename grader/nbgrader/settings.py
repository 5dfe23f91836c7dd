"""What a course has configured in nbgrader itself, read so that the kit's part can be put beside it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from traitlets.config.loader import JSONFileConfigLoader, LazyConfigValue, PyFileConfigLoader
from traitlets.utils.importstring import import_item

from grader.folder import CONFIG, CourseFolder

_OURS = {
    "Autograde": ("autograde_preprocessors", "exporter_class", "sanitize_preprocessors"),
    "CourseDirectory": ("release_directory",),
    "GenerateAssignment": ("preprocessors",),
    "GenerateFeedback": ("exporter_class",),
    "HTMLExporter": ("preprocessors",),
}
"""What the kit sets, each beside what the course's own file has set before."""


def steps(c: Any, converter: Any, trait: str = "preprocessors") -> list[Any]:
    """A converter's list of preprocessors as the course has configured it so far, else as nbgrader's version has it."""
    stock: list[Any] = converter.class_traits()[trait].default()
    own = c[converter.__name__].get(trait, stock)
    if isinstance(own, LazyConfigValue):  # `c.Autograde.autograde_preprocessors.append(…)`
        own = own.get_value(list(stock))
    return imported(own)


def imported(steps: Iterable[Any]) -> list[Any]:
    """The steps, those that are named by a text as what the text names."""
    return [import_item(each) if isinstance(each, str) else each for each in steps]


def without(step: type, steps: Iterable[Any]) -> list[Any]:
    """The steps but for one, which a configuration that is read twice already holds."""
    return [each for each in steps if each is not step]


def in_place_of(steps: list[Any], base: type, step: type) -> tuple[list[Any], list[Any]]:
    """The steps that derive from a class, and all steps with one in the place of the first of those, or at the head."""
    theirs = [each for each in steps if isinstance(each, type) and issubclass(each, base)]
    place = steps.index(theirs[0]) if theirs else 0
    rest = [each for each in steps if each not in theirs]
    return theirs, [*rest[:place], step, *rest[place:]]


def release_directory(c: Any) -> str:
    """Where this course keeps what students get: as configured, else where its folder says so."""
    configured = c.CourseDirectory.get("release_directory")
    if isinstance(configured, str):
        return configured
    root = c.CourseDirectory.get("root")
    here = Path(root) if isinstance(root, str) and root else Path.cwd()
    return (CourseFolder.around(here) or CourseFolder(here)).releases.name


def set_elsewhere(folder: CourseFolder, others: Iterable[str]) -> tuple[str, Path] | None:
    """A setting of those the kit makes that nbgrader finds in another file than the course's own, and that file.

    others: the folders in which it looks beside the course's. One file knows nothing of another, and JSON overrules
    Python.
    """
    json = Path(CONFIG).with_suffix(".json").name
    places = [Path(each) for each in others if Path(each).resolve() != folder.root]
    files = [folder.root / json, *(place / name for place in places for name in (CONFIG, json))]
    for file in files:
        config = _read(file) if file.is_file() else {}
        for section, names in _OURS.items():
            for name in names:
                if name in config.get(section, {}):
                    return f"{section}.{name}", file
    return None


def _read(file: Path) -> Any:
    loader = JSONFileConfigLoader if file.suffix == ".json" else PyFileConfigLoader
    return loader(file.name, path=str(file.parent)).load_config()
