"""nbgrader's formgrader, as a TA uses it: what is pressed, filled in and read."""

from __future__ import annotations

from typing import Any

from browser_class import ASSIGNMENT
from chromium import Browser
from served import Server

MODULE = "jupyter_server"
OPTIONS = (
    "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
    "--ServerApp.default_url=/formgrader",
)

PANELS = "#notebook [role=group][aria-label^=Result]"
_SUBMITTED = "#main-table tr"


class FormgraderPage:
    """The pages of one assignment."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser, self.server = browser, server
        browser.open(server.at("login"))  # its cookie is what the pages' own requests bring along
        browser.the("h1", "Manage Assignments")

    def open_submissions(self) -> None:
        """`Manage Submissions`, with the rows of all students."""
        self.browser.open(f"{self.server.address}/formgrader/manage_submissions/{ASSIGNMENT}")
        self.browser.wait(lambda: self.browser.run("return models !== undefined && models.loaded"), "the submissions")

    def press(self, button: str, student: str) -> str:
        """Presses a student's `autograde` or `generate-feedback`; the words of the dialog that comes of it."""
        row = next(each for each in self.browser.all(_SUBMITTED) if self._of(each, ".student-id") == student)
        row.find_element("css selector", f".{button} a").click()
        dialog = self.browser.the(".modal.in")
        words = " ".join(
            each.get_property("textContent") for each in self.browser.all_in(dialog, ".modal-title, .modal-body")
        )
        self.browser.run("$('.modal.in').removeClass('fade').modal('hide')")  # without its slow going
        self.browser.wait(lambda: not self.browser.all(".modal, .modal-backdrop"), "the dialog is gone")
        return " ".join(words.split())

    def scores(self) -> dict[str, str]:
        """{student: `4 / 8`} of those who have one, as the list shows them."""
        rows = self.browser.wait(self._fetched, "the rows after a change")
        return {self._of(each, ".student-id"): self._of(each, ".score") for each in rows if self._of(each, ".score")}

    def _fetched(self) -> list[Any]:
        rows = self.browser.all(_SUBMITTED)
        return rows if all(self._of(each, ".student-id") for each in rows) else []

    def open_submission(self, identifier: str) -> None:
        self.browser.open(f"{self.server.address}/formgrader/submissions/{identifier}/")
        self.browser.wait(lambda: self.browser.run(_READY), "grades and comments in their boxes")

    def panels(self) -> list[str]:
        return [each.text for each in self.browser.all(PANELS)]

    def fill(self, box: str, text: str) -> None:
        """Fills in a box by its id, leaves it as a person does, and waits until formgrader says that it is saved."""
        from selenium.webdriver.common.keys import Keys

        element = self.browser.driver.find_element("id", box)
        self.browser.run("window.saved = 0; $(document).one('finished_saving', () => { window.saved = 1 })")
        element.clear()
        element.send_keys(text, Keys.TAB)
        self.browser.wait(lambda: self.browser.run("return window.saved"), f"{box} is saved")

    def filled(self, box: str) -> str:
        return str(self.browser.driver.find_element("id", box).get_property("value"))

    def _of(self, row: Any, css: str) -> str:
        return " ".join(each.text for each in self.browser.all_in(row, css))


_READY = "return Boolean(formgrader.grades?.loaded && formgrader.comments?.loaded)"
