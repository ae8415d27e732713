# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The changes of a take-over beyond names: parameters of the VPNs, next hops, and routes that override a protocol's.

Each difference has both sides. One that is weaker, or loses something, has the name by which its operator consents.
"""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.config import Config
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.objects import VpnObjects
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.parameters import Parameters, parameters
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.takeover import lost_policies
from ansible_collections.hubspoke.srx.plugins.module_utils._config.planned_objects import ROUTE
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import quoted
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Words, planned_words
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan

# The names of consent, and the parameters that they are about: the beginnings of their names.
CONSENT_PARAMETERS = {
    "identity": ("gateway local-identity", "gateway remote-identity", "gateway general-ikeid"),
    "proxy_identity": ("vpn ike proxy-identity", "vpn traffic-selector"),
    "vpn_monitor": ("vpn vpn-monitor",),
}
CONSENTS = (*CONSENT_PARAMETERS, "backup_address", "cryptography", "next_hop", "routing_protocol", "zone_pair")

_NEXT_HOPS = ("next-hop", "qualified-next-hop")


@dataclass(frozen=True)
class Difference:
    """A fact of the device that the plan has otherwise. ``consent`` is empty where nothing is weaker or lost."""

    host: str
    object: str
    before: str
    after: str
    consent: str = ""

    def __str__(self) -> str:
        return f"{self.host}: {self.object}: on the device {self.before or 'none'}, planned {self.after or 'none'}."


def differences(plan: DevicePlan, text: str, config: Config) -> tuple[Difference, ...]:
    """Return the differences of a device from the rendered ``text`` of its plan. Keys are masked."""
    words = planned_words(text, plan.group)
    planned = Config([f"set {quoted(one)}" for one in words], plan.group)
    found = [*_of_vpns(plan, config, planned), *_of_routes(plan, config, words), *_of_protocols(plan, config)]
    found += _of_policies(plan, text, config)
    return tuple(
        Difference(one.host, one.object, mask(one.before), mask(one.after), one.consent) for one in dict.fromkeys(found)
    )


def _of_vpns(plan: DevicePlan, config: Config, planned: Config) -> t.Iterator[Difference]:
    for (kind, vpn), name in VpnObjects(config, plan).names.items():
        if kind == "vpn":
            yield from _of_vpn(plan.host, vpn, parameters(config, vpn), parameters(planned, name))


def _of_vpn(host: str, vpn: str, before: Parameters, after: Parameters) -> t.Iterator[Difference]:
    thing = f"vpn {vpn}"
    for name in sorted(before.values.keys() | after.values.keys()):
        old, new = before.values.get(name, ""), after.values.get(name, "")
        if old != new:
            yield Difference(host, f"{thing}: {name}", old, new, _consent(name, old, before, after))
    lost = [address for address in before.addresses if address not in after.addresses]
    if lost:
        sides = ", ".join(before.addresses), ", ".join(after.addresses)
        yield Difference(host, f"{thing}: gateway address", *sides, "backup_address")


def _consent(name: str, old: str, before: Parameters, after: Parameters) -> str:
    """Return the name of the consent that a changed parameter needs."""
    for consent, beginnings in CONSENT_PARAMETERS.items():
        # A parameter that the device has not is no loss.
        if old and name.startswith(beginnings):
            return consent
    weaker = any(after.strength.get(one, 0) < bits for one, bits in before.strength.items() if one.startswith(name))
    return "cryptography" if weaker else ""


def _of_routes(plan: DevicePlan, config: Config, planned: t.Iterable[Words]) -> t.Iterator[Difference]:
    """Yield the next hops that planned routes lose."""
    after: dict[str, list[str]] = {}
    for words in planned:
        if words[:3] == ROUTE and words[4] in _NEXT_HOPS and words[5] not in after.setdefault(words[3], []):
            after[words[3]].append(words[5])
    for prefix, hops in after.items():
        before = [hop for kind in _NEXT_HOPS for hop in config.names(" ".join(ROUTE), prefix, kind)]
        if any(not _same_hop(plan, hop, hops) for hop in before):
            yield Difference(plan.host, f"route {prefix}", ", ".join(before), ", ".join(hops), "next_hop")


def _same_hop(plan: DevicePlan, hop: str, planned: t.Collection[str]) -> bool:
    """Return whether a next hop is a planned one. A spoke's tunnel interface leads to its only peer."""
    return hop in planned or (plan.site.role == "spoke" and hop in [unit.interface for unit in plan.site.units])


def _of_protocols(plan: DevicePlan, config: Config) -> t.Iterator[Difference]:
    """Yield the routing protocols over the tunnels: the static routes of the plan are preferred to theirs."""
    units = {unit.interface for unit in plan.site.units}
    networks = [ipaddress.IPv4Interface(unit.address).network for unit in plan.site.units]
    routes = sorted({route.prefix for route in plan.routes if route.interface})
    for protocol in config.names("protocols"):
        for words in config.below(("protocols", protocol)):
            if any(word in units or _is_within(word, networks) for word in words):
                thing = f"protocols {protocol}"
                yield Difference(
                    plan.host, thing, quoted(words), f"static routes to {', '.join(routes)}", "routing_protocol"
                )
                break


def _of_policies(plan: DevicePlan, text: str, config: Config) -> t.Iterator[Difference]:
    """Yield the policies between planned zones that are deleted, where the group owns all of them."""
    for place in sorted(lost_policies(plan, text, config)):
        yield Difference(plan.host, " ".join(place[1:]), "set", "", "zone_pair")


def _is_within(word: str, networks: t.Iterable[ipaddress.IPv4Network]) -> bool:
    try:
        address = ipaddress.IPv4Address(word)
    except ValueError:
        return False
    return any(address in network for network in networks)


def unsayable(host: str, config: Config, vpns: t.Iterable[str], interfaces: t.Iterable[str]) -> list[Difference]:
    """Return the statements of VPNs, and of the interfaces they use, that no variable of the inventory can express."""
    found = [Difference(host, text, "", "") for vpn in vpns for text in parameters(config, vpn).unknown]
    for instance in config.names("routing-instances"):
        members = config.names("routing-instances", instance, "interface")
        found += [
            Difference(host, f"routing-instances {instance} interface {one}", "", "")
            for one in interfaces
            if one in members
        ]
    return list(dict.fromkeys(found))
