# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The default channel: NETCONF over asyncssh, all devices in one event loop."""

from __future__ import annotations

import asyncio
import time
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import event_loop, library_loggers
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import netconf_framing as netconf
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_carrier import Connection, Way
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_errors import MISSING, OLDEST
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_login import connect, way_to
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.channel import Channel, ChannelLost
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.deadline import Deadline
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import login_error, lower_first
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_config import SshSettings
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.target import Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError

if MISSING is None:
    import asyncssh

library_loggers.quiet()
_GOODBYE_SECONDS = 3.0
_PROGRAM = "xml-mode netconf need-trailer"
# The login bounds its own steps. This one ends what a loop that is blocked does not.
_GRACE = 5.0


class AsyncsshChannel(Channel):
    """NETCONF with one device over asyncssh."""

    def __init__(self, target: Target) -> None:
        if MISSING:
            expected = f"version {'.'.join(map(str, OLDEST))} or newer"
            raise login_error(target.host, "library", library="asyncssh", expected=expected, words=MISSING)
        super().__init__(target)
        self._connection: Connection | None = None
        self._stream: _Stream | None = None
        self._number = 0
        self._chunked = False

    def _log_in(self, where: str, settings: SshSettings) -> None:
        target = self._target
        secrets = [secret for secret in (target.passphrase, target.password) if secret]
        way = way_to(where, settings, checking=target.host_key_checking, password=target.password,
                     passphrases=secrets)  # fmt: skip
        seconds = way.login_seconds + way.seconds + _GRACE
        self.until = time.monotonic() + way.seconds * (1 + len(settings.jumps))
        try:
            try:
                event_loop.run(self._open(way), seconds)
            except event_loop.LoopEnded:
                # A login changes nothing, so it may begin again in the loop that comes next.
                event_loop.run(self._open(way), seconds)
        except TimeoutError:
            raise login_error(where, "silent", awaited="to be logged in", seconds=seconds) from None

    async def _open(self, way: Way) -> None:
        connection = await connect(way)
        try:
            await self._start(way, connection)
        except BaseException:
            connection.drop()
            raise
        self._connection = connection
        self.tries = connection.tries

    async def _start(self, way: Way, connection: Connection) -> None:
        end = Deadline(way.seconds)
        try:
            await self._exchange_hellos(way, connection, end, subsystem="netconf")
        except _NotStarted as refused:
            # Port 22 of a device without 'set system services netconf ssh' has the program all the same.
            try:
                await self._exchange_hellos(way, connection, end, command=_PROGRAM)
            except (_NotStarted, SessionError):
                raise login_error(way.where, "no_subsystem", words=refused) from None

    async def _exchange_hellos(self, way: Way, connection: Connection, end: Deadline, **program: str) -> None:
        try:
            made = connection.ssh.create_session(_Stream, encoding=None, request_pty=False, **program)
            _channel, stream = await asyncio.wait_for(made, end.remaining)
        except asyncio.TimeoutError:
            awaited = "the netconf subsystem to start"
            raise login_error(way.where, "silent", awaited=awaited, seconds=end.seconds) from None
        except (asyncssh.Error, OSError) as error:
            raise _NotStarted(lower_first(str(error) or type(error).__name__)) from None
        try:
            stream.send(netconf.encode(netconf.HELLO, chunked=False))
            hello = await asyncio.wait_for(stream.message(), end.remaining)
            text, _is_utf_8 = netconf.decode(hello)
            self._chunked = netconf.BASE_1_1 in netconf.capabilities(text)
        except asyncio.TimeoutError:
            raise login_error(way.where, "no_hello", words=f"none within {end.seconds:g} s") from None
        except (ChannelLost, netconf.NetconfError) as error:
            raise login_error(way.where, "no_hello", words=error) from None
        stream.decoder.largest = netconf.LARGEST_MESSAGE
        if self._chunked:
            stream.decoder.use_chunks()
        self._stream = stream

    def _exchange(self, rpc: str, timeout: float) -> str:
        if self._stream is None:
            raise ChannelLost("the session is closed")
        self._number += 1
        request = netconf.encode(netconf.rpc(rpc, self._number), chunked=self._chunked)
        text, is_utf_8 = netconf.decode(event_loop.run(_exchange(self._stream, request), timeout))
        netconf.check_reply(text, self._number)
        if not is_utf_8 and netconf.NOT_UTF_8 not in self.notes:
            self.notes.append(netconf.NOT_UTF_8)
        return text

    def _say_goodbye(self) -> None:
        stream, connection = self._stream, self._connection
        self._number += 1
        goodbye = netconf.encode(netconf.rpc("<close-session/>", self._number), chunked=self._chunked)
        if stream is not None and connection is not None:
            event_loop.run(_leave(stream, connection, goodbye), 2 * _GOODBYE_SECONDS)

    def _drop(self) -> None:
        connection, self._connection, self._stream = self._connection, None, None
        if connection is not None:
            connection.hang_up()


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
            self.decoder = netconf.Decoder(netconf.LARGEST_HELLO)
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
