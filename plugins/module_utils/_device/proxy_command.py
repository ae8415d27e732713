# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A ProxyCommand at work: its standard input and output are the connection, as ssh has it."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import subprocess
import tempfile

from ansible_collections.hubspoke.srx.plugins.module_utils._device.login_errors import (
    login_error,
    lower_first,
    socket_error,
)

_NO_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)
_NOT_RUN = frozenset((126, 127))


class Proxy:
    """A command that runs. What it says on stderr is kept for the error. ``socket`` is this side's end."""

    def __init__(self, command: str) -> None:
        self.command = command
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
        if self._process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self.socket.close()

    def end(self) -> tuple[bool, str]:
        """Stop it, and return whether it could be run at all, and how it ended."""
        self.stop()
        status = self._process.returncode
        self._said.seek(0)
        lines = [line.strip() for line in self._said.read().decode("utf-8", "replace").splitlines() if line.strip()]
        ended = "no SSH server behind it" if status == -signal.SIGKILL else f"ended with status {status}"
        return status not in _NOT_RUN, f"{ended}{f', saying: {lines[-1]}' if lines else ''}"


def start_proxy(where: str, command: str) -> Proxy:
    """Start a command. Raise SessionError."""
    try:
        return Proxy(command)
    except OSError as error:
        if error.errno in _NO_DESCRIPTORS:
            raise socket_error(where, error, 0) from None
        words = lower_first(error.strerror or str(error))
        raise login_error(where, "broken_proxy_command", command=command, words=words) from None
