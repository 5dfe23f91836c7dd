"""Lists of students as they come: from nbgrader, Moodle, Canvas and spreadsheets, whole and broken."""

from __future__ import annotations

import pytest

from grader.roster_file import MAX_ROWS, Entry, RosterError, read_roster

ADA = Entry("ada", "Ada", "Lovelace", "ada@x.org")

FORMS = {
    "nbgrader": b"id,last_name,first_name,email,lms_user_id\nada,Lovelace,Ada,ada@x.org,17\n",
    "moodle": b"First name,Last name,ID number,Email address\nAda,Lovelace,ada,ada@x.org\n",
    "moodle in german": "Vorname;Nachname;ID-Nummer;E-Mail-Adresse\nAda;Lovelace;ada;ada@x.org\n".encode("utf-8-sig"),
    "canvas": b'Student,ID,SIS Login ID,Section,email\n    Points Possible,,,,\n"Lovelace, Ada",4711,ada,1,ada@x.org\n',
    "names in one": b"name,username,email\nAda Lovelace,ada,ada@x.org\n",
    "tabs": "id\tFirst Name\tSurname\tE-Mail\r\nada\tAda\tLovelace\tada@x.org\r\n".encode("utf-16"),
    "quoted": b'"id";"first_name";"last_name";"email"\n"ada";"Ada";"Lovelace";"ada@x.org"\n\n',
    "spaces": b" id , first_name , last_name , email \n ada , Ada , Lovelace , ada@x.org \n",
    "twice the same": b"id,first_name,last_name,email\n" + 2 * b"ada,Ada,Lovelace,ada@x.org\n",
    "old macintosh": b"id,first_name,last_name,email\rada,Ada,Lovelace,ada@x.org\r",
}


@pytest.fixture
def write(tmp_path):
    def write(content: bytes):
        path = tmp_path / "list.csv"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("form", FORMS)
def test_a_list_is_read_in_whatever_form_it_comes(write, form):
    assert read_roster(write(FORMS[form])).entries == (ADA,)


def test_ids_alone_are_a_list_too(write):
    assert read_roster(write(b"student\nada\nbob\n")).entries == (Entry("ada"), Entry("bob"))


def test_lines_without_an_id_are_told_by_number(write):
    assert read_roster(write(b"id,email\nada,\n,x@y.z\n\n,z@y.x\n")).without_id == (3, 5)


def test_the_column_of_the_ids_can_be_named(write):
    listed = read_roster(write(b"id,Kennung\n1,ada\n"), "Kennung")
    assert (listed.entries, listed.column) == ((Entry("ada"),), "Kennung")


def test_a_short_line_tells_what_it_has(write):
    assert read_roster(write(b"id,first_name,last_name\nada,Ada\n")).entries == (Entry("ada", "Ada"),)


BROKEN = {
    b"": "`list.csv` is empty. Its first line has to name the columns: id,first_name,last_name,email",
    b"id,email\n": "`list.csv` names no student. Write one in each line below the headers.",
    b"colour,email\nred,x\n": "none of the columns of `list.csv` is known to hold the ids (`colour`, `email`); "
    "name the right one with --id COLUMN",
    b"id,name\n\xff,x\n": "`list.csv` is not UTF-8 text (line 2). Save it as CSV with the encoding UTF-8.",
    b'id,name\n"ada"x,Ada\n': "`list.csv` is no CSV (line 2: ',' expected after '\"'). Export it again.",
    b"id,email\na*b,x\n": "`list.csv` was not taken in: line 2: `a*b` cannot name a folder in submitted/: the id holds "
    "asterisk (U+002A). Correct it: letters, digits and . _ - + @ ' are allowed. Correct the file and run this again.",
    b"id,email\nada,x\nada,y\n": "`list.csv` was not taken in: line 3: `ada` is in line 2 too, with another name or "
    "address. Correct the file and run this again.",
    b"id,email\nada,"
    + b"x" * 129
    + b"\n": "`list.csv` was not taken in: line 2: the email has more than 128 characters. "
    "Correct the file and run this again.",
}


@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_list_is_refused_with_the_line_and_the_remedy(write, content):
    with pytest.raises(RosterError) as refused:
        read_roster(write(content))
    assert str(refused.value) == BROKEN[content]


def test_of_very_many_faults_the_first_are_told(write):
    with pytest.raises(RosterError, match=r"line 6: .*; and 3 more\. Correct the file"):
        read_roster(write(b"id\n" + b"".join(b"*%d\n" % n for n in range(8))))


def test_a_column_that_is_not_there_is_told_with_those_that_are(write):
    with pytest.raises(RosterError, match=r"`list\.csv` has no column `Kennung`; it has `id`, `email`"):
        read_roster(write(b"id,email\n"), "Kennung")


def test_a_list_of_very_many_columns_names_the_first(write):
    with pytest.raises(RosterError, match="`c11` and 8 more"):
        read_roster(write(",".join(f"c{n}" for n in range(20)).encode()))


def test_a_file_that_is_none_or_far_too_long_is_refused(write, tmp_path):
    for path in (tmp_path, tmp_path / "missing.csv"):
        with pytest.raises(RosterError, match="cannot be read: it is no file, cannot be opened, or is too large"):
            read_roster(path)
    with pytest.raises(RosterError, match="more than 100,000 lines"):
        read_roster(write(b"id\n" + b"a\n" * (MAX_ROWS + 1)))


def test_a_hostile_name_is_told_as_text(write):
    with pytest.raises(RosterError) as refused:
        read_roster(write("id\n\x1b[2J\u202eada\n".encode()))
    assert str(refused.value).isprintable()
