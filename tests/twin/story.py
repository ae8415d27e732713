# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the twin shows, step by step, each with what is expected of it."""

from __future__ import annotations

import secrets
import typing as t
from functools import partial
from itertools import permutations
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan

from tests.twin import packets
from tests.twin.daemon import Daemon
from tests.twin.namespace import new_event
from tests.twin.network import Twin, build

# A path that works answers at once; one that does not is given this long.
_PATIENT, _BRIEF = 15.0, 3.0
# Seconds until a spoke gives up: in IKEv1 a peer with another key never answers.
_FOR_A_KEY = 6
_PORT = 5001


class Row(t.NamedTuple):
    """One step: what is shown, what is expected, and what was seen."""

    step: str
    expected: str
    actual: str

    @property
    def is_right(self) -> bool:
        """Return whether what was seen is what is expected."""
        return self.expected == self.actual


class Story:
    """The steps over one network. Every device is a twin; ``hub`` binds VPNs by next-hop tunnel entries."""

    def __init__(self, plan: FleetPlan, keys: t.Mapping[str, str], folder: Path) -> None:
        self.rows: list[Row] = []
        self._plan = plan
        self._internet, self._twins = build(plan, keys, folder)
        self._hub, *self._spokes = self._twins.values()
        self._keys = keys
        self._static = {tunnel.vpn for tunnel in plan.hub.tunnels if tunnel.static_binding}
        self._all = {tunnel.vpn for tunnel in plan.hub.tunnels}

    def tell(self) -> None:
        """Show every step."""
        self._watched(self._tunnels, self._pings, self._sizes, self._without_entries, self._wrong_key)

    def tell_in_clear(self) -> None:
        """Show the pings while the hub and its first spoke send to each other in clear, which is a failure."""
        self._watched(self._tunnels, self._leak, self._pings)

    def _watched(self, *steps: t.Callable[[], None]) -> None:
        """Take steps; note what has been on the wire meanwhile."""
        end = new_event()
        wire = self._internet.begin(partial(packets.listen, end.is_set))
        try:
            for step in steps:
                step()
        finally:
            end.set()
            found = wire()
        is_clear = any(kind.startswith("clear") for kind in found)
        is_encrypted = any(kind.startswith("ESP") for kind in found)
        expected = "ESP and IKE only"
        seen = ", ".join(sorted(found)) or "nothing"
        self._note("on the wire between the sites", expected, expected if is_encrypted and not is_clear else seen)

    def _tunnels(self) -> None:
        for twin in self._twins.values():
            # The hub has its static entries from the beginning, and learns those of Junos spokes with their tunnels.
            twin.begin(self._static)
        for spoke in self._spokes:
            self._note_tunnels(spoke)
        self._hub.load(self._all)

    def _leak(self) -> None:
        """Give the hub and its first spoke routes past the tunnel, and the Internet routes to their networks."""
        for one, other in ((self._hub, self._spokes[0]), (self._spokes[0], self._hub)):
            one.device.ip(
                "route", "replace", other.plan.site.lans[0].network, "via", str(one.plan.site.wans[0].gateway)
            )
            wan = one.plan.site.wans[0]
            self._internet.ip("route", "add", one.plan.site.lans[0].network, "via", str(wan.ip))

    @property
    def succeeded(self) -> bool:
        """Return whether every step showed what is expected."""
        return all(row.is_right for row in self.rows)

    @property
    def verdict(self) -> str:
        """Return the end of the story in one sentence."""
        wrong = sum(not row.is_right for row in self.rows)
        return "All as planned." if not wrong else f"{wrong} of {len(self.rows)} steps are not as planned."

    def table(self) -> str:
        """Return the steps as a table."""
        rows = [("Step", "Expected", "Actual", "")]
        rows += [(row.step, row.expected, row.actual, "ok" if row.is_right else "WRONG") for row in self.rows]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        rows.insert(1, t.cast("tuple[str, str, str, str]", tuple("-" * width for width in widths)))
        return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)

    def _note(self, step: str, expected: str, actual: str) -> None:
        self.rows.append(Row(step, expected, actual))

    def _note_tunnels(self, spoke: Twin) -> None:
        """Note the tunnels of a spoke, which starts them as its file says."""
        for tunnel in spoke.plan.tunnels:
            up = all(daemon.has(vpn, _PATIENT) for daemon, vpn in self._ends(spoke, tunnel.vpn))
            policy = tunnel.ike_policy.proposal_set or "aes-256-gcm"
            name = f"{spoke.plan.site.name} <-> {tunnel.peer_site}, IKE{tunnel.ike_version} {policy}"
            self._note(f"tunnel {name}", "up", "up" if up else "down")

    def _ends(self, spoke: Twin, vpn: str) -> list[tuple[Daemon, str]]:
        """Return both daemons of a spoke's tunnel, each with its name for it."""
        own = next(one.vpn for one in self._hub.plan.tunnels if one.peer_host == spoke.plan.host)
        return [(spoke.daemon, vpn), (self._hub.daemon, own)]

    def _pairs(self) -> list[tuple[Twin, Twin]]:
        return list(permutations(self._twins.values(), 2))

    def _reached(self, seconds: float) -> dict[tuple[str, str], bool]:
        """Ping from the host behind each site to that behind each other one, all at the same time."""
        calls = {
            (one.plan.site.name, other.plan.site.name): one.host.begin(partial(packets.ping, other.address, seconds))
            for one, other in self._pairs()
        }
        return {pair: wait() for pair, wait in calls.items()}

    def _pings(self) -> None:
        for (one, other), answered in self._reached(_PATIENT).items():
            self._note(f"ping {one} -> {other}", "answered", "answered" if answered else "no answer")

    def _sizes(self) -> None:
        """Connect from one spoke to the other, through both tunnels."""
        one, other = self._spokes[0], self._spokes[-1]
        arrives = other.host.begin(partial(packets.serve, _PORT, _PATIENT))
        leaves = one.host.inside(partial(packets.connect, other.address, _PORT, _PATIENT))
        way = f"MSS of a SYN {one.plan.site.name} -> {other.plan.site.name}"
        self._note(f"{way}, as it leaves", "1460", str(leaves))
        self._note(f"{way}, as it arrives", str(self._plan.hub.mss), str(arrives()))

    def _without_entries(self) -> None:
        """Take the static entries away: exactly the pairs of third-party spokes fail. Then give them back."""
        third = {tunnel.peer_site for tunnel in self._hub.plan.tunnels if tunnel.static_binding}
        self._hub.load(self._all - self._static)
        reached = self._reached(_BRIEF)
        failing = {pair for pair, answered in reached.items() if not answered}
        expected = {pair for pair in reached if third & set(pair)}
        self._note("without the static next-hop tunnels, no answer", _names(expected), _names(failing))
        self._hub.load(self._all)
        again = self._reached(_PATIENT)
        missing = {pair for pair, answered in again.items() if not answered}
        self._note("with them again, no answer", "none", _names(missing))

    def _wrong_key(self) -> None:
        spoke = self._spokes[-1]
        vpn = spoke.plan.tunnels[0].vpn
        name = f"tunnel {spoke.plan.site.name}"
        for keys, step, expected in (
            ({host: secrets.token_hex(16) for host in self._keys}, f"{name} with a wrong key", "refused"),
            (self._keys, f"{name} with its key again", "up"),
        ):
            spoke.daemon.swanctl("--terminate", "--ike", vpn, "--force")
            spoke.load((), keys)
            spoke.daemon.initiate(vpn, seconds=_FOR_A_KEY)
            up = all(daemon.has(one, _BRIEF if expected == "up" else 0) for daemon, one in self._ends(spoke, vpn))
            self._note(step, expected, "up" if up else "refused")


def _names(pairs: t.Collection[tuple[str, str]]) -> str:
    both = sorted({" <-> ".join(sorted(pair)) for pair in pairs})
    return ", ".join(both) or "none"
