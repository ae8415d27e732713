# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SSH servers on loopback that behave as a test asks, and sockets that are no SSH server at all."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
import typing as t
from contextlib import contextmanager, suppress

import asyncssh

END = b"]]>]]>"
BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
CAPABILITY = "<capability>urn:ietf:params:netconf:base:1.{}</capability>"
HELLO = f'<hello xmlns="{BASE}"><capabilities>{{}}</capabilities><session-id>7</session-id></hello>'
PLAIN_HELLO = HELLO.format(CAPABILITY.format(0)).encode() + END
CHUNKED_HELLO = HELLO.format(CAPABILITY.format(0) + CAPABILITY.format(1)).encode() + END
_ID = re.compile(rb'message-id="([^"]*)"')
_END_OF_RPC = re.compile(rb"</(?:\w+:)?rpc>")

# Between two bytes of a device that is slow, and of a slow service.
SLOW_SECONDS = 0.5

# What is sent for the request of a message-id: whole bytes, framing included, or None for nothing at all.
Answer = t.Callable[[bytes], "bytes | None"]


def reply(body: str = "<ok/>") -> Answer:
    """Return a device that answers every request alike, in framing 1.0."""
    return lambda number: b'<rpc-reply xmlns="%s" message-id="%s">%s</rpc-reply>%s' % (
        BASE.encode(), number, body.encode(), END,
    )  # fmt: skip


def chunked(body: str = "<ok/>", size: int = 7) -> Answer:
    """Return a device that answers in framing 1.1, in chunks of so many bytes."""

    def answer(number: bytes) -> bytes:
        text = b'<rpc-reply xmlns="%s" message-id="%s">%s</rpc-reply>' % (BASE.encode(), number, body.encode())
        parts = [text[at : at + size] for at in range(0, len(text), size)]
        return b"".join(b"\n#%d\n%s" % (len(part), part) for part in parts) + b"\n##\n"

    return answer


class _Netconf(asyncssh.SSHServerSession[bytes]):
    def __init__(self, device: FakeDevice) -> None:
        self._device = device
        self._buffer = b""
        self._chan: asyncssh.SSHServerChannel[bytes] | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._chan = chan

    def subsystem_requested(self, subsystem: str) -> bool:
        return subsystem == "netconf" and self._device.subsystem

    def exec_requested(self, command: str) -> bool:
        return command == self._device.program

    def session_started(self) -> None:
        if self._device.hello:
            self._say(self._device.hello, slowly=self._device.slow == "hello")

    def data_received(self, data: bytes, datatype: t.Any) -> None:
        self._buffer += data
        # Of either framing: the test sends one request at a time.
        while (found := _ID.search(self._buffer)) and (end := _END_OF_RPC.search(self._buffer)):
            self._buffer = self._buffer[end.end() :]
            said = self._device.answer(found[1])
            if said is not None:
                self._say(said, slowly=self._device.slow == "reply")

    def _say(self, data: bytes, *, slowly: bool) -> None:
        if self._chan is None or self._chan.is_closing():
            return
        if not slowly:
            self._chan.write(data)
            return
        self._chan.write(data[:1])
        if data[1:]:
            asyncio.get_running_loop().call_later(SLOW_SECONDS, lambda: self._say(data[1:], slowly=True))

    def eof_received(self) -> bool:
        return False


