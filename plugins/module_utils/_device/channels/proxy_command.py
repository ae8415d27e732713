# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A ProxyCommand at work: its standard input and output are the connection, as ssh has it."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import shlex
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import (
    CutShort,
    LoginError,
    is_busy,
    login_error,
    lower_first,
    quoted,
    socket_error,
)

_NO_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)
_NOT_RUN = frozenset((126, 127))
_MAY_BE_SECRET = re.compile(r"-[pPu]$|-.*(?:pass|auth|token|secret|cred|user)", re.IGNORECASE)
# "no" is no secret, nor is a port.
_SHORTEST_SECRET = 4
_LAST_BYTES = 16384
# A command that has closed its output is about to end.
_ENDING_SECONDS = 1.0
_KILLED_SECONDS = 5.0


@dataclass(frozen=True)
class Ended:
    """The end of a command, and its last lines on stderr. ``status`` is None where it was still running."""

    status: int | None
    lines: tuple[str, ...]

    def words(self, first: bytes, seconds: float) -> str:
        """Return what the command gave instead of a connection, ``first`` being its first bytes."""
        if first:
            gave = f"{quoted(first)} instead of an SSH server's version line"
        elif self.status is None:
            gave = f"nothing within {seconds:g} s"
        elif self.status < 0:
            gave = f"ended by signal {-self.status}"
        else:
            gave = f"ended with status {self.status}"
        return f"{gave}{f', saying: {self.lines[-1]}' if self.lines else ''}"


class Proxy:
    """A command that runs. What it says on stderr is kept for the error. ``socket`` is this side's end."""

    def __init__(self, command: str) -> None:
        self.program = program_of(command)
        self._secrets = _secrets_of(command)
        self.socket, theirs = socket.socketpair()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the command runs)
        try:
            self._process = subprocess.Popen(  # noqa: S602 (a ProxyCommand is a line for the shell, as ssh has it)
                f"exec {command}",
                shell=True,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=self._said,
                start_new_session=True,
            )
        except BaseException:
            self.socket.close()
            self._said.close()
            raise
        finally:
            theirs.close()

    def stop(self) -> None:
        """End the command and what it started."""
        self._kill()
        self._said.close()

    def end(self, *, is_over: bool) -> Ended:
        """Stop the command and return how it ended. ``is_over``: it has closed its output. May take a second."""
        if is_over:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_ENDING_SECONDS)
        status = self._process.poll()
        self._kill()
        self._said.seek(max(0, self._said.seek(0, os.SEEK_END) - _LAST_BYTES))
        said = self._said.read().decode("utf-8", "replace")
        self._said.close()
        for secret in self._secrets:
            said = said.replace(secret, "***")
        return Ended(status, tuple(line.strip() for line in said.splitlines() if line.strip()))

    def _kill(self) -> None:
        if self._process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_KILLED_SECONDS)
        self.socket.close()


def proxy_error(where: str, program: str, ended: Ended, first: bytes, seconds: float) -> LoginError | CutShort:
    """Return the error of a command behind which no SSH server showed, or CutShort where another try may help."""
    if is_busy(first) or is_busy("\n".join(ended.lines[-1:]).encode()):
        return CutShort()
    kind = "broken_proxy_command" if ended.status in _NOT_RUN else "proxy_command"
    return login_error(where, kind, program=program, words=ended.words(first, seconds))


def program_of(command: str) -> str:
    """Return the program of a command. Its arguments may hold a password."""
    return next((word for word in _words_of(command) if word != "exec" and "=" not in word), "")


def _secrets_of(command: str) -> list[str]:
    """Return the words that a shell or a program may quote, and that may be secret: values of options and variables."""
    words = _words_of(command)
    values = [value for word in words for _name, sign, value in (word.partition("="),) if sign]
    values += [after for word, after in itertools.pairwise(words) if _MAY_BE_SECRET.match(word)]
    return sorted({one for one in values if len(one) >= _SHORTEST_SECRET and not one.isdigit()}, key=len, reverse=True)


def _words_of(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def start_proxy(where: str, command: str) -> Proxy:
    """Start a command. Raise SessionError."""
    try:
        return Proxy(command)
    except OSError as error:
        if error.errno in _NO_DESCRIPTORS:
            raise socket_error(where, error, 0) from None
        words = lower_first(error.strerror or str(error))
        raise login_error(where, "broken_proxy_command", program=program_of(command), words=words) from None
    except ValueError as error:
        raise login_error(where, "broken_proxy_command", program=program_of(command), words=error) from None
