# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tells the lab the state of the hub's tunnel to the third-party spoke: real daemons, or a record of them."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan

from tests.conversations.facts import conversation, diagnosis
from tests.twin.namespace import Namespace
from tests.twin.network import Twin

RECORD = Path(__file__).parent / "told.json"
# The state of a VPN, in the words of the lab's command "tunnel".
State = dict[str, t.Any]
SILENT: State = {"outcome": "down", "code": "no-such-peer"}
# What the responder says of a failure, as a code of the lab, for IKEv2.
_CODES = {
    "authentication_failed": "key-v2",
    "no_proposal": "ike-proposal",
    "peer_not_recognized": "not-recognized",
    "proxy_id": "proxy-id",
}
_COOKIES = re.compile(r"ESTABLISHED, IKEv\d, ([0-9a-f]{16})_i(\*?) ([0-9a-f]{16})_r")
_SPI = re.compile(r"^    (?:in|out) +([0-9a-f]{8})", re.MULTILINE)
_SUITE = re.compile(r"^  ([A-Z][A-Z0-9_-]+/\S+)$", re.MULTILINE)
_SECONDS = 8


class Source(t.Protocol):
    """A hub that begins and ends with its configuration, and a spoke that its operator configures."""

    def enter(self, text: t.Mapping[str, str], key: str) -> None:
        """Configure the spoke with the files for its operator, and a key in the place of the placeholder."""

    def begin(self) -> None:
        """Let the hub negotiate: its configuration has the VPN now."""

    def end(self) -> None:
        """End the hub's part: its configuration has the VPN no more."""

    def state(self) -> State:
        """Return the state of the VPN at the hub."""


class Daemons:
    """Two strongSwan daemons: the spoke, and one that plays the hub."""

    def __init__(self, fleet: FleetPlan, spoke: DevicePlan, keys: t.Mapping[str, str], folder: Path) -> None:
        internet = Namespace("internet")
        self._hub, self._spoke = (Twin(one, internet, keys, folder) for one in (fleet.hub, spoke))
        self._names = {
            "hub": next(tunnel.vpn for tunnel in fleet.hub.tunnels if tunnel.peer_host == spoke.host),
            "spoke": spoke.tunnels[0].vpn,
        }
        self._daemons = {"hub": self._hub.daemon, "spoke": self._spoke.daemon}
        self._read = dict.fromkeys(self._daemons, 0)
        self._key_of = spoke.tunnels[0].ike_policy.key_of
        self._hub.daemon.wait()

    def enter(self, text: t.Mapping[str, str], key: str) -> None:
        self._spoke.files = text
        self._spoke.keys = {self._key_of: key}
        if self._spoke.begun:
            self._spoke.daemon.swanctl("--terminate", "--ike", self._names["spoke"], "--force")
            self._spoke.load(())
        else:
            self._spoke.begin(())

    def begin(self) -> None:
        if not self._hub.begun:
            self._hub.begin(())
        self._hub.load({tunnel.vpn for tunnel in self._hub.plan.tunnels})

    def end(self) -> None:
        self._hub.daemon.swanctl("--terminate", "--ike", self._names["hub"], "--force")
        self._hub.daemon.load("")

    def state(self) -> State:
        """Return the state; start a negotiation where the VPN is down, as the hub's configuration says."""
        if not self._is_up():
            before = {end: len(daemon.log()) for end, daemon in self._daemons.items()}
            self._hub.daemon.initiate(self._names["hub"], _SECONDS)
            if not self._is_up(_SECONDS / 4):
                logs = {end: daemon.log()[before[end] :] for end, daemon in self._daemons.items()}
                cause = diagnosis(conversation(logs, "hub"), "spoke")[1]
                return {"outcome": "down", "code": _CODES[cause]} if cause in _CODES else SILENT
        associations = self._hub.daemon.associations()
        found = _COOKIES.search(associations)
        if found is None:
            return SILENT
        return {
            "outcome": "up",
            "cookies": [found[1], found[3]],
            "spis": _SPI.findall(associations)[:2],
            "peer_starts": not found[2],
            "suite": _SUITE.findall(associations)[0],
        }

    def _is_up(self, seconds: float = 0) -> bool:
        return all(daemon.has(self._names[end], seconds) for end, daemon in self._daemons.items())


class Recorded:
    """The states that daemons had, one for each key that the operator enters."""

    def __init__(self) -> None:
        self._states: list[State] = json.loads(RECORD.read_text(encoding="utf-8"))
        self._entered = -1

    def enter(self, text: t.Mapping[str, str], key: str) -> None:
        self._entered += 1

    def begin(self) -> None:
        """Do nothing: the state is known."""

    def end(self) -> None:
        """Do nothing: the state is known."""

    def state(self) -> State:
        return self._states[self._entered]
