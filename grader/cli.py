"""The commands, nothing else: each turns its arguments into one call and its result into words and an exit code."""

from __future__ import annotations

import errno
import gc
import signal
import sys
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from grader import signs
from grader.interrupts import Interrupted, hear_no_more, raise_interrupted

if TYPE_CHECKING:
    from grader.autograde import ClassResult

app = typer.Typer(
    name="grader",
    help="A course kit: notebooks that teach, answers graded in a jail, plain nbgrader for the staff.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

author = typer.Typer(help="For those who write the course.", no_args_is_help=True)
app.add_typer(author, name="author")

Policy = Annotated[str, typer.Option(help="require: refuse to run code behind missing walls; warn: go on, loudly")]

On = Annotated[str, typer.Option("--device", help="where answers run: cpu, cuda, or auto, a GPU if one answers")]


def _tell_version(wanted: bool) -> None:
    if wanted:
        import grader

        typer.echo(f"grader {grader.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="print the version, and end")
    ] = False,
) -> None:
    """Options of the program itself; each ends it."""


@app.command()
def release(
    names: Annotated[list[str] | None, typer.Argument(help="assignments; all of the course by default")] = None,
) -> None:
    """Build `assignments/` (what students get) from `source/`, through nbgrader."""
    from grader import course
    from grader.folder import CourseFolder
    from grader.release import release as build

    for each in build(CourseFolder.find(), tuple(names or course.assignments())):
        typer.echo(f"{each.assignment}: {each.points:g} points, {each.folder}")


@app.command()
def adopt(
    folder: Annotated[Path | None, typer.Argument(help="an nbgrader course; this folder by default")] = None,
    course: Annotated[Path | None, typer.Option(help="the kit's checkout, if this program is not run from it")] = None,
    assignment: Annotated[list[str] | None, typer.Option(help="only this one; may be repeated")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be done, and do nothing")] = False,
) -> None:
    """Take the kit's assignments into an nbgrader course that has others, which stay as they are."""
    from grader.adopt import adopt as take_in
    from grader.adopt import plan, told

    planned = plan(folder, course, tuple(assignment or ()))
    if not dry_run:
        take_in(planned)
    for line in told(planned, done=not dry_run):
        typer.echo(line)


@app.command()
def start(
    folder: Annotated[Path | None, typer.Argument(help="a folder of your own; ~/logreg-by-hand by default")] = None,
    course: Annotated[Path | None, typer.Option(help="where the course lies, if not here")] = None,
) -> None:
    """Lay the assignments out in a folder of your own, to learn by yourself. Again after an update of the course.

    What you changed is never overwritten: a new version of it comes beside it.
    """
    from grader.achieved import Achieved
    from grader.learner.start import start as lay_out
    from grader.learner.start import told

    for line in told(lay_out(folder, course), Achieved().place()):
        typer.echo(line)


@app.command()
def check(
    path: Annotated[
        Path | None, typer.Argument(help="a notebook, a .py file or a folder with one; this folder by default")
    ] = None,
    assignment: Annotated[str | None, typer.Option(help="which one it answers, where its name does not tell")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="check again at every save, until you quit")] = False,
    json: Annotated[bool, typer.Option("--json", help="print the verdict as JSON")] = False,
    policy: Policy = "warn",
    device: On = "auto",
) -> None:
    """Grade your own work here and now. Exit code 1: points are missing, 2: it could not be checked."""
    from grader.learner.own_work import OwnWorkError, find_work

    if watch and json:
        raise OwnWorkError("--json prints one document, --watch goes on until you quit: give one of them")
    if watch:
        from grader.watch import watch as watch_work

        raise typer.Exit(watch_work(find_work(path, assignment), policy=policy, device=device))
    from grader.learner.check import check_in_json, check_in_words

    if json:
        verdict = check_in_json(lambda: find_work(path, assignment), policy=policy, device=device)
    else:
        verdict = check_in_words(find_work(path, assignment), policy=policy, device=device)
    if verdict.problem:
        raise typer.Exit(2)
    raise typer.Exit(0 if verdict.points == verdict.max_points else 1)


