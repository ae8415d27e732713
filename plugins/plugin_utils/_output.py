# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Text for people: on standard output, unless a program reads the results there.

Ansible runs an action in a worker process, which sends its texts to a thread of the main process. An OSError in that
thread ends it without a word: the reader of standard output has gone (``| head``), or the disk of the file is full. The
main process then waits for results for ever. A text of this module is shown in a function of its own, which discards
the error.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import select
import sys
import time
import typing as t
from contextlib import suppress

from ansible import constants as C
from ansible.utils.display import Display
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import printable, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import EVERY, Moment, Progress
from ansible_collections.hubspoke.srx.plugins.module_utils._report.columns import WIDTH
from ansible_collections.hubspoke.srx.plugins.module_utils._report.stage_lines import Line, Tone, stage_line

display = Display()

# The callbacks whose output is for programs: json, jsonl, json_indent and the like.
_FOR_PROGRAMS = re.compile(r"json|^null$")
# Of ansible-runner and AWX: each text becomes an event, in a terminal of its own.
_FOR_EVENTS = "awx_display"
_COLORS: dict[Tone, str] = {
    "waiting": C.COLOR_VERBOSE,
    "ok": C.COLOR_OK,
    "changed": C.COLOR_CHANGED,
    "failed": C.COLOR_ERROR,
}
# Seconds between two states of the line that a terminal rewrites.
_LIVE = 1.0
# With so many -v other lines come in between.
_TALKATIVE = 3
# Every pipe takes as many bytes at once as soon as it is writable.
_AT_ONCE = 512
# Seconds for a terminal that is stopped (Ctrl-S), and for a reader that does not read.
_PATIENCE = 2.0


class _Text(str):
    """A text on its way to the main process, which shows it while it reads it from the queue."""

    def __new__(cls, text: str, method: str, options: dict[str, t.Any]) -> _Text:
        made = super().__new__(cls, text)
        made.method = method
        made.options = options
        return made

    method: str
    options: dict[str, t.Any]

    def __reduce__(self) -> tuple[t.Any, ...]:
        return _show_here, (self.method, str(self), self.options)


def show(text: str, color: str | None = None) -> None:
    """Show a text; where the callback of standard output is for programs, on standard error."""
    _show("display", text, color=color, stderr=_is_for_programs())


def headed(host: str, diff: str) -> str:
    """Return the differences of a host, its name above them."""
    return f"{host}:\n{diff}"


def show_verbose(text: str) -> None:
    """Show a text with -vvvv."""
    _show("vvvv", text)


class StageOutput:
    """Shows the moments of a run: where standard output is a terminal one line per stage, which is rewritten.

    Elsewhere each wait is a line of its own, as often as the progress has one. ``hide`` masks texts; ``diffs`` is where
    the differences of the devices are, empty where nowhere.
    """

    def __init__(self, hide: t.Callable[[str], str] = str, diffs: str = "") -> None:
        self.diffs = diffs
        self._hide = hide
        self._is_live = _IS_TERMINAL and verbosity() < _TALKATIVE and not _is_for_programs(_FOR_EVENTS)

    def progress(self) -> Progress:
        """Return a progress that is shown here."""
        return Progress(self.show, every=_LIVE if self._is_live else EVERY)

    def show(self, moment: Moment) -> None:
        """Show a moment while devices have locks or pending commits: no wait for a reader that does not read."""
        is_end = moment.state == "ended"
        # Only what remains on the screen is worth a wait.
        if not _has_room(None if is_end else 0):
            return
        line = stage_line(moment, self._hide, diffs=self.diffs)
        if is_end and moment.quiet:
            if _live.is_open:
                _show_live("")
        elif is_end:
            show_line(line)
        elif self._is_live:
            if moment.state == "waiting" or not moment.quiet:
                _show_live(line.text, color=_COLORS[line.tone])
        elif moment.state == "waiting":
            show_line(line)


def show_line(line: Line) -> None:
    """Show a line of a stage, in the place of its live line."""
    if _live.is_open:
        _show_live("")
    show(line.text, color=_COLORS[line.tone])


def _show_live(text: str, color: str | None = None) -> None:
    """Show the state of a stage in a terminal; without a text, remove it."""
    _show("live", text, color=color)
    _live.is_open = bool(text)


def verbosity() -> int:
    """Return the number of -v on the command line, or of ANSIBLE_VERBOSITY."""
    return int(display.verbosity)


def show_rpc(host: str, text: str, *, wait: bool) -> bool:
    """Show a text about a host with -vvv. Return false where its reader is busy; ``wait`` waits for the reader."""
    if not wait and not _has_room(0):
        return False
    _show("vvv", text, host=host)
    return True


def tell(text: str) -> None:
    """Write a text to the terminal itself: after a signal the main process shows nothing that is sent to it."""
    text = f"\n{printable(text)}" if _live.is_open else printable(text)
    for descriptor in _TERMINALS:
        with suppress(OSError):
            _write(descriptor, f"{text}\n".encode(errors="replace"), time.monotonic() + _PATIENCE)
            return


