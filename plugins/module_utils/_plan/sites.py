# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Sites from drafts without problems, and the parts of a device that do not depend on its tunnels."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Interface, Unit, Zone
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import (
    Lan,
    Site,
    TunnelUnit,
    Wan,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft

T = t.TypeVar("T")


def given(value: T | None) -> T:
    """Return a value that a draft without problems always has."""
    if value is None:
        raise AssertionError("a draft with a missing value was accepted")
    return value


def site_of(draft: Draft) -> Site:
    """Return the site of a draft."""
    name, wan, tunnel = given(draft.name), draft.wan, draft.tunnel
    wan_address, tunnel_address = given(wan.address), given(tunnel.address)
    lans = [
        Lan(
            interface=given(lan.interface),
            address=str(given(lan.address)),
            network=str(given(lan.address).network),
            zone=given(lan.zone),
            book_name=numbered(f"{name}-net", index),
            internet=lan.internet,
        )
        for index, lan in enumerate(draft.lans)
    ]
    return Site(
        host=draft.host,
        name=name,
        role=draft.role,
        platform=draft.platform,
        lans=tuple(lan for lan, drafted in zip(lans, draft.lans, strict=True) if drafted.vpn),
        other_lans=tuple(lan for lan, drafted in zip(lans, draft.lans, strict=True) if not drafted.vpn),
        wans=(
            Wan(
                interface=given(wan.interface),
                address=str(wan_address),
                ip=str(wan_address.ip),
                gateway=None if wan.gateway is None else str(wan.gateway),
                zone=given(wan.zone),
            ),
        ),
        units=(
            TunnelUnit(
                interface=f"{'tunnel' if draft.platform == 'screenos' else 'st0'}.{given(tunnel.unit)}",
                address=str(tunnel_address),
                ip=str(tunnel_address.ip),
                zone=given(tunnel.zone),
                multipoint=draft.role == "hub",
                unnumbered=tunnel.unnumbered,
            ),
        ),
        host_name=draft.host_name,
        release=draft.release,
    )


def numbered(name: str, index: int) -> str:
    """Return the name of an object of several: the first has the plain name, the second ends with 2."""
    return name if index == 0 else f"{name}-{index + 1}"


def local_name(site: Site, lan: Lan) -> str:
    """Return the name of a site's own network: local-net on Junos, the site's name on ScreenOS (the document)."""
    return f"local-net{lan.book_name.removeprefix(f'{site.name}-net')}" if site.platform == "junos" else lan.book_name


def zones_of(draft: Draft, site: Site, lan_zones: tuple[str, ...]) -> tuple[Zone, ...]:
    """Return the zones of LANs, WANs and tunnel units, in this order."""
    tunnels = [
        Zone(zone, tuple(unit.interface for unit in site.units if unit.zone == zone), ()) for zone in site.tunnel_zones
    ]
    if "zones" in draft.unmanaged:
        return (*(Zone(name, (), ()) for name in (*lan_zones, *site.wan_zones)), *tunnels)
    lans = (
        Zone(
            name,
            tuple(dict.fromkeys(given(lan.interface) for lan in draft.lans if lan.zone == name)),
            _services(draft, name),
        )
        for name in lan_zones
    )
    wans = [
        Zone(zone, tuple(wan.interface for wan in site.wans if wan.zone == zone), ("ike",)) for zone in site.wan_zones
    ]
    return (*lans, *wans, *tunnels)


def _services(draft: Draft, zone: str) -> tuple[str, ...]:
    """Return the host-inbound services of a LAN zone, those of all its LANs: the document's syntax has ``all``."""
    default = ("all",) if draft.syntax == "classic" or draft.platform == "screenos" else ("ping",)
    lans = [lan for lan in draft.lans if lan.zone == zone]
    named = dict.fromkeys(name for lan in lans for name in (default if lan.services is None else lan.services))
    return ("all",) if "all" in named else tuple(named)


def interfaces_of(site: Site, unmanaged: frozenset[str]) -> tuple[Interface, ...]:
    """Return interfaces with units with addresses, nested as in a configuration."""
    wanted = [] if "lan_interfaces" in unmanaged else [(lan.interface, lan.address) for lan in site.all_lans]
    if "wan_interface" not in unmanaged:
        wanted += [(wan.interface, wan.address) for wan in site.wans]
    units: dict[str, dict[str, list[str]]] = {}
    for interface, address in wanted:
        name, _dot, unit = interface.partition(".")
        units.setdefault(name, {}).setdefault(unit, []).append(address)
    return tuple(
        Interface(name, tuple(Unit(number, tuple(addresses)) for number, addresses in by_unit.items()))
        for name, by_unit in units.items()
    )
