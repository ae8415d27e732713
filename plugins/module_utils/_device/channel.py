# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The channel that a session speaks through: one method that sends a request and returns the reply, open and close."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

DEFAULT_PORT = 830


@dataclass(frozen=True)
class Target:
    """Where a device is and how to log in.

    ``port``: 0 takes the SSH configuration's port, or 830. ``user``: None takes the SSH configuration's, or the
    local user, as ssh does. ``ssh_args``: options of the ssh client, as ``ansible_ssh_common_args`` has them.
    ``timeout``: seconds one RPC may take; a commit may take thrice that. ``transport``: ``asyncssh`` or ``pyez``.
    """

    host: str
    address: str
    port: int = 0
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    key_file: str | None = None
    ssh_config: str | None = None
    host_key_checking: bool = True
    timeout: float = 60
    transport: str = "asyncssh"
    ssh_args: tuple[str, ...] = ()
    passphrase: str | None = field(default=None, repr=False)


class ChannelLost(Exception):
    """No reply came, and none will: the request may have been carried out. The channel is closed on this side."""


class NotXml(Exception):
    """A reply came that no parser takes. The channel goes on."""


class Channel(t.Protocol):
    """NETCONF with one device. ``notes`` holds what the operator should know of the replies."""

    notes: list[str]

    def open(self) -> None:
        """Log in and exchange capabilities. Raise SessionError, in which each way of not getting in has a sentence."""

    def execute(self, rpc: str, timeout: float) -> str:
        """Send one request and return the text of its ``rpc-reply``.

        Raise ChannelLost, after ``timeout`` seconds at the latest, and NotXml.
        """

    def close(self) -> None:
        """End the session within seconds, whatever the device does. Raise nothing."""

    def abandon(self) -> None:
        """End the session at once, from another thread, under a request that does not end. Raise nothing."""
