"""Debian's Chromium under selenium: it reaches this machine only, and tells what it asked for and what ran in it."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

Found = TypeVar("Found")

FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
    *("--force-color-profile=srgb", "--hide-scrollbars", "--lang=en-GB"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # what lies elsewhere fails at once
)
SECONDS = 90.0
"""The longest wait for anything: two cores may be shared with a whole test run."""

# an alert would stop the page, and selenium with it: each is counted instead
_COUNT_DIALOGS = """
window.__dialogs = 0;
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => { window.__dialogs += 1 };
"""
_PAINTED = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))"
_ASKS = {"Network.requestWillBeSent", "Network.webSocketCreated"}
_INSTALL = {
    "chromium": "apt-get install chromium",
    "chromedriver": "apt-get install chromium-driver",
    "selenium": "pip install -e '.[dev]'",
    "selenium_axe_python": "pip install -e '.[dev]'",
}


def missing() -> str:
    """Why the tests of this folder cannot run here, with the remedy for each thing; empty when they can."""
    programs = [each for each in ("chromium", "chromedriver") if shutil.which(each) is None]
    modules = [each for each in ("selenium", "selenium_axe_python") if find_spec(each) is None]
    return "; ".join(f"{each} is missing: `{_INSTALL[each]}`" for each in programs + modules)


class Browser:
    """A tab, and what a test wants to know of it."""

    def __init__(self, driver: Any, pictures: Path) -> None:
        self.driver = driver
        self._pictures = pictures

    def open(self, address: str) -> None:
        """Returns when the page is loaded and painted: before that, pictures and printing fail now and then."""
        self.driver.get(address)
        self.driver.execute_async_script(_PAINTED)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def all(self, css: str) -> list[Any]:
        return list(self.driver.find_elements("css selector", css))

    def all_in(self, element: Any, css: str) -> list[Any]:
        return list(element.find_elements("css selector", css))

    def wait(self, look: Callable[[], Found], what: str, seconds: float = SECONDS) -> Found:
        """What `look` gives as soon as that is true; elements that the page has just replaced are looked for again."""
        from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
        from selenium.webdriver.support.ui import WebDriverWait

        wait = WebDriverWait(self.driver, seconds, 0.1, [StaleElementReferenceException])
        try:
            found: Found = wait.until(lambda _: look())
        except TimeoutException:
            self.picture(f"waited-for-{what.replace(' ', '-')}")
            raise AssertionError(f"{what}: not within {seconds:.0f} s; the last picture shows the page") from None
        return found

    def the(self, css: str, text: str = "") -> Any:
        """The first element with this text in it, as soon as it is shown."""

        def look() -> Any:
            return next((each for each in self.all(css) if each.is_displayed() and text in each.text), None)

        return self.wait(look, f"{css} {text}")

    def size(self, width: int, height: int) -> None:
        """The page's own size, whatever the window's frame takes."""
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)

    def prefers(self, scheme: str) -> None:
        """`light` or `dark`, as the system would say it."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def picture(self, name: str, *, whole: bool = False) -> Path:
        """A PNG of the window, or of the whole page, in the folder of `--screenshots`."""
        said = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": whole})
        path = self._pictures / f"{''.join(c if c.isalnum() or c in '-_.' else '-' for c in name)}.png"
        path.write_bytes(base64.b64decode(said["data"]))
        return path

    def paper(self) -> bytes:
        """The page as a PDF, as printing makes it."""
        settings = {"printBackground": False, "paperWidth": 8.27, "paperHeight": 11.69}
        return base64.b64decode(self.driver.execute_cdp_cmd("Page.printToPDF", settings)["data"])

    def types(self, text: str) -> None:
        """Text put in where the focus is, as a paste does: no bracket is closed and no line indented for the writer."""
        self.driver.execute_cdp_cmd("Input.insertText", {"text": text})

    def presses(self, *keys: str, holding: str = "") -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        chain = ActionChains(self.driver)
        chain = chain.key_down(holding) if holding else chain
        for key in keys:
            chain = chain.send_keys(key)
        (chain.key_up(holding) if holding else chain).perform()

    def requests(self) -> list[str]:
        """Addresses asked for since the last call, except what is inside the page or the browser itself."""
        events = (json.loads(each["message"])["message"] for each in self.driver.get_log("performance"))
        told = [each["params"] for each in events if each["method"] in _ASKS]
        asked = [each["request"]["url"] if "request" in each else each["url"] for each in told]
        return [url for url in asked if urlsplit(url).scheme in {"http", "https", "ws", "wss", "ftp", "file"}]

    def ran(self) -> list[str]:
        """What a stranger's script has left in this page; every hostile text of these tests would set `pwned`."""
        marks = {"pwned": "window.pwned !== undefined", "dialog": "window.__dialogs > 0", "frame": "frames.length > 0"}
        return [name for name, mark in marks.items() if self.run(f"return {mark}")]


@contextmanager
def chromium(profile: Path, pictures: Path) -> Iterator[Browser]:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        driver.set_page_load_timeout(SECONDS)
        driver.set_script_timeout(SECONDS)
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _COUNT_DIALOGS})
        browser = Browser(driver, pictures)
        browser.size(1280, 900)
        yield browser
    finally:
        driver.quit()
