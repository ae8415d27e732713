# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Output of threads: held back from stdout and stderr, where it could block the task for ever.

Before ansible-core 2.19 a worker process inherits the lock of Ansible's display over the fork. A thread that does not
exist in the worker may hold it, and stdout and stderr take that lock. Only the main thread of a task may write.
"""

from __future__ import annotations

import logging
import multiprocessing
import re
import sys
import threading
import typing as t
import warnings
from collections import deque

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import library_loggers
from ansible_collections.hubspoke.srx.plugins.module_utils._device.rpc_log import Record, RpcLog
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import shortened
from ansible_collections.hubspoke.srx.plugins.plugin_utils._output import show_rpc, show_verbose, verbosity

# As many lines of libraries are enough for a diagnosis.
_MOST = 200
# Characters of the line of an RPC.
_LONGEST = 500
# The numbers of -v that show RPCs, and lines of libraries.
_RPCS, _LINES = 3, 4
# ncclient's less severe messages quote requests, and replies cut in the middle: no mask finds half a key.
_LEAST_SEVERE = {"ncclient": logging.ERROR}
# The lines of a traceback before its last one, which has the error.
_OF_TRACEBACK = re.compile(r"\s|Traceback \(|Exception in thread |$")


class _MainThreadOnly:
    """A replacement for stdout or stderr: it passes output of the main thread on, and keeps that of other threads."""

    def __init__(self, stream: t.Any, keep: t.Callable[[str], None]) -> None:
        self._stream = stream
        self._keep = keep

    def write(self, text: str) -> int:
        """Write a text of the main thread, keep one of another thread; return its length."""
        if threading.current_thread() is threading.main_thread():
            return int(self._stream.write(text) or 0)
        self._keep(str(text))
        return len(text)

    def flush(self) -> None:
        """Flush the stream, in the main thread."""
        if threading.current_thread() is threading.main_thread():
            self._stream.flush()

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._stream, name)


class _Keeper(logging.Handler):
    """A handler that keeps the messages of libraries, an exception as its last line."""

    def __init__(self, keep: t.Callable[[str], None]) -> None:
        super().__init__()
        self._keep = keep

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message with the name of its logger."""
        try:
            error = record.exc_info[1] if record.exc_info else None
            words = f"{record.getMessage()}: {_described(error)}" if error is not None else record.getMessage()
        except Exception as error:
            # A message that does not fit its arguments, or an error that cannot be told.
            words = f"{record.msg}: {type(error).__name__}"
        for line in words.splitlines():
            if not _OF_TRACEBACK.match(line):
                self._keep(f"{record.name}: {line}")


class QuietThreads:
    """A context in which output, log messages, warnings and exceptions of threads do not reach stdout or stderr.

    ``lines`` has them instead, for the main thread to show. ``hide`` masks secrets. With -vvv the log of RPCs is open
    in it.

    A worker process ends with its task, and threads of libraries go on until then: streams, hooks and handlers of logs
    stay as they are in this context.
    """

    def __init__(self, hide: t.Callable[[str], str] = mask) -> None:
        self.lines: deque[str] = deque(maxlen=_MOST)
        self._hide = hide
        self._rpcs = RpcLog(self._show_record) if verbosity() >= _RPCS else None
        self._keeper = _Keeper(self._keep)

    def __enter__(self) -> QuietThreads:
        self._before = (sys.stdout, sys.stderr, threading.excepthook, sys.unraisablehook)
        sys.stdout = t.cast(t.TextIO, _MainThreadOnly(sys.stdout, self._keep))
        sys.stderr = t.cast(t.TextIO, _MainThreadOnly(sys.stderr, self._keep))
        threading.excepthook = self._note_thread
        sys.unraisablehook = self._note_unraisable
        self._listen()
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        warnings.simplefilter("ignore")
        if self._rpcs is not None:
            self._rpcs.__enter__()
        return self

    def show(self) -> None:
        """Show what is not shown yet, in the main thread: RPCs with -vvv, lines of libraries with -vvvv."""
        for record in self._rpcs.rest() if self._rpcs is not None else ():
            self._show_record(record, wait=True)
        # Threads of libraries go on writing: a copy is not changed meanwhile, and has an end.
        for line in self.lines.copy():
            show_verbose(self._hide(line))

    def __exit__(self, *details: object) -> None:
        if self._rpcs is not None:
            self._rpcs.__exit__(*details)
        self._warnings.__exit__(None, None, None)
        if multiprocessing.parent_process() is None:
            sys.stdout, sys.stderr, threading.excepthook, sys.unraisablehook = self._before
            for logger, level in self._levels.items():
                logger.removeHandler(self._keeper)
                logger.setLevel(level)

    def _listen(self) -> None:
        """Keep the messages of libraries: the severe ones, with -vvvv all that an operator can use."""
        library_loggers.quiet()
        self._levels = {logger: logger.level for logger in map(logging.getLogger, library_loggers.NAMES)}
        usual = logging.INFO if verbosity() >= _LINES else logging.WARNING
        for logger in self._levels:
            logger.setLevel(_LEAST_SEVERE.get(logger.name, usual))
            logger.addHandler(self._keeper)

    def _show_record(self, record: Record, *, wait: bool = False) -> bool:
        # A device may say much: what is shown without waiting must fit the queue to the main process at once.
        return show_rpc(record.host, shortened(self._hide(str(record)), _LONGEST), wait=wait)

    def _keep(self, text: str) -> None:
        self.lines.extend(line for line in text.splitlines() if not _OF_TRACEBACK.match(line))

    def _note_thread(self, details: threading.ExceptHookArgs) -> None:
        name = details.thread.name if details.thread else "a thread"
        self._keep(f"{name} ended: {_described(details.exc_value, details.exc_type)}")

    def _note_unraisable(self, details: t.Any) -> None:
        self._keep(_described(details.exc_value, details.exc_type))


def _described(error: BaseException | None, kind: type[BaseException] | None = None) -> str:
    """Return an exception in one line."""
    words = " ".join(str(error or "").split())
    return f"{(kind or type(error)).__name__}: {words}".rstrip(": ")