@app.command()
def hint(
    exercise: Annotated[str, typer.Argument(help="an exercise")],
    more: Annotated[bool, typer.Option("--more", help="also explain it")] = False,
) -> None:
    """Show a hint for an exercise; once your answer has full points, the course's own answer, to compare."""
    from grader.learner.hint import show_hint

    show_hint(exercise, more=more)


@app.command()
def autograde(
    name: Annotated[str, typer.Argument(help="an assignment")],
    student: Annotated[list[str] | None, typer.Option(help="only this student; may be repeated")] = None,
    jobs: Annotated[int, typer.Option(help="submissions graded at once; 0: one for each core")] = 0,
    policy: Policy = "require",
    device: On = "auto",
    force: Annotated[bool, typer.Option(help="grade those again that have not changed since they were graded")] = False,
    cluster: Annotated[str | None, typer.Option(help="address of a Dask scheduler whose workers judge")] = None,
    json: Annotated[bool, typer.Option("--json", help="print what the run came to as JSON; see docs/run.md")] = False,
) -> None:
    """Grade `submitted/*/NAME` into the gradebook and `autograded/`; what has not changed keeps its points.

    Ctrl-C ends it after what was judged is recorded, a second one at once; the next run goes on from there.
    """
    from grader.run import grade_class, in_json, in_tables, stopped

    def grade() -> ClassResult:
        return grade_class(
            name, tuple(student or ()), jobs=jobs, policy=policy, force=force, cluster=cluster, device=device
        )

    result = (in_json if json else in_tables)(name, grade)
    if result.interrupted:
        _stop(stopped(result), 130)
    if result.failures:
        raise typer.Exit(1)


@app.command()
def feedback(name: Annotated[str, typer.Argument(help="an assignment")]) -> None:
    """Write what students get back, through nbgrader, to `feedback/`."""
    from grader.feedback import feedback as write
    from grader.folder import CourseFolder

    count = write(CourseFolder.find(), name)
    typer.echo(f"feedback for {count} {'student' if count == 1 else 'students'} is in feedback/")


@app.command()
def report(
    name: Annotated[str, typer.Argument(help="an assignment")],
    to: Annotated[Path | None, typer.Option(help="file to write; reports/NAME.html by default")] = None,
    json: Annotated[bool, typer.Option("--json", help="print the same facts as JSON; see docs/report.md")] = False,
) -> None:
    """Write one page for teachers: how a class did, what it misunderstood, which answers are alike."""
    from grader.folder import CourseFolder
    from grader.report.write import print_report, write_report

    if json:
        print_report(CourseFolder.find(), name)
    else:
        typer.echo(f"report on {name}: {write_report(CourseFolder.find(), name, to)}")


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="an assignment of the gradebook, the kit's or any other")],
    form: Annotated[str, typer.Option("--format", help="csv, canvas, moodle, gradescope, junit or otter-json")] = "csv",
    to: Annotated[Path | None, typer.Option(help="file to write; in exports/ by default")] = None,
    roster: Annotated[Path | None, typer.Option(help="the file that Canvas or Moodle exported, to fill in")] = None,
    column: Annotated[str, typer.Option(help="header in the roster that takes the points, if not found")] = "",
    groups: Annotated[Path | None, typer.Option(help="CSV file with the columns student and group")] = None,
    student: Annotated[list[str] | None, typer.Option(help="only this student; may be repeated")] = None,
    autograder: Annotated[
        bool, typer.Option("--gradescope-autograder", help="instead: a zip that lets Gradescope grade NAME")
    ] = False,
    classroom: Annotated[
        bool,
        typer.Option(
            "--github-classroom", help="instead: a template repository for GitHub, answered by the visible tests"
        ),
    ] = False,
) -> None:
    """Write the points of a class in a form that other systems read; docs/export.md says which holds what."""
    from grader.export import command
    from grader.export.selection import Selection

    target = command.target(autograder=autograder, classroom=classroom)
    chosen = Selection(name, tuple(student or ()), roster, groups, column)
    for line in command.export(chosen, form=form, to=to, target=target):
        typer.echo(line)


