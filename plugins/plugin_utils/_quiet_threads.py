# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Output of threads: held back from stdout and stderr, where it could block the task for ever.

Before ansible-core 2.19 a worker process inherits the lock of Ansible's display over the fork. A thread that does not
exist in the worker may hold it, and stdout and stderr take that lock. Only the main thread of a task may write.
"""

from __future__ import annotations

import sys
import threading
import typing as t
import warnings
from collections import deque

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.plugin_utils._output import show_verbose

# As many lines of libraries are enough for a diagnosis.
_MOST = 200


class _MainThreadOnly:
    """A replacement for stdout or stderr: it passes output of the main thread on, and keeps that of other threads."""

    def __init__(self, stream: t.Any, kept: deque[str]) -> None:
        self._stream = stream
        self._kept = kept

    def write(self, text: str) -> int:
        """Write a text of the main thread, keep one of another thread; return its length."""
        if threading.current_thread() is threading.main_thread():
            return int(self._stream.write(text) or 0)
        self._kept.extend(line for line in str(text).splitlines() if line.strip())
        return len(text)

    def flush(self) -> None:
        """Flush the stream, in the main thread."""
        if threading.current_thread() is threading.main_thread():
            self._stream.flush()

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._stream, name)


class QuietThreads:
    """A context in which output, warnings and exceptions of threads do not reach stdout or stderr.

    ``lines`` has them instead, for the main thread to show.
    """

    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=_MOST)

    def __enter__(self) -> QuietThreads:
        self._before = (sys.stdout, sys.stderr, threading.excepthook, sys.unraisablehook)
        sys.stdout = t.cast(t.TextIO, _MainThreadOnly(sys.stdout, self.lines))
        sys.stderr = t.cast(t.TextIO, _MainThreadOnly(sys.stderr, self.lines))
        threading.excepthook = self._note_thread
        sys.unraisablehook = self._note_unraisable
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        warnings.simplefilter("ignore")
        return self

    def show(self, hide: t.Callable[[str], str] = mask) -> None:
        """Show what was kept with -vvvv, in the main thread; ``hide`` masks secrets."""
        for line in self.lines:
            show_verbose(hide(line))

    def __exit__(self, *_details: object) -> None:
        self._warnings.__exit__(None, None, None)
        sys.stdout, sys.stderr, threading.excepthook, sys.unraisablehook = self._before

    def _note_thread(self, details: threading.ExceptHookArgs) -> None:
        name = details.thread.name if details.thread else "a thread"
        self.lines.append(f"{name} ended: {details.exc_type.__name__}: {details.exc_value}")

    def _note_unraisable(self, details: t.Any) -> None:
        self.lines.append(f"{details.exc_type.__name__}: {details.exc_value}")
