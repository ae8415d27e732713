# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The carriers of an asyncssh connection: a socket, a ProxyCommand, or a jump host that devices share."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import event_loop
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_keys import KeyFile
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.deadline import (
    CONNECT_SECONDS,
    Deadline,
    login_seconds,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.host_keys import HostKeys
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import (
    bastion_error,
    login_error,
    socket_error,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.proxy_command import (
    Ended,
    Proxy,
    program_of,
    start_proxy,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_config import FAMILIES, SshSettings
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError


@dataclass(frozen=True)
class Way:
    """The settings of a login to one host, read and computed in the caller's thread: the event loop only waits."""

    where: str
    settings: SshSettings
    host_keys: HostKeys
    files: tuple[KeyFile, ...]
    password: str | None = None
    jump: Way | None = None
    is_jump: bool = False
    without_certificates: bool = False
    seconds: float = CONNECT_SECONDS

    @property
    def login_seconds(self) -> float:
        """The seconds that all tries of the login may take together, those of the jump hosts included."""
        return login_seconds(self.seconds) + (self.jump.login_seconds if self.jump else 0)


class Connection:
    """A connection that is logged in, after so many ``tries``. ``drop`` ends it on this side at once."""

    def __init__(self, connection: t.Any, carrier: Carrier) -> None:
        self.ssh = connection
        self.is_over = False
        self.tries = 1
        self.socket = carrier.socket
        self._is_shared = carrier.is_shared
        self._loop = asyncio.get_running_loop()
        self._release: t.Callable[[], None] | None = carrier.release

    def hang_up(self) -> None:
        """End it at once, from any thread, even where the event loop is blocked."""
        if not self._is_shared or event_loop.is_given_up(self._loop):
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.drop)

    def drop(self) -> None:
        """Close without a word, in the event loop. May be called again."""
        release, self._release = self._release, None
        if release is not None:
            self.ssh.abort()
            release()


Connect = t.Callable[[Way], t.Awaitable[Connection]]


@dataclass
class Carrier:
    """The socket or the jump host below a connection, as arguments of asyncssh. ``release`` gives it back.

    ``socket`` is that of the first host on the way; ``is_shared`` where other devices are behind it.
    """

    arguments: dict[str, t.Any]
    release: t.Callable[[], None]
    socket: socket.socket
    is_shared: bool = False
    proxy: Proxy | None = None
    ended: Ended | None = None


async def jump_of(way: Way, connect: Connect) -> Carrier | None:
    """Return the jump host that carries a connection. ``connect`` logs in to it. Raise SessionError."""
    if way.jump is None:
        return None
    shared = await _jump_hosts().get(way.jump, way.where, connect)
    return Carrier({"tunnel": shared.connection.ssh}, shared.leave, shared.connection.socket, is_shared=True)


async def carrier_of(way: Way, end: Deadline) -> Carrier:
    """Return a carrier of this connection alone. Raise SessionError."""
    if way.settings.proxy_command:
        proxy = await _start(way, way.settings.proxy_command, end)
        return Carrier({"sock": proxy.socket}, proxy.stop, proxy.socket, proxy=proxy)
    dialled = await _dial(way, end)
    return Carrier({"sock": dialled}, dialled.close, dialled)


async def _start(way: Way, command: str, end: Deadline) -> Proxy:
    # A fork of a process with a whole fleet in its memory is slow.
    started = asyncio.get_running_loop().run_in_executor(None, start_proxy, way.where, command)
    try:
        return await asyncio.wait_for(asyncio.shield(started), end.remaining)
    except (asyncio.TimeoutError, asyncio.CancelledError) as error:
        started.add_done_callback(_stop_late)
        if isinstance(error, asyncio.CancelledError):
            raise
        told = {"program": program_of(command), "words": f"not started within {end.seconds:g} s"}
        raise login_error(way.where, "broken_proxy_command", **told) from None


def _stop_late(started: asyncio.Future[Proxy]) -> None:
    if not started.cancelled() and started.exception() is None:
        started.result().stop()


async def _dial(way: Way, end: Deadline) -> socket.socket:
    settings, loop = way.settings, asyncio.get_running_loop()
    last: OSError = OSError(errno.EADDRNOTAVAIL, "no address")
    family = FAMILIES.get(settings.family, socket.AF_UNSPEC)
    try:
        found = _numeric(settings, family) or await asyncio.wait_for(
            loop.getaddrinfo(settings.hostname, settings.port, family=family, type=socket.SOCK_STREAM), end.remaining
        )
        for number, (kind, style, protocol, _name, address) in enumerate(found):
            try:
                # A name has several addresses, of which the first may swallow everything.
                share = end.remaining / (len(found) - number)
                return await asyncio.wait_for(_dial_one(kind, style, protocol, address, settings), share)
            except (OSError, asyncio.TimeoutError) as error:
                last = error if isinstance(error, OSError) else TimeoutError()
    except UnicodeError:
        last = socket.gaierror(socket.EAI_NONAME, "no valid name")
    except (OSError, asyncio.TimeoutError) as error:
        last = error if isinstance(error, OSError) else TimeoutError()
    raise socket_error(way.where, last, end.seconds)


def _numeric(settings: SshSettings, family: int) -> list[t.Any]:
    """Return the address where it is one already: nothing is looked up."""
    try:
        return socket.getaddrinfo(
            settings.hostname, settings.port, family, socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
        )
    except (OSError, UnicodeError):
        return []


async def _dial_one(kind: int, style: int, protocol: int, address: t.Any, settings: SshSettings) -> socket.socket:
    made = socket.socket(kind, style, protocol)
    try:
        made.setblocking(False)  # noqa: FBT003 (so has it the standard library)
        if settings.bind_address:
            made.bind((settings.bind_address, 0))
        await asyncio.get_running_loop().sock_connect(made, address)
    except BaseException:
        made.close()
        raise
    return made


class _Shared:
    """A jump host's connection, for all devices behind it: one login, whatever its MaxStartups."""

    def __init__(self, connection: Connection, gone: t.Callable[[], None]) -> None:
        self.connection = connection
        self._gone = gone
        self._users = 0

    def join(self) -> _Shared:
        self._users += 1
        return self

    def leave(self) -> None:
        self._users -= 1
        if self._users == 0:
            self._gone()
            self.connection.drop()


class _JumpHosts:
    """The jump hosts that are logged in to, each once."""

    def __init__(self) -> None:
        self._found: dict[tuple[SshSettings, bool], asyncio.Task[_Shared]] = {}

    async def get(self, way: Way, where: str, connect: Connect) -> _Shared:
        """Return the connection with a jump host, made where there is none. Raise SessionError."""
        key = (way.settings, way.host_keys.checking)
        task = self._found.get(key)
        if task is not None and task.done() and _is_usable(task):
            # At once: in a turn of the loop its last user may leave.
            return task.result().join()
        if task is None or task.done():
            task = self._found[key] = asyncio.ensure_future(self._make(way, key, connect))
        try:
            # Another device may wait for the same login: it goes on though this one is interrupted.
            return (await asyncio.shield(task)).join()
        except SessionError as error:
            raise bastion_error(where, way.settings.described, way.settings.by_hand(), error) from None

    async def _make(self, way: Way, key: tuple[SshSettings, bool], connect: Connect) -> _Shared:
        connection = await connect(way)

        def gone() -> None:
            if self._found.get(key) is task:
                del self._found[key]

        task = asyncio.current_task()
        return _Shared(connection, gone)


def _is_usable(task: asyncio.Task[_Shared]) -> bool:
    return not task.cancelled() and task.exception() is None and not task.result().connection.is_over


_jump_hosts_of: dict[asyncio.AbstractEventLoop, _JumpHosts] = {}


def _jump_hosts() -> _JumpHosts:
    return _jump_hosts_of.setdefault(asyncio.get_running_loop(), _JumpHosts())
