# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The default channel: NETCONF over asyncssh, all devices in one event loop."""

from __future__ import annotations

import asyncio
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device import event_loop
from ansible_collections.hubspoke.srx.plugins.module_utils._device import netconf_framing as netconf
from ansible_collections.hubspoke.srx.plugins.module_utils._device.asyncssh_carrier import Connection, Way
from ansible_collections.hubspoke.srx.plugins.module_utils._device.asyncssh_errors import MISSING, OLDEST
from ansible_collections.hubspoke.srx.plugins.module_utils._device.asyncssh_login import connect, way_to
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channel import ChannelLost, Target
from ansible_collections.hubspoke.srx.plugins.module_utils._device.login_errors import (
    login_error,
    lower_first,
    socket_error,
    unforeseen,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.ssh_config import settings_of
from ansible_collections.hubspoke.srx.plugins.module_utils._device.ssh_config_client import SshConfigError
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError

if MISSING is None:
    import asyncssh

event_loop.quiet("asyncio", "asyncssh")
# A login through slow bastions, tried again, may take as long as its steps together: this bounds what none of them did.
_LONGEST_LOGIN = 600.0
_GOODBYE_SECONDS = 3.0
_PROGRAM = "xml-mode netconf need-trailer"


class AsyncsshChannel:
    """NETCONF with one device over asyncssh."""

    def __init__(self, target: Target) -> None:
        if MISSING:
            expected = f"version {'.'.join(map(str, OLDEST))} or newer"
            raise login_error(target.host, "library", library="asyncssh", expected=expected, words=MISSING)
        self.notes: list[str] = []
        self._target = target
        self._connection: Connection | None = None
        self._stream: _Stream | None = None
        self._number = 0
        self._chunked = False

    def open(self) -> None:
        """Log in and exchange hellos. Raise SessionError."""
        target = self._target
        where = f"{target.host} ({target.address}{f' port {target.port}' if target.port else ''})"
        try:
            settings = settings_of(target)
            where = f"{target.host} ({target.address} port {settings.port})"
            secrets = [secret for secret in (target.passphrase, target.password) if secret]
            way = way_to(where, settings, checking=target.host_key_checking, password=target.password,
                         passphrases=secrets)  # fmt: skip
            event_loop.run(self._open(way), _LONGEST_LOGIN)
        except SshConfigError as error:
            raise login_error(where, "ssh_config", words=error) from None
        except SessionError:
            raise
        except TimeoutError:
            self._drop()
            raise login_error(where, "silent", awaited="to be logged in", seconds=_LONGEST_LOGIN) from None
        except Exception as error:
            # Whatever a library raises about one device is about that device.
            self._drop()
            told = socket_error(where, error, 0) if isinstance(error, OSError) else unforeseen(where, error)
            raise told from None

    async def _open(self, way: Way) -> None:
        connection = await connect(way)
        try:
            await self._start(way, connection)
        except BaseException:
            connection.drop()
            raise
        self._connection = connection

    async def _start(self, way: Way, connection: Connection) -> None:
        try:
            await self._exchange_hellos(way, connection, subsystem="netconf")
        except _NotStarted as refused:
            # Port 22 of a device without 'set system services netconf ssh' has the program all the same.
            try:
                await self._exchange_hellos(way, connection, command=_PROGRAM)
            except (_NotStarted, SessionError):
                raise login_error(way.where, "no_subsystem", words=refused) from None

    async def _exchange_hellos(self, way: Way, connection: Connection, **program: str) -> None:
        try:
            made = connection.ssh.create_session(_Stream, encoding=None, request_pty=False, **program)
            _channel, stream = await asyncio.wait_for(made, way.seconds)
        except asyncio.TimeoutError:
            awaited = "the netconf subsystem to start"
            raise login_error(way.where, "silent", awaited=awaited, seconds=way.seconds) from None
        except (asyncssh.Error, OSError) as error:
            raise _NotStarted(lower_first(str(error) or type(error).__name__)) from None
        try:
            stream.send(netconf.encode(netconf.HELLO, chunked=False))
            hello = await asyncio.wait_for(stream.message(), way.seconds)
            text, _is_utf_8 = netconf.decode(hello)
            self._chunked = netconf.BASE_1_1 in netconf.capabilities(text)
        except asyncio.TimeoutError:
            raise login_error(way.where, "no_hello", words=f"none within {way.seconds:g} s") from None
        except (ChannelLost, netconf.NetconfError) as error:
            raise login_error(way.where, "no_hello", words=error) from None
        if self._chunked:
            stream.decoder.use_chunks()
        self._stream = stream

    def execute(self, rpc: str, timeout: float) -> str:
        """Send one request and return its reply. Raise ChannelLost."""
        if self._stream is None:
            raise ChannelLost("the session is closed")
        self._number += 1
        request = netconf.encode(netconf.rpc(rpc, self._number), chunked=self._chunked)
        try:
            message = event_loop.run(_exchange(self._stream, request), timeout)
            text, is_utf_8 = netconf.decode(message)
            netconf.check_reply(text, self._number)
        except TimeoutError:
            self._drop()
            raise ChannelLost(f"none within {timeout:g} s") from None
        except ChannelLost:
            self._drop()
            raise
        except Exception as error:
            self._drop()
            raise ChannelLost(lower_first(str(error) or type(error).__name__)) from None
        except BaseException:
            # The reply to what was interrupted would be taken for that of the next request.
            self._drop()
            raise
        if not is_utf_8 and netconf.NOT_UTF_8 not in self.notes:
            self.notes.append(netconf.NOT_UTF_8)
        return text

    def close(self) -> None:
        """End the session. Raise nothing."""
        stream, connection = self._stream, self._connection
        self._number += 1
        goodbye = netconf.encode(netconf.rpc("<close-session/>", self._number), chunked=self._chunked)
        try:
            if stream is not None and connection is not None:
                event_loop.run(_leave(stream, connection, goodbye), 2 * _GOODBYE_SECONDS)
        except Exception:  # noqa: S110 (nothing more can be sent over a dead link)
            pass
        finally:
            self._drop()

    def abandon(self) -> None:
        """End the session at once, from another thread, under a request that does not end. Raise nothing."""
        self._drop()

    def _drop(self) -> None:
        """End the session on this side at once, whatever the device does: so ends what it had locked."""
        connection, self._connection, self._stream = self._connection, None, None
        if connection is not None:
            event_loop.loop().call_soon_threadsafe(connection.drop)


class _NotStarted(Exception):
    """The SSH server refuses to start what was asked for."""


async def _exchange(stream: _Stream, request: bytes) -> bytes:
    stream.send(request)
    return await stream.message()


async def _leave(stream: _Stream, connection: Connection, goodbye: bytes) -> None:
    await asyncio.wait_for(_exchange(stream, goodbye), _GOODBYE_SECONDS)
    connection.ssh.close()
    await asyncio.wait_for(connection.ssh.wait_closed(), _GOODBYE_SECONDS)


if MISSING is None:

    class _Stream(asyncssh.SSHClientSession[bytes]):
        """The bytes of the netconf subsystem, cut into messages. Lives in the event loop."""

        def __init__(self) -> None:
            self.decoder = netconf.Decoder()
            self._channel: asyncssh.SSHClientChannel[bytes] | None = None
            self._waiting: asyncio.Future[bytes] | None = None
            self._early: bytes | None = None
            self._failed: str | None = None

        def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
            self._channel = chan

        def data_received(self, data: bytes, datatype: t.Any) -> None:
            if datatype is not None or self._failed is not None:
                return
            try:
                for message in self.decoder.feed(data):
                    self._arrived(message)
            except netconf.NetconfError as error:
                self._fail(str(error))

        def eof_received(self) -> bool:
            self._fail("the device ended the session")
            return False

        def connection_lost(self, exc: Exception | None) -> None:
            self._fail(lower_first(str(exc)) if exc else "the device ended the session")

        def send(self, data: bytes) -> None:
            """Send one message. Raise ChannelLost where the session is over."""
            if self._failed is not None or self._channel is None:
                raise ChannelLost(self._failed or "the session is closed")
            try:
                self._channel.write(data)
            except OSError:
                raise ChannelLost("the session is closed") from None

        async def message(self) -> bytes:
            """Return the next message. Raise ChannelLost where none will come."""
            if self._early is not None:
                message, self._early = self._early, None
                return message
            if self._failed is not None:
                raise ChannelLost(self._failed)
            self._waiting = asyncio.get_running_loop().create_future()
            return await self._waiting

        def _arrived(self, message: bytes) -> None:
            if self._waiting is not None and not self._waiting.done():
                self._waiting.set_result(message)
            elif self._early is None:
                # A hello may come before it is waited for.
                self._early = message
            else:
                self._fail("messages that no request asked for")

        def _fail(self, words: str) -> None:
            if self._failed is None:
                self._failed = words
                if self._waiting is not None and not self._waiting.done():
                    self._waiting.set_exception(ChannelLost(words))
