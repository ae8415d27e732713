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

display = Display()

# The callbacks whose output is for programs: json, jsonl, json_indent and the like.
_FOR_PROGRAMS = re.compile(r"json|^null$")
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
    callback = str(C.DEFAULT_STDOUT_CALLBACK).rpartition(".")[2]
    _show("display", text, color=color, stderr=_FOR_PROGRAMS.search(callback) is not None)


def headed(host: str, diff: str) -> str:
    """Return the differences of a host, its name above them."""
    return f"{host}:\n{diff}"


def show_verbose(text: str) -> None:
    """Show a text with -vvvv."""
    _show("vvvv", text)


def verbosity() -> int:
    """Return the number of -v on the command line, or of ANSIBLE_VERBOSITY."""
    return int(display.verbosity)


def show_rpc(host: str, text: str, *, wait: bool) -> bool:
    """Show a text about a host with -vvv. Return false where its reader is busy; ``wait`` waits for the reader."""
    if not wait and not _has_room(0):
        return False
    _show("vvv", text, host=host)
    return True


def show_progress(sentence: str) -> None:
    """Show a sentence while devices have locks or pending commits: no wait for a reader that does not read."""
    if _has_room():
        show(f"  {sentence}", color=C.COLOR_VERBOSE)


def tell(text: str) -> None:
    """Write a text to the terminal itself: after a signal the main process shows nothing that is sent to it."""
    for descriptor in _TERMINALS:
        with suppress(OSError):
            _write(descriptor, f"{text}\n".encode(errors="replace"), time.monotonic() + _PATIENCE)
            return


def _show(method: str, text: str, **options: t.Any) -> None:
    if multiprocessing.parent_process() is None:
        _show_here(method, text, options)
    else:
        # What _show_here returns in the main process is not to be shown again.
        display.display(_Text(text, method, options), screen_only=True, log_only=True)


def _show_here(method: str, text: str, options: dict[str, t.Any]) -> str:
    """Show a text in the main process."""
    with suppress(OSError, ValueError):
        getattr(display, method)(text, **options)
    return ""


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


_TERMINALS = _terminals()
