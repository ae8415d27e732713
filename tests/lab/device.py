# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The devices of a lab: a Junos device with its database and sessions, and a ScreenOS peer known by its text."""

from __future__ import annotations

import itertools
import re
import typing as t
from datetime import datetime, timezone

import asyncssh

from tests.lab.clock import Clock, Timer
from tests.lab.config.database import Database
from tests.lab.config.tree import Node
from tests.lab.errors import LabError
from tests.lab.faults import FaultBoard
from tests.lab.inventory import DeviceOptions, LabHost

if t.TYPE_CHECKING:
    from tests.lab.netconf.session import Session
    from tests.lab.network import Network

# Seconds between the moment a confirmed commit runs out and the moment the device rolls it back: 30 to 45 seconds
# were measured on real devices.
ROLLBACK_LATENESS = 30.0

_FACTORY = """\
system {{
    host-name {name};
    root-authentication {{
        encrypted-password "$6$lab$notapasswordofanybody"; ## SECRET-DATA
    }}
    services {{
        netconf {{
            ssh;
        }}
    }}
}}
"""
_PLACEHOLDER = re.compile(r"<pre-shared-key of ([^<>\s]+)>")


class Device:
    """An emulated SRX: what outlives its sessions."""

    kind: t.Literal["junos"] = "junos"

    def __init__(self, host: LabHost, clock: Clock, next_pid: t.Callable[[], int]) -> None:
        self.host = host.name
        self.address = host.address
        self.port = host.port
        self.user = host.user
        self.password = host.password
        self.options: DeviceOptions = host.options
        self.clock = clock
        self.next_pid = next_pid
        self.faults = FaultBoard()
        self.sessions: dict[int, Session] = {}
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self.network: Network | None = None
        self.messages: list[str] = []
        self.rollback_lateness = ROLLBACK_LATENESS
        self.is_down = False
        self.booted_at = clock.now()
        self._rollback_timer: Timer | None = None
        self.database = Database(host.name, clock)
        self.database.install(host.initial if host.initial is not None else _FACTORY.format(name=host.name))

    def effective(self) -> Node:
        """The committed configuration with groups applied and inactive parts left out."""
        return self.database.effective()

    def screenos_text(self) -> None:
        """A Junos device has no ScreenOS text."""
        return None

    @property
    def is_rfc_compliant(self) -> bool:
        """Whether C(system services netconf rfc-compliant) is committed."""
        return self.effective().has("system", "services", "netconf", "rfc-compliant")

    def log(self, daemon: str, text: str) -> None:
        """Write a line to the file messages, as syslog does."""
        when = datetime.fromtimestamp(self.clock.now(), timezone.utc).strftime("%b %e %H:%M:%S")
        self.messages.append(f"{when}  {self.host} {daemon}: {text}")

    def committed_changed(self) -> None:
        """What is committed is another configuration now: tunnels may come and go."""
        if self.network is not None:
            self.network.changed()
