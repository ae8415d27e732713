# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SSH side of a device: logins, and the channels of NETCONF sessions."""

from __future__ import annotations

import asyncio
import hmac
import typing as t

import asyncssh

from tests.lab.netconf.framing import Deframer
from tests.lab.netconf.session import Session

if t.TYPE_CHECKING:
    from tests.lab.device import Device

# Older clients start this program if the device refuses the subsystem.
EXEC_COMMANDS = ("xml-mode netconf need-trailer", "xml-mode netconf", "netconf")

# Seconds between two looks at whether a device that swallows everything still does.
_SWALLOWED = 0.05


class Channel(asyncssh.SSHServerSession[bytes]):
    """Passes bytes between one SSH channel and one NETCONF session."""

    def __init__(self, device: Device, user: str, peer: str) -> None:
        self._device = device
        self._user = user
        self._peer = peer
        self._deframer = Deframer()
        self._session: Session | None = None
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """Keep the channel that asyncssh has opened."""
        self._channel = chan

    def subsystem_requested(self, subsystem: str) -> bool:
        """Accept the subsystem ``netconf``, as Junos does, and no other."""
        return subsystem == "netconf"

    def exec_requested(self, command: str) -> bool:
        """Accept the program that clients older than the subsystem start."""
        return command.strip() in EXEC_COMMANDS

    def session_started(self) -> None:
        """Start the NETCONF session: the device sends first."""
        assert self._channel is not None
        self._session = Session(self._device, self._user, self._peer, self._write, self._close)
        self._session.start()

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """Pass the messages of the client to the session."""
        if self._session is not None:
            for message in self._deframer.feed(data):
                self._session.received(message)

    def eof_received(self) -> bool:
        """Answer the messages of a client that sends no more, then end the session."""
        if self._session is None:
            return False
        self._session.input_ended()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """End the session after its channel has closed."""
        if self._session is not None:
            self._session.ended()

    def _write(self, data: bytes) -> None:
        if self._channel is not None and not self._channel.is_closing():
            self._channel.write(data)

    def _close(self, abruptly: bool) -> None:
        if self._channel is None:
            return
        if abruptly:
            self._channel.get_connection().abort()
        elif not self._channel.is_closing():
            self._channel.exit(0)


class Server(asyncssh.SSHServer):
    """One SSH connection to one device: authentication, then channels."""

    def __init__(self, device: Device, client_key: asyncssh.SSHKey) -> None:
        self._device = device
        self._client_key = client_key
        self._user = ""
        self._peer = ""
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Keep the connection, or drop it if the device is down."""
        self._connection = conn
        peer = conn.get_extra_info("peername")
        self._peer = str(peer[0]) if peer else ""
        self._device.connections.add(conn)
        if self._device.is_down:
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Remove a connection that has closed."""
        if self._connection is not None:
            self._device.connections.discard(self._connection)

    async def begin_auth(self, username: str) -> bool:
        """Require authentication, as Junos does."""
        self._user = username
        while self._device.faults.swallows:
            await asyncio.sleep(_SWALLOWED)
        return True

    def password_auth_supported(self) -> bool:
        """Accept passwords if the inventory has one for the device."""
        return self._device.password is not None

    def validate_password(self, username: str, password: str) -> bool:
        """Return whether ``password`` is the device's."""
        expected = self._device.password
        return (
            self._may_log_in(username)
            and expected is not None
            and hmac.compare_digest(password.encode(), expected.encode())
        )

    def public_key_auth_supported(self) -> bool:
        """Accept keys: the lab's client key is valid on every device."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Return whether ``key`` is the lab's client key."""
        return self._may_log_in(username) and key.public_data == self._client_key.public_data

    def session_requested(self) -> Channel:
        """Return a new channel."""
        return Channel(self._device, self._user, self._peer)

    def _may_log_in(self, username: str) -> bool:
        allowed = self._device.user in (None, username)
        return allowed and not self._device.faults.refuses_login()


async def listen(
    device: Device, options: asyncssh.SSHServerConnectionOptions, client_key: asyncssh.SSHKey
) -> asyncssh.SSHAcceptor:
    """Listen on the device's address and port; port 0 is any free port. Raise ``OSError`` if the port is in use."""
    return await asyncssh.listen(
        device.address,
        device.port,
        options=options,
        server_factory=lambda: Server(device, client_key),
    )


def server_options(host_key: asyncssh.SSHKey) -> asyncssh.SSHServerConnectionOptions:
    """Return the settings that all devices share; the client selects the ciphers."""
    return asyncssh.SSHServerConnectionOptions(
        server_host_keys=[host_key],
        encoding=None,
        compression_algs=["none"],
        gss_host=None,
        agent_forwarding=False,
        allow_pty=False,
        x11_forwarding=False,
        login_timeout=60,
    )
