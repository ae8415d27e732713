# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read the host-inbound services and protocols of a LAN, a WAN or a tunnel, and join those of a zone."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import DeviceProfile
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import Zone, ZoneInterface
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import InboundDraft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table

# The keys of a row that this file reads.
KEYS = ("services", "protocols", "services_on")
# The host-inbound services and protocols that every release since 17.4 has.
# fmt: off
SERVICES = (
    "all", "any-service", "bootp", "dhcp", "dhcpv6", "dns", "finger", "ftp", "http", "https", "ident-reset", "ike",
    "lsping", "netconf", "ntp", "ping", "r2cp", "reverse-ssh", "reverse-telnet", "rlogin", "rpm", "rsh", "sip",
    "snmp", "snmp-trap", "ssh", "tcp-encap", "telnet", "tftp", "traceroute", "webapi-clear-text", "webapi-ssl",
    "xnm-clear-text", "xnm-ssl",
)
PROTOCOLS = (
    "all", "bfd", "bgp", "dvmrp", "igmp", "ldp", "msdp", "nhrp", "ospf", "ospf3", "pgm", "pim", "rip", "ripng",
    "router-discovery", "rsvp", "sap", "vrrp",
)
# fmt: on


def read_inbound(row: Table, profile: DeviceProfile) -> InboundDraft:
    """Return the host-inbound services and protocols of a row, and note each problem."""
    services, protocols = _words(row, "services", SERVICES), _words(row, "protocols", PROTOCOLS)
    place = row.choice("services_on", ("zone", "interface"))
    for name, value in (("protocols", protocols), ("services_on", place)):
        if profile.by_operator and value:
            shown = value if name == "services_on" else ", ".join(protocols or ())
            row.note("junos_only", name, shown, platform=profile.title)
    return InboundDraft(services, protocols or (), on_interface=place == "interface")


def _words(row: Table, name: str, choices: t.Collection[str]) -> tuple[str, ...] | None:
    """Return the words of a list, none for an empty one; ``None`` where the row does not set it."""
    value = row.value(name)
    if value is None or value in ([], ()):
        return None if value is None else ()
    row.choose(name, choices)
    return tuple(dict.fromkeys(map(str, value if isinstance(value, (list, tuple)) else [value])))


class Member(t.NamedTuple):
    """An interface in a zone, with what the device accepts from there. ``variable`` is its name in messages."""

    variable: str
    zone: str
    interface: str
    inbound: InboundDraft
    default: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()

    @property
    def services(self) -> tuple[str, ...]:
        """Return the services: those set, else the default, and those without which there is no tunnel."""
        chosen = self.default if self.inbound.services is None else self.inbound.services
        return _joined([self.needed, chosen])


def zone_of_members(name: str, members: t.Sequence[Member]) -> Zone:
    """Return a zone from its members. Services of the zone apply to the interfaces that have none of their own."""
    shared = [one for one in members if not one.inbound.on_interface]
    own: dict[str, list[Member]] = {}
    for one in members:
        if one.inbound.on_interface:
            own.setdefault(one.interface, []).append(one)
    return Zone(
        name,
        tuple(dict.fromkeys(one.interface for one in members)),
        _joined(one.services for one in shared),
        _joined(one.inbound.protocols for one in shared),
        tuple(
            ZoneInterface(
                interface,
                _joined(one.services for one in ones),
                _joined(one.inbound.protocols for one in ones),
            )
            for interface, ones in own.items()
        ),
    )


def check_members(host: str, members: t.Sequence[Member], problems: Problems) -> None:
    """Note interfaces without services of their own that should replace the zone's, and two answers for one."""
    first: dict[str, Member] = {}
    for one in members:
        other = first.setdefault(one.interface, one)
        variable = f"{one.variable}.services_on"
        if other.inbound.on_interface != one.inbound.on_interface:
            facts = {"interface": one.interface, "other": other.variable}
            problems.add("services_on_both", host, variable, _place(one), **facts)
        elif one.inbound.on_interface and not (one.services or one.inbound.protocols):
            problems.add("no_own_services", host, variable, _place(one), zone=one.zone)


def _place(member: Member) -> str:
    return "interface" if member.inbound.on_interface else "zone"


def _joined(lists: t.Iterable[t.Sequence[str]]) -> tuple[str, ...]:
    """Return each word once, ``all`` alone where one of the lists has it."""
    named = dict.fromkeys(name for words in lists for name in words)
    return ("all",) if "all" in named else tuple(named)
