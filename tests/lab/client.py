# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start, query and stop a lab in a process of its own."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

from tests.lab import control
from tests.lab.errors import LabError
from tests.lab.state import StateDir

# Wall-clock seconds, those of a machine with much other work: a lab is ready and stopped in one or two.
READY_TIMEOUT = 300.0
STOP_TIMEOUT = 120.0

_ROOT = Path(__file__).resolve().parents[2]


class Lab:
    """A lab in the background. As a context manager it stops at the end of the block.

    ``with Lab.start("inventories/document", tmp_path / "lab") as lab: lab.show("hub")``
    """

    def __init__(self, state_dir: str | os.PathLike[str]) -> None:
        self.state = StateDir(state_dir)
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(
        cls,
        *inventories: str | os.PathLike[str],
        state_dir: str | os.PathLike[str],
        arguments: t.Sequence[str] = (),
        ready_timeout: float = READY_TIMEOUT,
        tied: bool = True,
    ) -> Lab:
        """Start a lab for ``inventories`` and return it once every port listens. Raise ``LabError`` if one does not.

        A tied lab stops when this process ends, for whatever reason.
        """
        lab = cls(state_dir)
        running = lab.state.pid()
        if running is not None:
            raise LabError(
                f"{lab.state.path}: a lab is running already (process {running});"
                " end it with 'python -m tests.lab down'"
            )
        lab.state.create()
        reader, writer = os.pipe()
        command = [sys.executable, "-m", "tests.lab", "up", *map(os.path.abspath, inventories)]
        command += ["--state-dir", os.path.abspath(lab.state.path), "--ready-fd", str(writer), *arguments]
        # The lab's standard input ends when this process does.
        command += ["--tied"] if tied else []
        with open(lab.state.log, "wb") as log:
            process = subprocess.Popen(
                command,
                cwd=os.getcwd(),
                env={**os.environ, "PYTHONPATH": _python_path()},
                stdin=subprocess.PIPE if tied else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(writer,),
                start_new_session=True,
            )
        os.close(writer)
        lab._process = process
        try:
            lab._wait_until_ready(process, reader, ready_timeout)
        finally:
            os.close(reader)
        return lab

    def _wait_until_ready(self, process: subprocess.Popen[bytes], reader: int, timeout: float) -> None:
        readable, _writable, _broken = select.select([reader], [], [], timeout)
        if readable and os.read(reader, 16):
            return
        if not readable:
            process.terminate()
        process.wait(STOP_TIMEOUT)
        said = self.state.log.read_text(encoding="utf-8", errors="replace").strip()
        if self.state.pid() is None:
            self.state.clean()
        raise LabError(said or f"the lab was not ready within {timeout:g} seconds")

    def stop(self) -> None:
        """Stop the lab and remove its state directory. Do nothing if no lab runs."""
        pid = self.state.pid()
        if pid is not None:
            try:
                self.call("stop", timeout=STOP_TIMEOUT)
            except LabError:
                os.kill(pid, signal.SIGTERM)
            self._wait_until_gone(pid)
        if self.state.path.is_dir():
            self.state.clean()

    def _wait_until_gone(self, pid: int) -> None:
        deadline = time.monotonic() + STOP_TIMEOUT
        while self.state.pid() == pid:
            if time.monotonic() > deadline:
                raise LabError(
                    f"{self.state.path}: the lab (process {pid}) did not stop within {STOP_TIMEOUT:g} seconds"
                )
            time.sleep(0.02)
        if self._process is not None:
            self._process.wait(STOP_TIMEOUT)
            if self._process.stdin is not None:
                self._process.stdin.close()

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def ssh_config(self) -> str:
        """Return the path of an SSH client configuration with the host keys and the client key."""
        return os.path.abspath(self.state.ssh_config)

    @property
    def inventory(self) -> str:
        """Return the path of an inventory to give as the last ``-i``: where each device listens, and ``ssh_config``."""
        return os.path.abspath(self.state.inventory)

    @property
    def client_key(self) -> str:
        """Return the path of the private key that every device accepts."""
        return os.path.abspath(self.state.client_key)

    def call(self, do: str, timeout: float = 300.0, **arguments: t.Any) -> t.Any:
        """Send any command of the control channel and return its answer."""
        return control.call(self.state, do, timeout, **arguments)

    def status(self) -> dict[str, t.Any]:
        """Return the process, the time, and every device with its address, sessions, lock and commits."""
        return t.cast("dict[str, t.Any]", self.call("status"))

    def show(self, host: str, form: str = "text", effective: bool = False, candidate: bool = False) -> str:
        """Return the configuration of ``host`` as ``text``, ``set`` or ``xml``."""
        return str(self.call("show", host=host, format=form, effective=effective, candidate=candidate))

    def log(self, host: str, file: str = "messages") -> str:
        """Return a log file of ``host``."""
        return str(self.call("log", host=host, file=file))

    def reachable(self, source: str, destination: str) -> dict[str, t.Any]:
        """Return whether one address reaches another and gets its answer: ``ok``, ``failure``, ``hops``."""
        return t.cast("dict[str, t.Any]", self.call("reachable", source=source, destination=destination))

    def screenos(self, host: str, text: str) -> None:
        """Enter a new text on a third-party host; the lab replaces the placeholder by the key."""
        self.call("screenos", host=host, text=text)

    def fault(self, host: str, kind: str, count: int | None = None, **details: t.Any) -> t.Any:
        """Inject a fault; ``clear`` ends all faults of ``host``, ``list`` shows them."""
        return self.call("fault", host=host, kind=kind, **({"count": count} if count is not None else {}), **details)

    def tunnel(self, host: str, vpn: str, outcome: str, **details: t.Any) -> None:
        """Tell that a VPN is ``up``, or ``down`` by a ``code``, whatever the lab computes; ``computed`` ends that."""
        self.call("tunnel", host=host, vpn=vpn, outcome=outcome, **details)

    def time(
        self, speed: float | None = None, advance: float | None = None, lateness: float | None = None
    ) -> dict[str, t.Any]:
        """Return the devices' time, after changing its speed, jumping, or setting how late a rollback fires.

        ``advance`` and ``lateness`` are device seconds.
        """
        return t.cast("dict[str, t.Any]", self.call("time", speed=speed, advance=advance, lateness=lateness))


def _python_path() -> str:
    inherited = os.environ.get("PYTHONPATH")
    return os.fspath(_ROOT) + (os.pathsep + inherited if inherited else "")
