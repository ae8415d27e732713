# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Ask a device whether packets for networks behind the VPN may leave through its WAN in clear.

The answer does not depend on the state of the tunnels: a policy denies such packets, or the route into the tunnel
rejects them while its next hop is unreachable.
"""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy, in_effect
from ansible_collections.hubspoke.srx.plugins.module_utils._config.policy_lookup import Traffic, decide
from ansible_collections.hubspoke.srx.plugins.module_utils._device.policy_lookups import address_in
from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import MATCH_POLICIES, ask
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, ClearPath
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

# Networks that are asked about, per zone: a fleet of 1,000 spokes has as many, and the same policy for all.
SAMPLE = 16
_FILTER = (
    "<routing-options><static/></routing-options>"
    "<security><policies/><address-book/><zones><security-zone/></zones><nat><source/></nat></security>"
)
_ROUTE = ("routing-options", "static", "route")
# A packet as most are; a policy for single applications may decide otherwise about others.
_PACKET = {"source-port": 49152, "destination-port": 443, "protocol": "tcp"}

_Way = tuple[t.Literal["closed", "open", "unknown"], str]


@dataclass(frozen=True)
class Question:
    """A zone with one of its networks, a network behind the VPN, and the zone of a WAN as the wrong way to it."""

    zone: str
    source: str
    network: str
    wan_zone: str


@dataclass
class PathDevice:
    """A device, and the part of its configuration that decides, read when needed; ``unread`` says why it cannot be."""

    session: Session
    plan: DevicePlan
    unread: str = ""
    _config: Hierarchy | None = field(default=None, init=False)

    def config(self) -> Hierarchy | None:
        """Return the configuration in effect; ``None`` where the device does not answer with it."""
        if self._config is None and not self.unread:
            try:
                self._config = in_effect(self.session.effective(_FILTER))
            except SessionError as error:
                if error.reason == "lost":
                    raise
                self.unread = str(error)
        return self._config


def clear_paths(session: Session, plan: DevicePlan) -> Answer[ClearPath]:
    """Return an answer per zone and asked network. Raise SessionError where the session breaks."""
    device = PathDevice(session, plan)
    return Answer("ok", tuple(_path(device, question) for question in _questions(plan)))


def _questions(plan: DevicePlan) -> t.Iterator[Question]:
    networks = sample([network for tunnel in plan.tunnels for network in tunnel.remote_networks])
    sources = {lan.zone: lan.network for lan in reversed(plan.site.lans)}
    for unit in (unit for unit in plan.site.units if unit.multipoint):
        # Traffic from spoke to spoke comes from the tunnel of one; an address of a tunnel stands for it.
        sources[unit.zone] = str(ipaddress.ip_interface(unit.address).network)
    for zone, source in sources.items():
        for network in networks:
            for wan_zone in plan.site.wan_zones:
                yield Question(zone, source, network, wan_zone)


def sample(networks: t.Sequence[str]) -> list[str]:
    """Return at most ``SAMPLE`` networks, evenly spaced, with the first and the last."""
    if len(networks) <= SAMPLE:
        return list(networks)
    return [networks[index * (len(networks) - 1) // (SAMPLE - 1)] for index in range(SAMPLE)]


def _path(device: PathDevice, question: Question) -> ClearPath:
    # The part of the plan that closes the way is asked about first; the other one may be an operator's own.
    state, reason = _by_route(device, question) if device.plan.closed_by == "routes" else _by_policy(device, question)
    if state != "closed":
        other = _by_policy(device, question) if device.plan.closed_by == "routes" else _by_route(device, question)
        if other[0] == "closed":
            state, reason = other
        elif "unknown" in (state, other[0]):
            state, reason = "unknown", "; ".join(dict.fromkeys(filter(None, (reason, other[1]))))
        else:
            reason = "; ".join((reason, other[1]))
    return ClearPath(question.zone, question.network, state, reason)


def _by_policy(device: PathDevice, question: Question) -> _Way:
    policy, action = policy_for(device, question)
    if action == "deny-all":
        return "closed", "no policy allows them"
    if action in ("deny", "reject"):
        return "closed", f"policy {policy} denies them"
    return ("open", f"policy {policy} allows them") if action else ("unknown", policy)


def _by_route(device: PathDevice, question: Question) -> _Way:
    """Return whether the route to the network drops packets while its next hop is unreachable."""
    config = device.config()
    if config is None:
        return "unknown", device.unread
    words = set(config.names(*_ROUTE, question.network))
    if "passive" in words:
        return "closed", "their route is passive, and rejects them while the tunnel is down"
    dropping = sorted(words & {"discard", "reject"})
    return ("closed", f"their route has '{dropping[0]}'") if dropping else ("open", "their route is not passive")


def policy_for(device: PathDevice, question: Question) -> tuple[str, str]:
    """Return the policy that decides and its action; without an action, why it is not known."""
    to_zone = question.wan_zone
    arguments = {"from-zone": question.zone, "to-zone": to_zone, "source-ip": address_in(question.source)}
    answer = ask(
        device.session, MATCH_POLICIES, {**arguments, "destination-ip": address_in(question.network), **_PACKET}
    )
    # The default policy is the device's answer too where a global policy decides: that one is in the configuration.
    by_default = answer.state == "ok" and (not answer.items or answer.items[0].action.endswith("-all"))
    if answer.state == "ok" and not by_default:
        return answer.items[0].policy, answer.items[0].action
    config = device.config()
    if config is not None:
        return decide(config, Traffic(question.zone, to_zone, question.source, question.network))
    return answer.reason or "the policy lookup has no answer", ""
