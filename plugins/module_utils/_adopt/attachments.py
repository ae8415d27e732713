# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read how a device is attached to its networks: host-inbound services, VLANs, loopback interfaces, inside routers."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from collections import Counter
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.config import Config
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Words

_ZONE = "security zones security-zone"
_INBOUND = "host-inbound-traffic"
_ROUTE = "routing-options static route"
# Names that an inventory can give; local-net is that of each device for its own network.
_NAME = re.compile(r"(?!(?:any|all|local-net)\b)[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


@dataclass(frozen=True)
class Inbound:
    """The host-inbound services and protocols in effect on an interface: its own, or those of its zone."""

    services: tuple[str, ...] = ()
    protocols: tuple[str, ...] = ()
    on_interface: bool = False

    def variables(self, default: t.Sequence[str], needed: t.Sequence[str] = ()) -> dict[str, t.Any]:
        """Return the keys of an inventory, without those that have the default."""
        found: dict[str, t.Any] = {}
        services = [one for one in self.services if one not in needed]
        if services != list(default):
            found["services"] = services
        if self.protocols:
            found["protocols"] = list(self.protocols)
        if self.on_interface:
            found["services_on"] = "interface"
        return found


def inbound(config: Config, zone: str, interface: str) -> Inbound:
    """Return what a device accepts on an interface. Its own statements replace those of its zone."""
    own = next((name for name in _members(config, zone) if _logical(name) == interface), "")
    place: tuple[str, ...] = (zone, "interfaces", own, _INBOUND)
    on_interface = bool(config.names(_ZONE, *place))
    place = place if on_interface else (zone, _INBOUND)
    services, protocols = (_accepted(config, (*place, kind)) for kind in ("system-services", "protocols"))
    return Inbound(services, protocols, on_interface)


def common_names(configs: t.Collection[Config]) -> dict[str, str]:
    """Return the networks that have one name in the address books of all devices, each with the name.

    A name of two networks is not one, nor is a name that the inventory cannot have.
    """
    found: dict[str, set[str]] = {}
    devices: Counter[str] = Counter()
    prefixes: dict[str, set[str]] = {}
    for config in configs:
        entries = {(words[-1], words[-2]) for words in _entries(config)}
        devices.update({prefix for prefix, _name in entries})
        for prefix, name in entries:
            found.setdefault(prefix, set()).add(name)
            prefixes.setdefault(name, set()).add(prefix)
    return {
        prefix: name
        for prefix, (name, *others) in found.items()
        if not others and devices[prefix] > 1 and len(prefixes[name]) == 1 and _NAME.fullmatch(name)
    }


def _entries(config: Config) -> t.Iterator[Words]:
    """Yield the address book entries with a prefix, as statements."""
    for place in (("security", "address-book"), ("security", "zones", "security-zone")):
        for words in config.below(place):
            if words[-3:-2] == ("address",) and "/" in words[-1]:
                yield words


def _accepted(config: Config, place: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in config.names(_ZONE, *place) if "except" not in config.names(_ZONE, *place, name))


def vlan_of(config: Config, interface: str) -> str:
    """Return the VLAN of a unit; empty without one."""
    physical, _dot, unit = interface.partition(".")
    return config.value("interfaces", physical, "unit", unit, "vlan-id")


def wan_behind(config: Config, external: str, hops: t.Iterable[str]) -> str:
    """Return the interface to the Internet: the external one, or for a loopback that of the default route."""
    if not external.startswith("lo0."):
        return external
    for hop in hops:
        for physical in config.names("interfaces"):
            for unit in config.names("interfaces", physical, "unit"):
                if physical != "st0" and _contains(config.networks_of(f"{physical}.{unit}"), hop):
                    return f"{physical}.{unit}"
    return external


def router_to(config: Config, prefix: str, networks: t.Iterable[str]) -> tuple[str, str]:
    """Return the network on which the static route to a prefix has its next hop, and that; else two empty words."""
    for hop in config.names(_ROUTE, prefix, "next-hop"):
        for network in networks:
            if _contains([network], hop):
                return network, hop
    return "", ""


def _contains(networks: t.Iterable[str], address: str) -> bool:
    try:
        wanted = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return any(wanted in ipaddress.IPv4Network(network) for network in networks)


def _members(config: Config, zone: str) -> list[str]:
    return config.names(_ZONE, zone, "interfaces")


def _logical(name: str) -> str:
    return name if "." in name else f"{name}.0"
