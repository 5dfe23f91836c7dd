"""`grader report` and `grader roster` as they are typed."""

from __future__ import annotations

import json
import stat

import pytest
from classroom import ASSIGNMENT
from tests_support import run_grader

from grader.report.write import NoPlaceError, print_report, write_report


def test_the_page_is_written_for_its_owner_alone(folder):
    done = run_grader(folder.root, "report", ASSIGNMENT)
    path = folder.root / "reports" / f"{ASSIGNMENT}.html"
    assert (done.returncode, done.stdout, done.stderr) == (0, f"report on {ASSIGNMENT}: {path}\n", "")
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_another_place_can_be_named_and_no_draft_stays(folder, tmp_path):
    write_report(folder, ASSIGNMENT, tmp_path / "there" / "page.html")
    assert [each.name for each in (tmp_path / "there").iterdir()] == ["page.html"]


def test_a_folder_is_no_place_for_a_page(folder, tmp_path):
    with pytest.raises(NoPlaceError, match="is a folder; name a file in it"):
        write_report(folder, ASSIGNMENT, tmp_path)


def test_json_is_one_document_on_stdout(class_folder, capsys):
    print_report(class_folder, ASSIGNMENT)
    assert json.loads(capsys.readouterr().out)["assignment"] == ASSIGNMENT


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["report", "nope"], "grader: there is no assignment `nope`; the course has 01_tensors,"),
        (["report", "03_losses"], "grader: nobody's `03_losses` is graded yet; run `grader autograde 03_losses`"),
        (["roster", "missing.csv"], "grader: `missing.csv` cannot be read: it is no file, cannot be opened,"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(class_folder, arguments, words):
    done = run_grader(class_folder.root, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(words)
    assert len(done.stderr.splitlines()) == 1


def test_a_list_taken_in_gives_the_report_its_names(folder):
    (folder.root / "list.csv").write_text("id;Vorname;Nachname\ndora;Dora;Maar\n", encoding="utf-8-sig")
    done = run_grader(folder.root, "roster", "list.csv")
    assert done.stdout.startswith("0 new, 1 changed, 0 as before; ids from the column `id`\n")
    assert "<bdi>Maar, Dora</bdi>" in write_report(folder, ASSIGNMENT).read_text(encoding="utf-8")
