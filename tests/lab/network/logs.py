# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The log files of one device, kept in memory."""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

# Junos rotates a file that would become larger: it becomes ``kmd.0``, which becomes ``kmd.1``, and so on. Size and
# number are the defaults of Junos. It compresses rotated files of syslog only: ``messages.0.gz``.
SIZE = 128 * 1024
OLD_FILES = {"trace": 2, "messages": 9}


def clock_text(at: float) -> str:
    """Return seconds UTC as syslog prints them: ``Oct  8 10:31:10``."""
    moment = datetime.fromtimestamp(at, timezone.utc)
    return f"{moment:%b} {moment.day:2d} {moment:%H:%M:%S}"


class DeviceLog:
    """Files by name. ``trace`` writes in the form of a daemon's trace file, ``event`` in that of syslog.

    ``copies`` are local copies of files by path, ``sent`` are copies to servers by URL.
    """

    def __init__(self, host_name: str, daemon: str, pid: int) -> None:
        self.host_name = host_name
        self.daemon = daemon
        self.pid = pid
        # Called before each read, so that all due lines are written.
        self.refresh: t.Callable[[], None] | None = None
        self.copies: dict[str, str] = {}
        self.sent: dict[str, str] = {}
        self._files: dict[str, list[tuple[float, str]]] = {}
        self._sizes: dict[str, int] = {}

    def trace(self, at: float, text: str, file: str | None = None) -> None:
        self._write(file or self.daemon, at, text)

    def traced(self, at: float, text: str, file: str = "") -> None:
        """Write a line in the form of ``security ike traceoptions``."""
        self._append(file or self.daemon, at, f"[{clock_text(at)}]{text}")

    def event(self, at: float, text: str, files: t.Iterable[str] | None = None) -> None:
        """Write a line with host and process name, by default to the daemon's file and ``messages``."""
        line = f"{self.host_name} {self.daemon}[{self.pid}]: {text}"
        for file in (self.daemon, "messages") if files is None else files:
            self._write(file, at, line, "  " if file else " ")

    def system(self, at: float, process: str, text: str) -> None:
        """Write a line of another process, such as mgd, to ``messages``."""
        self._write("messages", at, f"{self.host_name} {process}: {text}", "  ")

    def _write(self, file: str, at: float, text: str, gap: str = " ") -> None:
        self._append(file, at, f"{clock_text(at)}{gap}{text}")

    def _append(self, file: str, at: float, line: str) -> None:
        size = self._sizes.get(file, 0) + len(line) + 1
        if size > SIZE:
            self._rotate(file, at)
            size = self._sizes.get(file, 0) + len(line) + 1
        self._files.setdefault(file, []).append((at, line))
        self._sizes[file] = size

    def _rotate(self, file: str, at: float) -> None:
        """Start a new file. The newest rotated file is number 0; the oldest is deleted."""
        end, kept = (".gz", OLD_FILES["messages"]) if file == "messages" else ("", OLD_FILES["trace"])
        for number in range(kept - 1, -1, -1):
            younger = file if number == 0 else f"{file}.{number - 1}{end}"
            if younger in self._files:
                self._files[f"{file}.{number}{end}"] = self._files.pop(younger)
        self._sizes[file] = 0
        if file == "messages":
            self.system(at, "newsyslog[4521]", f"logfile turned over due to size>{SIZE // 1024}K")

    def names(self) -> list[str]:
        """Return the names of the files: ``messages`` always exists."""
        if self.refresh is not None:
            self.refresh()
        return sorted({*self._files, "messages", self.daemon})

    def lines(self, file: str) -> list[str] | None:
        """Return the lines of a file, oldest first, or ``None`` if there is no such file."""
        return [line for _at, line in self._files.get(file, ())] if file in self.names() else None

    def changed_at(self, file: str) -> float:
        """Return the time of the last line, 0 if there is none."""
        written = self._files.get(file)
        return written[-1][0] if written else 0.0

    def clear(self, file: str) -> None:
        """Empty a file."""
        self._files.pop(file, None)
        self._sizes.pop(file, None)
