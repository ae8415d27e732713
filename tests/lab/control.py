# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control channel: one JSON object per line in, one per line out, over a socket only the owner can open."""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import socket
import typing as t

from tests.lab.errors import LabError
from tests.lab.state import StateDir

# Configurations and ScreenOS texts travel in one line.
LIMIT = 64 * 1024 * 1024

Handler = t.Callable[[dict[str, t.Any]], t.Awaitable[t.Any]]


class ControlServer:
    """Answers requests with the result of ``handler``, or with the text of the ``LabError`` it raises."""

    def __init__(self, state: StateDir, handler: Handler) -> None:
        self._state = state
        self._handler = handler
        self._server: asyncio.AbstractServer | None = None
        self._token = ""

    async def start(self) -> None:
        """Listen on a socket file, or on loopback if the path of the file is too long."""
        path = self._state.socket_path()
        if path is not None:
            if os.path.exists(path):
                os.unlink(path)
            previous = os.umask(0o177)
            try:
                self._server = await asyncio.start_unix_server(self._serve, path, limit=LIMIT)
            finally:
                os.umask(previous)
            address: list[t.Any] = [path]
        else:
            server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LIMIT)
            address = list(server.sockets[0].getsockname()[:2])
            self._server = server
        self._token = self._state.write_control(address)

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await reader.readline()
            if line:
                writer.write(json.dumps(await self._respond(line)).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError):
            return  # The caller has closed the connection, or sent a line beyond the limit: no answer is possible.
        finally:
            writer.close()

    async def _respond(self, line: bytes) -> dict[str, t.Any]:
        try:
            request = json.loads(line)
            if not isinstance(request, dict) or not hmac.compare_digest(str(request.pop("token", "")), self._token):
                return {"error": "the control channel wants the token of its state directory"}
            return {"result": await self._handler(request)}
        except LabError as error:
            return {"error": str(error)}
        except ValueError as error:
            return {"error": f"not a request: {error}"}


def call(state: StateDir, do: str, timeout: float = 300.0, **arguments: t.Any) -> t.Any:
    """Send the command ``do`` to the lab of ``state``. Raise ``LabError`` if no lab runs there, or if it refuses."""
    control = state.read_control()
    if control is None or state.pid() is None:
        raise LabError(f"{state.path}: no lab is running here; start one with: python -m tests.lab up INVENTORY")
    address = control["address"]
    try:
        with socket.socket(socket.AF_UNIX if len(address) == 1 else socket.AF_INET) as connection:
            connection.settimeout(timeout)
            connection.connect(address[0] if len(address) == 1 else tuple(address))
            connection.sendall(json.dumps({"do": do, "token": control["token"], **arguments}).encode() + b"\n")
            with connection.makefile("rb") as stream:
                line = stream.readline()
    except OSError as error:
        raise LabError(f"{state.path}: the lab (process {control['pid']}) does not answer: {error}") from error
    if not line:
        raise LabError(f"{state.path}: the lab (process {control['pid']}) closed the connection without an answer")
    answer = json.loads(line)
    if "error" in answer:
        raise LabError(answer["error"])
    return answer["result"]