@app.command()
def roster(
    file: Annotated[Path | None, typer.Argument(help="a CSV file with a line for each student")] = None,
    column: Annotated[str, typer.Option("--id", help="header of the column that holds the ids, if not found")] = "",
    json: Annotated[bool, typer.Option("--json", help="print who is there as JSON")] = False,
) -> None:
    """Take students' names from a CSV file into the gradebook; without a file, list who is there and who is missing."""
    from grader.folder import CourseFolder
    from grader.roster import print_roster, roster, show_roster, show_taken, take_in

    folder = CourseFolder.find()
    taken = take_in(folder, file, column) if file else None
    found = roster(folder)
    if json:
        print_roster(found)
    elif taken:
        show_taken(taken, found)
    else:
        show_roster(found)


class Source(StrEnum):
    """Data that can be fetched."""

    MNIST = "mnist"


@app.command()
def data(
    what: Annotated[Source, typer.Argument(help="mnist: the real MNIST; the digits need no download")],
    to: Annotated[Path | None, typer.Option(help="folder to put it into; your data folder by default")] = None,
    url: Annotated[str | None, typer.Option(help="another address of the same file")] = None,
) -> None:
    """Fetch a data set: resumes a broken download, and verifies it before it is used."""
    from grader.fetch import MNIST_URL, fetch_mnist

    typer.echo(f"verified: {fetch_mnist(to, url or MNIST_URL)}")


@app.command()
def demo(
    folder: Annotated[Path | None, typer.Argument(help="an empty folder to use; a temporary one by default")] = None,
) -> None:
    """A whole course in two minutes: released, handed in by a small class, graded, fed back."""
    from grader.demo import demo as run

    run(folder)


@app.command()
def doctor(json: Annotated[bool, typer.Option("--json", help="print what was found as JSON")] = False) -> None:
    """Say what this machine offers: isolation that was really tried, versions. Exit code 1 when it may not grade."""
    from grader.doctor import doctor as examine

    if not examine(as_json=json):
        raise typer.Exit(1)


@author.command("check")
def check_the_course(
    names: Annotated[list[str] | None, typer.Argument(help="assignments; all of the course by default")] = None,
) -> None:
    """Check that index, notebooks, suites, solutions and mistakes agree and hold. Exit code 1 when they do not."""
    from grader import course
    from grader.author.check import check_course
    from grader.folder import CourseFolder

    if not check_course(CourseFolder.find(), tuple(names or course.assignments())):
        raise typer.Exit(1)


@author.command("judge")
def judge_loose_answers(
    exercise: Annotated[str, typer.Argument(help="an exercise")],
    files: Annotated[list[Path], typer.Argument(help="files, each the source of one cell that answers it")],
) -> None:
    """Grade loose answers with the hidden suite, to see how it judges what it has not seen before."""
    from grader.author.loose import show_judged
    from grader.folder import CourseFolder

    show_judged(CourseFolder.find(), exercise, files)


def main() -> NoReturn:
    """Runs a command; what a user can mend ends in one sentence on stderr and exit code 2."""
    signal.signal(signal.SIGINT, raise_interrupted)
    gc.set_threshold(50_000)  # nearly all that a command makes stays: libraries, which take a tenth longer by 700
    # jsonschema would build a grammar of web addresses, for 1.5 s, of which no notebook's schema has any
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    signs.register()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=signs.NAME)  # a name that a terminal cannot show stops nothing
    try:
        app(standalone_mode=True)
    except Interrupted as interrupted:
        hear_no_more()
        _stop(str(interrupted), 130)
    except Exception as error:
        words = _words(error)
        if words is None:
            raise
        _stop(words, 2)
    sys.exit(0)


def _words(error: Exception) -> str | None:
    """What an error tells the user: the kit's own were written for them, and files can be missing, full or closed."""
    if isinstance(error, OSError) and error.errno in _DISK:
        where = error.filename or "a file"
        return f"{where} cannot be written: {error.strerror}; {_DISK[error.errno]}, and run the command again"
    is_plain = type(error).__module__.startswith("grader.") or isinstance(error, FileNotFoundError | PermissionError)
    return str(error) if is_plain else None


_DISK = {errno.ENOSPC: "make room there", errno.EDQUOT: "make room there", errno.EROFS: "write it elsewhere"}


def _stop(words: str, code: int) -> NoReturn:
    from grader.panel.plain import inert

    typer.secho(f"grader: {inert(words)}", err=True, fg=typer.colors.RED)
    sys.exit(code)
