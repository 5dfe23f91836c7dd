"""What travels to a cluster is what a judge needs of the course, and no more."""

from __future__ import annotations

import json
import stat
import zipfile
from io import BytesIO

import pytest
from handed_in import ASSIGNMENT

from grader.cluster.bundle import Bundle
from grader.folder import NotACourseError


@pytest.fixture
def bundle(folder) -> Bundle:
    return Bundle.of(folder, ASSIGNMENT)


def test_the_judge_finds_all_it_needs(folder, bundle, tmp_path):
    unpacked = bundle.unpack(tmp_path)
    unpacked.require(ASSIGNMENT)
    assert unpacked.seed(ASSIGNMENT) == folder.seed(ASSIGNMENT)
    assert unpacked.mistakes(ASSIGNMENT).read_bytes() == folder.mistakes(ASSIGNMENT).read_bytes()
    assert unpacked.released_notebook(ASSIGNMENT) == folder.released_notebook(ASSIGNMENT)


def test_it_holds_one_assignment_and_nobody_s_work(bundle):
    names = zipfile.ZipFile(BytesIO(bundle.archive)).namelist()
    assert all(ASSIGNMENT in name or name == ".grader/seeds.json" for name in names)
    assert not any("submitted" in name or "gradebook" in name for name in names)


def test_seeds_of_other_assignments_stay(folder, tmp_path):
    folder.seed("03_losses")
    unpacked = Bundle.of(folder, ASSIGNMENT).unpack(tmp_path)
    assert set(json.loads((unpacked.root / ".grader" / "seeds.json").read_text())) == {ASSIGNMENT}


def test_the_same_course_makes_the_same_bundle(folder, bundle):
    assert Bundle.of(folder, ASSIGNMENT) == bundle


def test_its_words_for_a_log_tell_nothing(bundle):
    assert repr(bundle) == "Bundle()"


def test_it_is_small_enough_to_go_with_every_submission(bundle):
    assert len(bundle.archive) < 100_000


def test_without_a_hidden_suite_the_remedy_is_named(course):
    from grader.folder import CourseFolder

    CourseFolder(course).hidden_suite(ASSIGNMENT).unlink()
    with pytest.raises(NotACourseError, match="copy the kit's tests/hidden"):
        Bundle.of(CourseFolder(course), ASSIGNMENT)


def test_the_folder_it_is_unpacked_into_is_closed_to_others(bundle, tmp_path, monkeypatch):
    from grader.cluster.den import Den

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    den = Den()
    bundle.unpack(den.path / "course")
    assert stat.S_IMODE(den.path.stat().st_mode) == 0o700
    den.close()
    assert not list(tmp_path.iterdir())
