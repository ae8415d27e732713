# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The objects of a VPN on a device, the references between them, and their names in the plan."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.config import Config, logical
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Words
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel


class Kind(t.NamedTuple):
    """A kind of objects: the path to them, and their statements that refer to another kind."""

    path: Words
    uses: dict[Words, str]


# A kind comes before the kinds it refers to.
KINDS = {
    "vpn": Kind(("security", "ipsec", "vpn"), {("ike", "gateway"): "gateway", ("ike", "ipsec-policy"): "ipsec policy"}),
    "gateway": Kind(("security", "ike", "gateway"), {("ike-policy",): "ike policy"}),
    "ike policy": Kind(("security", "ike", "policy"), {("proposals",): "ike proposal"}),
    "ipsec policy": Kind(("security", "ipsec", "policy"), {("proposals",): "ipsec proposal"}),
    "ike proposal": Kind(("security", "ike", "proposal"), {}),
    "ipsec proposal": Kind(("security", "ipsec", "proposal"), {}),
}

_INTERFACES = ("bind-interface", "external-interface", "source-interface")


class VpnObjects:
    """The objects used only by VPNs to planned peers over the planned st0 unit.

    ``names`` maps kind and name of each object to its name in the plan.
    """

    def __init__(self, config: Config, plan: DevicePlan) -> None:
        self._config = config
        self.names: dict[tuple[str, str], str] = {}
        self._tunnels: dict[tuple[str, str], Tunnel] = {}
        known = {address: tunnel for tunnel in plan.tunnels for address in tunnel.peer_addresses}
        known |= {str(tunnel.remote_identity): tunnel for tunnel in plan.tunnels if tunnel.is_dynamic}
        for vpn in config.names("security ipsec vpn"):
            gateway = config.value("security ipsec vpn", vpn, "ike", "gateway")
            place = ("security ike gateway", gateway)
            found = config.names(*place, "address")
            found += [f"{kind} {config.value(*place, 'dynamic', kind)}" for kind in config.names(*place, "dynamic")]
            tunnel = next((known[one] for one in found if one in known), None)
            bound = config.value("security ipsec vpn", vpn, "bind-interface")
            if tunnel is not None and logical(bound) == tunnel.bind_interface:
                self._add("vpn", vpn, tunnel)
        users = self._users()
        for kind in KINDS:
            for name in [name for one, name in users if one == kind]:
                tunnels = [self._tunnels.get(user) for user in users[kind, name]]
                if tunnels[0] is not None and None not in tunnels:
                    user_kind, user = users[kind, name][0]
                    listed = config.names(" ".join(KINDS[user_kind].path), user, "proposals")
                    self._add(kind, name, tunnels[0], listed.index(name) if name in listed else 0)

    @property
    def places(self) -> set[Words]:
        """Return the places of these objects."""
        return {(*KINDS[kind].path, name) for kind, name in self.names}

    def renamed(self, words: Words) -> Words:
        """Return a statement with the plan's names for these objects."""
        for kind, (path, uses) in KINDS.items():
            size = len(path)
            if words[:size] == path and len(words) > size:
                used = uses.get(words[size + 1 : -1], "")
                last = self.names.get((used, words[-1]), words[-1])
                last = logical(last) if words[-2] in _INTERFACES else last
                return (*path, self.names.get((kind, words[size]), words[size]), *words[size + 1 : -1], last)
        if words[-2:-1] == ("ipsec-vpn",):
            return (*words[:-1], self.names.get(("vpn", words[-1]), words[-1]))
        return words

    # --- finding them ---

    def _add(self, kind: str, name: str, tunnel: Tunnel, place: int = 0) -> None:
        self._tunnels[kind, name] = tunnel
        self.names[kind, name] = _planned_name(kind, tunnel, place) or name

    def _users(self) -> dict[tuple[str, str], list[tuple[str, str]]]:
        """Return kind and name of each object that is referred to, with kind and name of those that refer to it."""
        users: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for kind, (path, uses) in KINDS.items():
            for name in self._config.names(" ".join(path)):
                for statement, used in uses.items():
                    for target in self._config.names(" ".join(path), name, *statement):
                        users.setdefault((used, target), []).append((kind, name))
        return users


def _planned_name(kind: str, tunnel: Tunnel, place: int) -> str:
    """Return the name in the plan; ``place`` is that of a proposal in its policy, from 0."""
    ike, ipsec = tunnel.ike_policy, tunnel.ipsec_policy
    names = {"vpn": tunnel.vpn, "gateway": tunnel.gateway, "ike policy": ike.name, "ipsec policy": ipsec.name}
    proposals = {"ike proposal": ike.proposals, "ipsec proposal": ipsec.proposals}.get(kind, ())
    return proposals[place].name if place < len(proposals) else names.get(kind, "")
