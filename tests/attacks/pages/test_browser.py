"""The pages in a real browser: feedback, and formgrader as a logged-in TA sees it. Nothing runs, no request leaves."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune

ASSIGNMENT = "04_softmax"
TOKEN = "of-the-ta"
STUDENTS = ("texts", "outputs", "notes")
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

selenium = pytest.importorskip("selenium.webdriver", reason="selenium is not installed: pip install '.[dev]'")
if not (CHROMIUM and DRIVER):
    pytest.skip("there is no chromium with chromedriver on this machine", allow_module_level=True)

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # the CDNs of nbconvert's pages fail at once
)
LINKS = "return [...document.querySelectorAll('#notebook a')].map(a => a.protocol)"
HARMLESS = {"http:", "https:", "mailto:", "file:", "attachment:", ":"}
"""Schemes that run nothing: nobody answers for `attachment:`, and nbgrader's own anchors have none."""

LOADED = "return [...document.querySelectorAll('#notebook img')].map(i => i.complete && i.naturalWidth > 0)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[Any]:
    options = selenium.ChromeOptions()
    options.binary_location = CHROMIUM
    options.page_load_strategy = "normal"
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    driver = selenium.Chrome(options=options, service=selenium.ChromeService(DRIVER))
    driver.set_page_load_timeout(60)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def formgrader(hostile) -> Iterator[str]:
    """The address of a Jupyter server with nbgrader's formgrader in the course folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--port={port}"),
        *("--ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}"),
        "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
    ]
    log = (hostile.root / "server.log").open("wb")
    server = subprocess.Popen(command, cwd=hostile.root, stdout=log, stderr=log, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api?token={TOKEN}", server)
        yield address
    finally:
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
        log.close()


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "the server ended"
        try:
            urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the server did not answer")


def submission_id(root: Any, student: str) -> str:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        return str(book.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student).id)


def pwned(browser: Any) -> bool:
    return browser.execute_script("return window.__pwned !== undefined")


def assert_nothing_acts(browser: Any, listener: Any) -> None:
    assert not pwned(browser)
    assert set(browser.execute_script(LINKS)) <= HARMLESS
    _click_what_looks_like_the_figure(browser)
    assert not pwned(browser)
    assert listener.seen == []


def _click_what_looks_like_the_figure(browser: Any) -> None:
    """All links of the hostile texts, without leaving the page: a script address would run in it."""
    browser.execute_script(
        "document.addEventListener('click', e => { const a = e.target.closest('a');"
        " if (a && a.protocol !== 'javascript:') e.preventDefault() });"
        " document.querySelectorAll('#notebook a').forEach(a => a.click())"
    )


@pytest.mark.parametrize("student", STUDENTS)
def test_a_feedback_page_does_nothing(hostile, browser, listener, student):
    listener.seen.clear()
    browser.get(hostile.page(student).as_uri())
    assert_nothing_acts(browser, listener)
    assert len(browser.find_elements("css selector", ".grader-panel")) >= 3


@pytest.mark.parametrize("student", STUDENTS)
def test_formgraders_page_does_nothing_and_its_score_boxes_work(hostile, browser, listener, formgrader, student):
    listener.seen.clear()
    browser.get(f"{formgrader}/formgrader/submissions/{submission_id(hostile.root, student)}/?token={TOKEN}")
    assert browser.title == ASSIGNMENT
    assert_nothing_acts(browser, listener)
    box = browser.find_element("id", "test_softmax")
    assert box.tag_name == "input"
    assert box.is_displayed()
    assert browser.find_element("id", "softmax-comment").tag_name == "textarea"


def test_an_honest_notebook_keeps_its_pictures_tables_and_links(hostile, browser):
    browser.get(hostile.page("notes").as_uri())
    # the student's two: the lesson's own figures, the same for everybody, are not drawn while a class is graded
    assert browser.execute_script(LOADED) == [True, True]
    assert browser.execute_script("return document.querySelectorAll('#notebook h1').length") >= 1
    assert "https:" in browser.execute_script(LINKS)


def test_formgraders_list_of_submissions_answers_although_a_time_is_a_pipe(formgrader):
    with urlopen(f"{formgrader}/formgrader/api/submissions/{ASSIGNMENT}?token={TOKEN}", timeout=60) as reply:
        students = {each["student"] for each in json.load(reply)}
    assert {"ada", "files"} <= students


@pytest.mark.parametrize(
    "name",
    ["script", "handler", "svg", "iframe", "refresh", "style", "stylesheet", "quoted", "picture from elsewhere"],
)
def test_control_the_same_text_acts_when_nbconvert_renders_it(browser, listener, tmp_path, tools, name):
    listener.seen.clear()
    text = tools.TEXTS[name].replace("EVIL", f"http://127.0.0.1:{listener.server_port}")
    page = tmp_path / "page.html"
    page.write_text(f"<!DOCTYPE html><body><div id=notebook>{markdown2html_mistune(text)}</div>")
    browser.get(page.as_uri())
    for _ in range(50):
        if listener.seen or pwned(browser):
            break
        time.sleep(0.1)
    assert listener.seen or pwned(browser)


def test_control_an_anchor_takes_the_score_box_when_nbconvert_renders_it(tools):
    html = markdown2html_mistune(tools.TEXTS["anchor"])
    assert re.findall(r'id="([^"]+)"', html) == ["test_softmax", "softmax-comment"]