class _Server(asyncssh.SSHServer):
    def __init__(self, device: FakeDevice) -> None:
        self._device = device

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._device.connections.append(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        self._device.ended += 1

    def password_auth_supported(self) -> bool:
        return self._device.password is not None

    def validate_password(self, username: str, password: str) -> bool:
        self._device.passwords.append(password)
        return password == self._device.password

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return key.public_data in self._device.keys

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        return self._device.forwards

    def session_requested(self) -> _Netconf:
        return _Netconf(self._device)


class FakeDevice:
    """An SSH server in a thread of its own. As a context manager it listens during the block."""

    def __init__(
        self,
        *,
        answer: Answer | None = None,
        hello: bytes = PLAIN_HELLO,
        subsystem: bool = True,
        program: str = "",
        password: str | None = "secret",  # noqa: S107
        keys: t.Iterable[asyncssh.SSHKey] = (),
        host_keys: t.Sequence[asyncssh.SSHKey] = (),
        **options: t.Any,
    ) -> None:
        self.answer = answer or reply()
        self.hello = hello
        self.subsystem = subsystem
        self.program = program
        self.forwards = False
        self.slow: t.Literal["", "hello", "reply"] = ""
        self.password = password
        self.keys = {key.public_data for key in keys}
        self.host_keys = host_keys or [asyncssh.generate_private_key("ssh-ed25519")]
        self.address = "127.0.0.1"
        self.connections: list[asyncssh.SSHServerConnection] = []
        self.passwords: list[str] = []
        self.ended = 0
        self.port = 0
        self._options = options
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> FakeDevice:
        self._thread.start()
        self._acceptor = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(20)
        self.port = self._acceptor.get_port()
        return self

    def __exit__(self, *_details: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)

    async def _listen(self) -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            self.address, 0, server_factory=lambda: _Server(self), server_host_keys=list(self.host_keys),
            encoding=None, gss_host=None, **self._options,
        )  # fmt: skip

    async def _end(self) -> None:
        self._acceptor.close()
        for connection in self.connections:
            connection.abort()
        await asyncio.sleep(0)

    def public(self, number: int = 0) -> str:
        """Return a host key as known_hosts lists it."""
        key = self.host_keys[number]
        return key.export_public_key().decode().strip()

    def has_ended(self, count: int = 1, seconds: float = 5) -> bool:
        """Wait until so many connections are over on the device's side."""
        until = time.monotonic() + seconds
        while self.ended < count and time.monotonic() < until:
            time.sleep(0.01)
        return self.ended >= count


@contextmanager
def plain_server(talk: t.Callable[[socket.socket], None]) -> t.Iterator[int]:
    """Listen on a port of loopback and hand each connection to ``talk``."""
    over = threading.Event()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(50)
        listening.settimeout(0.1)

        def serve() -> None:
            while not over.is_set():
                try:
                    one, _peer = listening.accept()
                except OSError:
                    continue
                threading.Thread(target=_served, args=(one, talk), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            over.set()
            thread.join(5)


def _served(one: socket.socket, talk: t.Callable[[socket.socket], None]) -> None:
    with one, suppress(OSError):
        one.settimeout(30)
        talk(one)


def say(data: bytes) -> t.Callable[[socket.socket], None]:
    """Return a service that says something and waits for the other end to leave."""

    def talk(one: socket.socket) -> None:
        one.sendall(data)
        while one.recv(4096):
            pass

    return talk


def say_for_ever(data: bytes) -> t.Callable[[socket.socket], None]:
    """Return a service that says the same again and again."""

    def talk(one: socket.socket) -> None:
        while True:
            one.sendall(data)
            time.sleep(0.01)

    return talk


def say_slowly(data: bytes, fast: bytes = b"") -> t.Callable[[socket.socket], None]:
    """Return a service that says something at once and the rest one byte at a time, for ever."""

    def talk(one: socket.socket) -> None:
        one.sendall(fast)
        while True:
            for byte in data:
                one.sendall(bytes([byte]))
                time.sleep(SLOW_SECONDS)

    return talk


def hang_up_late(said: bytes, seconds: float) -> t.Callable[[socket.socket], None]:
    """Return a service that says something, and hangs up some time later."""

    def talk(one: socket.socket) -> None:
        one.sendall(said)
        time.sleep(seconds)

    return talk


def hang_up(_one: socket.socket) -> None:
    """Accept and close."""


@contextmanager
def full_port() -> t.Iterator[int]:
    """Yield a port that answers no further connection, as a firewall that drops packets."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = int(listening.getsockname()[1])
        waiting = []
        for _turn in range(4):
            one = socket.socket()
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(("127.0.0.1", port))
            waiting.append(one)
        time.sleep(0.1)
        try:
            yield port
        finally:
            for one in waiting:
                one.close()


def closed_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
