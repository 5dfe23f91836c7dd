"""A notebook in JupyterLab, as the one who works in it uses it: by mouse, keyboard and what is to be read."""

from __future__ import annotations

from typing import Any

from chromium import Browser
from served import Server

# lines as they are in the editor: what an element's text gives has blank lines where a long line is wrapped
_SOURCE = "return [...arguments[0].querySelectorAll('.cm-line')].map(each => each.textContent).join('\\n')"
_PROMPT = "return arguments[0].querySelector('.jp-InputPrompt').textContent"
_COMMANDS = "return window.jupyterapp.commands"
_STOPS = 12
"""A cell's own toolbar comes before its output."""

_MIDDLE = "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})"

PANELS = ".jp-OutputArea [role=group]:is([aria-label^=Result], [aria-label^=Hint])"
OPTIONS = ("--LabApp.news_url=None", "--LabApp.extension_manager=readonly", "--LabApp.expose_app_in_browser=True")


class NotebookPage:
    """One notebook, open and with an idle kernel."""

    def __init__(self, browser: Browser, server: Server, path: str) -> None:
        self.browser = browser
        browser.open(server.at(f"lab/tree/{path}"))
        browser.the(".jp-NotebookPanel .jp-CodeCell")
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        idle = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
        self.browser.wait(lambda: self.browser.all(idle), "an idle kernel")

    def cell(self, source: str) -> Any:
        """The first code cell with this text in its source, in the middle of the window."""

        def look() -> Any:
            cells = self.browser.all(".jp-CodeCell")
            return next((each for each in cells if source in self.browser.run(_SOURCE, each)), None)

        found = self.browser.wait(look, f"a cell with {source}")
        self.browser.run(_MIDDLE, found)
        return found

    def write(self, cell: Any, source: str) -> None:
        """Puts other source into a cell."""
        from selenium.webdriver.common.keys import Keys

        cell.find_element("css selector", ".cm-content").click()
        self.browser.presses("a", holding=Keys.CONTROL)
        self.browser.types(source)
        self.browser.wait(lambda: self.browser.run(_SOURCE, cell) == source, "the source in the cell")

    def run(self, cell: Any) -> None:
        """Runs a cell, without leaving it, and waits for its end."""
        from selenium.webdriver.common.keys import Keys

        before = self.browser.run(_PROMPT, cell)
        cell.find_element("css selector", ".cm-content").click()
        self.browser.presses(Keys.ENTER, holding=Keys.CONTROL)
        self.browser.wait(lambda: self.browser.run(_PROMPT, cell) not in {before, "[*]:", "[ ]:"}, "the cell has run")

    def run_all(self) -> None:
        """By the menu, to the end of the last cell."""
        self.browser.the(".lm-MenuBar-item", "Run").click()
        self.browser.the(".lm-Menu-item[data-command='runmenu:run-all']").click()
        self.browser.wait(self._all_have_run, "all cells have run")
        self.wait_until_idle()

    def _all_have_run(self) -> bool:
        return all(self.browser.run(_PROMPT, cell)[1:2].isdigit() for cell in self.browser.all(".jp-CodeCell"))

    def add_below(self, cell: Any, source: str) -> Any:
        """A new cell with some source, below another."""
        from selenium.webdriver.common.keys import Keys

        cell.find_element("css selector", ".cm-content").click()
        self.browser.presses(Keys.ESCAPE, "b", Keys.ENTER)
        self.browser.types(source)
        return self.cell(source)

    def tab_to_panel(self, cell: Any) -> Any:
        """From a cell to its panel by the Tab key alone; the element that has the focus then."""
        from selenium.webdriver.common.keys import Keys

        cell.find_element("css selector", ".cm-content").click()
        self.browser.presses(Keys.ESCAPE)
        for _ in range(_STOPS):
            self.browser.presses(Keys.TAB)
            if self.browser.run("return document.activeElement.matches(arguments[0])", PANELS):
                break
        return self.browser.driver.switch_to.active_element

    def panel(self, cell: Any) -> str:
        """The words of a cell's panel."""
        return " ".join(each.text for each in self.browser.all_in(cell, PANELS))

    def value(self, cell: Any) -> str:
        """What the cell evaluated to, as it is shown."""
        return " ".join(each.text for each in self.browser.all_in(cell, ".jp-OutputArea-executeResult pre"))

    def said_on_stderr(self) -> list[str]:
        return [each.text for each in self.browser.all("[data-mime-type='application/vnd.jupyter.stderr']")]

    def wear(self, theme: str) -> None:
        """`Light` or `Dark`: JupyterLab's own themes."""
        wanted = f"JupyterLab {theme}"
        self.browser.run(f"{_COMMANDS}.execute('apputils:change-theme', {{theme: arguments[0]}})", wanted)
        worn = f"body[data-jp-theme-name='{wanted}']"
        self.browser.wait(lambda: self.browser.all(worn), f"the theme {theme}")

    def save(self) -> None:
        from selenium.webdriver.common.keys import Keys

        self.browser.presses("s", holding=Keys.CONTROL)
        self.browser.wait(lambda: not self.browser.all(".lm-TabBar-tab.jp-mod-dirty"), "the notebook is saved")
