# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A headless Chromium, driven by the DevTools protocol over two pipes: no port, no library."""

from __future__ import annotations

import base64
import json
import os
import select
import signal
import subprocess
import time
import typing as t
from pathlib import Path

Json: t.TypeAlias = "dict[str, t.Any]"
OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--no-proxy-server", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
SECONDS = 120


class BrowserError(Exception):
    """The browser ended, refused a command, or a script of the page raised."""


class Browser:
    """A process of Chromium. Messages are JSON that ends with a NUL, on the descriptors 3 and 4 of the process."""

    def __init__(self, program: str, folder: Path, environment: t.Mapping[str, str] | None = None) -> None:
        """Start the program with a profile in the folder."""
        commands, self._write = os.pipe()
        self._read, replies = os.pipe()
        # The shell gives the pipes the numbers that Chromium expects, whatever numbers this process has for them.
        arguments = [*OPTIONS, f"--user-data-dir={folder}", "about:blank"]
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec 3<&{commands} 4>&{replies} && exec "$0" "$@"', program, *arguments],
            pass_fds=(commands, replies), env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        os.close(commands)
        os.close(replies)
        self._buffer = b""
        self._number = 0
        self.events: list[Json] = []

    def close(self) -> None:
        """End the process and its children."""
        os.close(self._write)
        os.close(self._read)
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def send(self, method: str, session: str = "", **parameters: t.Any) -> Json:
        """Send a command and return its result. Events that arrive before it are kept in ``events``."""
        self._number += 1
        message: Json = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        todo = json.dumps(message).encode() + b"\0"
        while todo:
            todo = todo[os.write(self._write, todo) :]
        return self.receive(lambda reply: reply.get("id") == self._number, method)

    def receive(self, wanted: t.Callable[[Json], bool], what: str) -> Json:
        """Return the result of the first message that is wanted."""
        deadline = time.monotonic() + SECONDS
        while True:
            message = self._next(deadline, what)
            if "id" not in message:
                self.events.append(message)
            if wanted(message):
                if "error" in message:
                    raise BrowserError(f"{what}: {message['error']}")
                return t.cast("Json", message.get("result", message))

    def _next(self, deadline: float, what: str) -> Json:
        while b"\0" not in self._buffer:
            ready = select.select([self._read], [], [], max(deadline - time.monotonic(), 0))[0]
            data = os.read(self._read, 1 << 20) if ready else b""
            if not data:
                raise BrowserError(f"{what}: expected an answer within {SECONDS} s, actual none")
            self._buffer += data
        line, _nul, self._buffer = self._buffer.partition(b"\0")
        return t.cast("Json", json.loads(line))


class Page:
    """A page of a browser, of a width and a colour scheme."""

    def __init__(self, browser: Browser, *, width: int = 1440, scheme: str = "light", scripts: bool = True) -> None:
        """Open an empty page."""
        self._browser = browser
        self._target = browser.send("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.send("Target.attachToTarget", targetId=self._target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        phone = width < 600
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=844 if phone else 900, deviceScaleFactor=1, mobile=phone,
        )  # fmt: skip
        self.media("screen", scheme)
        if not scripts:
            self.send("Emulation.setScriptExecutionDisabled", value=True)

    def media(self, kind: str, scheme: str = "light") -> None:
        """Set the kind of the medium, screen or print, and the colour scheme."""
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.send("Emulation.setEmulatedMedia", media=kind, features=features)

    def send(self, method: str, **parameters: t.Any) -> Json:
        """Send a command to the page and return its result."""
        return self._browser.send(method, self._session, **parameters)

    def open(self, file: Path, fragment: str = "") -> None:
        """Load a file and wait until it is loaded."""
        self._browser.events.clear()
        self.send("Page.navigate", url=file.resolve().as_uri() + fragment)
        if not any(self._loaded(event) for event in self._browser.events):
            self._browser.receive(self._loaded, "load")

    def _loaded(self, event: Json) -> bool:
        return event.get("method") == "Page.loadEventFired" and event.get("sessionId") == self._session

    def evaluate(self, expression: str) -> t.Any:
        """Return the value of an expression; of a promise, its result."""
        reply = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in reply:
            raise BrowserError(str(reply["exceptionDetails"]))
        return reply["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "Home": 36, "ArrowDown": 40}
        text = "\r" if key == "Enter" else ""
        common = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
        self.send("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **common)
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def tap(self, x: float, y: float) -> None:
        """Touch a place with one finger."""
        self.send("Emulation.setTouchEmulationEnabled", enabled=True)
        self.send("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        self.send("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
        # The click follows the touch.
        self.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")

    def text(self) -> str:
        """Return the text that the page shows. It needs no script of the page."""
        node = self.send("DOM.getDocument")["root"]["nodeId"]
        body = self.send("DOM.querySelector", nodeId=node, selector="body")["nodeId"]
        object_ = self.send("DOM.resolveNode", nodeId=body)["object"]["objectId"]
        return str(
            self.send("Runtime.callFunctionOn", objectId=object_, returnByValue=True,
                      functionDeclaration="function() { return this.innerText; }")["result"]["value"]
        )  # fmt: skip

    def events(self, *methods: str) -> list[Json]:
        """Return the parameters of the page's events of these methods, since it was opened."""
        self.evaluate("1")
        return [event["params"] for event in self._browser.events if event["method"] in methods]

    def screenshot(self, file: Path, *, whole: bool = True, most: int = 6000) -> None:
        """Write a picture of the page, or of what a reader sees of it."""
        clip: Json = {}
        if whole:
            size = self.send("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"clip": {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], most), "scale": 1}}
        shot = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **clip)
        file.write_bytes(base64.b64decode(shot["data"]))

    def close(self) -> None:
        """Close the page."""
        self._browser.send("Target.closeTarget", targetId=self._target)
