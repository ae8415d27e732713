# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Where a device is and how to log in, as the variables of a host say it."""

from __future__ import annotations

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