def _is_for_programs(*more: str) -> bool:
    callback = str(C.DEFAULT_STDOUT_CALLBACK).rpartition(".")[2]
    return _FOR_PROGRAMS.search(callback) is not None or callback in more


def _show(method: str, text: str, **options: t.Any) -> None:
    text = printable(text)
    _live.is_open = _live.is_open and method == "live"
    if multiprocessing.parent_process() is None:
        _show_here(method, text, options)
    else:
        # What _show_here returns in the main process is not to be shown again.
        display.display(_Text(text, method, options), screen_only=True, log_only=True)


def _show_here(method: str, text: str, options: dict[str, t.Any]) -> str:
    """Show a text in the main process, at once: nobody sees what stays in a buffer.

    Without a standard output (``>&-``) Python has no object for it, and so Ansible raises AttributeError.
    """
    with suppress(OSError, ValueError, AttributeError):
        if method == "live":
            _live.write(text, **options)
        else:
            getattr(display, method)(text, **options)
        sys.stdout.flush()
    return ""


class _Live:
    """The line of a terminal that is rewritten, in the process that writes it.

    ``is_open`` tells whether it is there. In a worker it tells that of the main process, as far as the worker knows.
    """

    def __init__(self) -> None:
        self.is_open = False
        self._width = 0

    def write(self, text: str, color: str | None = None) -> None:
        """Write a text over the line; without one, remove the line. Without control sequences: a logger has none."""
        text = shortened(text, _columns() - 1)
        # Written over in full, then the cursor goes to its end or, for the next text, to the beginning.
        blank = " " * (self._width - len(text))
        end = "" if text else "\r"
        self._put("\r")
        self._put(text, color)
        self._put(f"{blank}{end}")
        self._width = len(text)
        if text:
            # Whatever Ansible displays meanwhile begins on a line of its own.
            vars(display)["display"] = self._display
        else:
            vars(display).pop("display", None)

    def _display(self, *arguments: t.Any, **options: t.Any) -> None:
        if options.get("screen_only") and options.get("log_only"):
            # What brought a text here displays nothing itself.
            return
        vars(display).pop("display", None)
        if self._width:
            self._put("\n")
        self._width, self.is_open = 0, False
        display.display(*arguments, **options)

    @staticmethod
    def _put(text: str, color: str | None = None) -> None:
        type(display).display(display, text, color=color, screen_only=True, newline=False)


_live = _Live()


def _columns() -> int:
    with suppress(OSError, ValueError, AttributeError):
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or WIDTH  # type: ignore[union-attr]
    return WIDTH


def _has_room(patience: float | None = None) -> bool:
    """Return whether the queue to the main process takes a sentence at once; true where that cannot be told.

    ``patience`` is how many seconds to wait for it, ``_PATIENCE`` by default.
    """
    writer = getattr(getattr(display, "_final_q", None), "_writer", None)
    try:
        seconds = _PATIENCE if patience is None else patience
        return writer is None or bool(select.select([], [writer], [], seconds)[1])
    except (OSError, ValueError):
        return True


def _write(descriptor: int, data: bytes, until: float) -> None:
    """Write all of the data. Raise OSError where nobody reads it, or not in time."""
    while data:
        if not select.select([], [descriptor], [], max(0.0, until - time.monotonic()))[1]:
            raise TimeoutError
        data = data[os.write(descriptor, data[:_AT_ONCE]) :]


def _terminals() -> list[int]:
    """Return descriptors of the controller's standard error, and of its terminal.

    Ansible loads an action before it starts the worker, whose own standard error is /dev/null since ansible-core 2.19.
    """
    found = []
    with suppress(OSError, ValueError, AttributeError):
        found.append(os.dup(sys.__stderr__.fileno()))  # type: ignore[union-attr]
    with suppress(OSError):
        found.append(os.open("/dev/tty", os.O_WRONLY | os.O_NOCTTY))
    return found


def _is_terminal() -> bool:
    """Return whether standard output is a terminal that can go back to the beginning of a line."""
    with suppress(OSError, ValueError, AttributeError):
        return sys.__stdout__.isatty() and os.environ.get("TERM", "dumb") != "dumb"  # type: ignore[union-attr]
    return False


def fill_closed_output() -> None:
    """Give Python a standard output where the shell has closed it (``>&-``): what is written there is lost.

    Ansible flushes it at its end. Without one it ends a run that has succeeded with an error. Without a standard error
    Ansible begins no run.
    """
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


# In the main process, as for the terminals: whoever uses a text of this module is loaded there.
fill_closed_output()
_TERMINALS = _terminals()
# Asked before the worker starts: it has another standard output since ansible-core 2.19.
_IS_TERMINAL = _is_terminal()
