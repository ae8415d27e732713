# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The IKE daemon of a device: the numbers that it gives to tunnels and associations, and what it logs."""

from __future__ import annotations

import typing as t

from tests.lab.network.associations import IKED_INDEX, KMD_INDEX, IkeSa, Pair, number
from tests.lab.network.logs import DeviceLog
from tests.lab.network.messages import Line, Talk
from tests.lab.network.peering import expected_of, identity_of
from tests.lab.network.view import sure


class Daemon:
    """``kmd`` or ``iked``. ``lasting`` says whether associations outlive a commit that changes their parts."""

    def __init__(self, name: str, host: str, *, lasting: bool) -> None:
        self.name = name
        self.lasting = lasting
        self.log = DeviceLog(host, name, 2000 + number(18000, "pid", host))
        self._host = host
        self._next_tunnel = IKED_INDEX if name == "iked" else KMD_INDEX
        self._next_ike = 1 if name == "iked" else 100000 + number(8000000, "ike", host)

    def next_tunnel_index(self) -> int:
        """Return the number of a new tunnel."""
        index = self._next_tunnel
        self._next_tunnel = index + 1
        return index

    def next_ike_index(self) -> int:
        """Return the number of a new phase 1 association."""
        index = self._next_ike
        # kmd uses its numbers for other purposes too, so those of two associations are seldom consecutive.
        self._next_ike = index + (1 if self.name == "iked" else 1 + number(7, self._host, index))
        return index

    def end_of(self, pair: Pair, sa: IkeSa, at: float, tunnel_id: int) -> Talk:
        """Return the negotiation of a pair at this end, for the lines about it."""
        host = self._host
        found, mine = pair.attempt, host == pair.initiator[0]
        gateway = sure(found.gateway if mine else found.peer_gateway)
        vpn = sure(found.vpn if mine else found.peer_vpn)
        local, remote = sa.addresses(host)
        selector = pair.selector(host)
        return Talk(
            flavour=self.name, role=pair.role(host), version=gateway.version, local=local,
            remote=remote, gateway=gateway.name, vpn=vpn.name, cookies=sa.cookies(at),
            tunnel_id=tunnel_id, bind_interface=vpn.bind_interface or "",
            local_id=identity_of(gateway, local), remote_id=expected_of(gateway, remote),
            local_net=selector.local, remote_net=selector.remote, selector=selector.name,
        )  # fmt: skip

    def write(self, lines: t.Iterable[Line], at: float, file: str | None, *, repeated: bool) -> None:
        """Write to the log; a repeated failure to the trace only. ``file`` is that of the trace, where it has one."""
        for kind, text in lines:
            if kind != "event" and file is not None:
                # A daemon with a trace file of its own does not write to the usual file.
                self.log.traced(at, text, file)
            elif repeated:
                continue
            elif kind == "event":
                self.log.event(at, text)
            elif kind == "trace":
                self.log.trace(at, text)
