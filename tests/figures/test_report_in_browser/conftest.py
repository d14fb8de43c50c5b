"""A real Chromium without a window, driven over the DevTools protocol: keys are keys, and a phone's width is a phone's width."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
SWITCHES = (
    "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
)  # fmt: skip
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), "Space": (32, " "), "ArrowRight": (39, ""), "ArrowLeft": (37, "")}
PATIENCE = 60
"""Seconds until an answer that does not come is a failure."""


class Chromium:
    """One browser with one page; `messages` is what its console and its uncaught errors said."""

    def __init__(self, program: str, profile: Path) -> None:
        reading, answers = os.pipe()
        questions, writing = os.pipe()
        # It reads from 3 and writes to 4, which must not be taken by the ends of the pipes themselves.
        theirs = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (questions, answers)]
        actions = [(os.POSIX_SPAWN_DUP2, end, place) for end, place in zip(theirs, (3, 4), strict=True)]
        quiet = (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)
        command = [program, *SWITCHES, f"--user-data-dir={profile}"]
        self.process = os.posix_spawn(program, command, os.environ, file_actions=[*actions, quiet], setpgroup=0)
        for end in (questions, answers, *theirs):
            os.close(end)
        self.reading, self.writing = reading, writing
        self.rest, self.asked, self.session = b"", 0, None
        self.events: list[dict[str, Any]] = []

    def open(self, place: Path, width: int = 1280, dark: bool = False) -> None:
        """Load a page and wait until it is there."""
        self.session = None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.events.clear()
        self.ask("Page.navigate", url=place.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self._hear()

    @property
    def messages(self) -> list[dict[str, Any]]:
        spoken = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [event["params"] for event in self.events if event["method"] in spoken]

    def ask(self, method: str, **parameters: Any) -> Any:
        """A command of the protocol, and its answer."""
        self.asked += 1
        session = {} if self.session is None else {"sessionId": self.session}
        os.write(
            self.writing,
            json.dumps({"id": self.asked, "method": method, "params": parameters, **session}).encode() + b"\0",
        )
        while True:
            answer = self._hear()
            if answer.get("id") == self.asked:
                assert "error" not in answer, answer
                return answer["result"]

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        found = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, *names: str) -> None:
        """Press and release keys, as a hand does."""
        for name in names:
            code, text = KEYS[name]
            key = {"key": text if name == "Space" else name, "code": name, "windowsVirtualKeyCode": code}
            self.ask("Input.dispatchKeyEvent", type="keyDown", **key, **({"text": text} if text else {}))
            self.ask("Input.dispatchKeyEvent", type="keyUp", **key)

    def close(self) -> None:
        os.killpg(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.reading)
        os.close(self.writing)

    def _hear(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.reading], [], [], PATIENCE)
            part = os.read(self.reading, 1 << 20) if ready else b""
            assert part, "the browser does not answer"
            self.rest += part
        line, self.rest = self.rest.split(b"\0", 1)
        heard: dict[str, Any] = json.loads(line)
        if "method" in heard:
            self.events.append(heard)
        return heard


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium | None]:
    """The browser; None where there is none, and the same is then read from the markup."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        yield None
        return
    browser = Chromium(program, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()
