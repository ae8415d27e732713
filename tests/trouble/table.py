# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wrong statements, one at a time: each layer, each end, both syntaxes.

Words in braces are the names that an end has for an object (``SITES``, ``NAMES``). A change is ``set`` or ``delete``
within the group, or outside the group with ``top`` in front of it.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from tests.lab_tests.network.support import HUB, SUNNYVALE, WESTFORD

SYNTAXES = ("classic", "modern")
SITES: t.Mapping[str, t.Mapping[str, str]] = {
    HUB: {
        "wan": "ge-0/0/3", "lan": "ge-0/0/0", "wan_ip": "1.1.1.2/30", "lan_ip": "10.10.10.1/24",
        "st0_ip": "10.11.11.10/24", "other_st0": "10.99.11.10/24", "gateway": "westford-gate", "vpn": "westford-vpn",
        "peer": "3.3.3.2", "peer_lan": "192.168.178.0/24", "part": "192.168.178.0/25", "rest": "192.168.178.128/25",
        "hop": "10.11.11.12",
        "out": "local-to-spokes", "in": "spokes-to-local", "far": "westford-net", "next": "1.1.1.1",
        "local_lan": "10.10.10.0/24", "peer_id": "west.example.net",
    },
    WESTFORD: {
        "wan": "ge-0/0/0", "lan": "ge-0/0/3", "wan_ip": "3.3.3.2/30", "lan_ip": "192.168.178.1/24",
        "st0_ip": "10.11.11.12/24", "other_st0": "10.11.11.20/24", "gateway": "corp-gate", "vpn": "corp-vpn",
        "peer": "1.1.1.2", "peer_lan": "10.10.10.0/24", "part": "10.10.10.0/25", "rest": "10.10.10.128/25",
        "hop": "10.11.11.10",
        "out": "to-corp", "in": "from-corp", "far": "corp-net", "next": "3.3.3.1",
        "local_lan": "192.168.178.0/24", "peer_id": "corp.example.net",
    },
}  # fmt: skip
NAMES: t.Mapping[str, t.Mapping[str, str]] = {
    "classic": {
        "ike": "ike-policy1", "ipsec": "vpn-policy1", "services": "all",
        "far_book": "security zones security-zone vpn address-book",
        "own_book": "security zones security-zone trust address-book",
    },
    "modern": {
        "ike": "ike-policy-group19", "ipsec": "vpn-policy-group19", "services": "ping",
        "far_book": "security address-book global", "own_book": "security address-book global",
        "ike_proposal": "ike-aes-256-gcm-group19", "esp": "esp-aes-256-gcm",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Failure:
    """``changes`` on ``host`` make ``layer`` the first one that fails, by ``statement`` on ``device``."""

    name: str
    syntax: str
    host: str
    changes: tuple[str, ...]
    layer: str
    statement: str
    spoke: str = WESTFORD
    device: str = ""

    @property
    def at(self) -> str:
        return self.device or self.host

    def __str__(self) -> str:
        return f"{self.syntax} {self.host} {self.name}"


@dataclass(frozen=True)
class _Kind:
    """A failure for each syntax and end that it applies to. Without ``statement`` it is that of the first change."""

    layer: str
    name: str
    changes: tuple[str, ...]
    statement: str = ""
    syntaxes: tuple[str, ...] = SYNTAXES
    hosts: tuple[str, ...] = (HUB, WESTFORD)

    def failures(self) -> t.Iterator[Failure]:
        for syntax in self.syntaxes:
            for host in self.hosts:
                words = {**SITES[host], **NAMES[syntax]}
                changes = tuple(change.format_map(words) for change in self.changes)
                told = self.statement or self.changes[0].removeprefix("top ").partition(" ")[2]
                yield Failure(self.name, syntax, host, changes, self.layer, told.format_map(words))


def kind(layer: str, name: str, *changes: str, **more: t.Any) -> _Kind:
    return _Kind(layer, name, changes, **more)


CLASSIC, MODERN = ("classic",), ("modern",)
_WAN, _LAN, _ST0 = "interfaces {wan} unit 0", "interfaces {lan} unit 0", "interfaces st0 unit 0"
_ZONE = "security zones security-zone"
_STATIC = "routing-options static route"
_DEFAULT = f"{_STATIC} 0.0.0.0/0"
_IKE = "security ike gateway {gateway}"
_VPN = "security ipsec vpn {vpn}"
_OUT = "security policies from-zone trust to-zone vpn policy {out}"
_IN = "security policies from-zone vpn to-zone trust policy {in}"
_WITHIN = "security policies from-zone vpn to-zone vpn policy spoke-to-spoke"
_HUB, _SPOKE = (HUB,), (WESTFORD,)
_EXTRA_PROPOSAL = (
    "set security ike proposal other authentication-method pre-shared-keys",
    "set security ike proposal other dh-group group20",
    "set security ike proposal other encryption-algorithm aes-256-gcm",
)

KINDS = (
    # --- interfaces ---
    kind("interfaces", "Internet interface disabled", "set interfaces {wan} disable"),
    kind("interfaces", "Internet unit disabled", f"set {_WAN} disable"),
    kind("interfaces", "Internet address missing", f"delete {_WAN} family inet address {{wan_ip}}",
         statement=f"{_WAN} family inet address"),
    kind("interfaces", "Internet address changed", f"delete {_WAN} family inet address {{wan_ip}}",
         f"set {_WAN} family inet address 9.9.9.2/30", statement=f"{_WAN} family inet address"),
    kind("interfaces", "LAN interface disabled", "set interfaces {lan} disable"),
    kind("interfaces", "LAN unit disabled", f"set {_LAN} disable"),
    kind("interfaces", "LAN address changed", f"delete {_LAN} family inet address {{lan_ip}}",
         f"set {_LAN} family inet address 172.16.0.1/24", statement=f"{_LAN} family inet address"),
    kind("interfaces", "tunnel unit disabled", f"set {_ST0} disable"),
    kind("interfaces", "tunnel interface disabled", "set interfaces st0 disable"),
    kind("interfaces", "tunnel address changed", f"delete {_ST0} family inet address {{st0_ip}}",
         f"set {_ST0} family inet address {{other_st0}}", statement=f"{_ST0} family inet address"),
    kind("interfaces", "Internet interface in no zone", f"delete {_ZONE} untrust interfaces {{wan}}.0"),
    kind("interfaces", "LAN interface in no zone", f"delete {_ZONE} trust interfaces {{lan}}.0"),
    kind("interfaces", "tunnel unit in no zone", f"delete {_ZONE} vpn interfaces st0.0"),
    kind("interfaces", "Internet interface in another zone", f"delete {_ZONE} untrust interfaces {{wan}}.0",
         f"set {_ZONE} vpn interfaces {{wan}}.0"),
    kind("interfaces", "tunnel unit in another zone", f"delete {_ZONE} vpn interfaces st0.0",
         f"set {_ZONE} untrust interfaces st0.0"),
    kind("interfaces", "group not applied", "top delete apply-groups hubspoke"),
    # --- route ---
    kind("route", "no default route", f"delete {_DEFAULT}", statement=f"{_DEFAULT} next-hop"),
    kind("route", "default route off the network", f"delete {_DEFAULT} next-hop",
         f"set {_DEFAULT} next-hop 9.9.9.1"),
    kind("route", "default route discarded", f"delete {_DEFAULT} next-hop", f"set {_DEFAULT} discard"),
    kind("route", "default route into the tunnel", f"delete {_DEFAULT} next-hop", f"set {_DEFAULT} next-hop st0.0",
         hosts=_SPOKE),
    kind("route", "peer's address discarded", f"set {_STATIC} {{peer}}/32 discard",
         statement=f"{_STATIC} {{peer}}/32"),
    kind("route", "peer's network rejected", f"top set {_STATIC} {{peer}}/32 reject",
         statement=f"{_STATIC} {{peer}}/32"),
    # --- reachability ---
    kind("reachability", "host-inbound ike missing",
         f"delete {_ZONE} untrust host-inbound-traffic system-services ike"),
    kind("reachability", "host-inbound traffic missing", f"delete {_ZONE} untrust host-inbound-traffic",
         statement=f"{_ZONE} untrust host-inbound-traffic system-services ike"),
    kind("reachability", "another service instead of ike",
         f"delete {_ZONE} untrust host-inbound-traffic system-services ike",
         f"set {_ZONE} untrust host-inbound-traffic system-services ping"),
    kind("reachability", "interface hides the zone's services",
         f"set {_ZONE} untrust interfaces {{wan}}.0 host-inbound-traffic system-services ping",
         statement=f"{_ZONE} untrust interfaces {{wan}}.0 host-inbound-traffic system-services ike"),
    # --- phase 1 ---
    kind("phase1", "another key", "set security ike policy {ike} pre-shared-key ascii-text another-key",
         statement="security ike policy {ike} pre-shared-key"),
    kind("phase1", "another key outside the group",
         "top set security ike policy {ike} pre-shared-key ascii-text another-key",
         statement="security ike policy {ike} pre-shared-key"),
    kind("phase1", "key as a number", "delete security ike policy {ike} pre-shared-key",
         "set security ike policy {ike} pre-shared-key hexadecimal 0a0b0c0d",
         statement="security ike policy {ike} pre-shared-key"),
    kind("phase1", "another peer address", f"delete {_IKE} address", f"set {_IKE} address 9.9.9.9"),
    kind("phase1", "another external interface", f"set {_IKE} external-interface {{lan}}.0",
         statement=f"{_IKE} external-interface"),
    kind("phase1", "another version", f"set {_IKE} version v2-only", syntaxes=CLASSIC, statement=f"{_IKE} version"),
    kind("phase1", "another version", f"set {_IKE} version v1-only", syntaxes=MODERN, statement=f"{_IKE} version"),
    kind("phase1", "no version", f"delete {_IKE} version", syntaxes=MODERN),
    kind("phase1", "another mode", "set security ike policy {ike} mode aggressive", syntaxes=CLASSIC,
         statement="security ike policy {ike} mode"),
    kind("phase1", "another proposal set", "set security ike policy {ike} proposal-set basic", syntaxes=CLASSIC,
         statement="security ike policy {ike} proposal-set"),
    kind("phase1", "own proposals instead of the set", *_EXTRA_PROPOSAL,
         "delete security ike policy {ike} proposal-set", "set security ike policy {ike} proposals other",
         syntaxes=CLASSIC, statement="security ike policy {ike} proposal-set"),
    kind("phase1", "another group", "set security ike proposal {ike_proposal} dh-group group20", syntaxes=MODERN,
         statement="security ike proposal {ike_proposal} dh-group"),
    kind("phase1", "another encryption", "set security ike proposal {ike_proposal} encryption-algorithm aes-128-gcm",
         syntaxes=MODERN, statement="security ike proposal {ike_proposal} encryption-algorithm"),
    kind("phase1", "another proposal", *_EXTRA_PROPOSAL, "delete security ike policy {ike} proposals",
         "set security ike policy {ike} proposals other", syntaxes=MODERN,
         statement="security ike policy {ike} proposals"),
    kind("phase1", "another policy", "set security ike policy other proposal-set basic",
         "set security ike policy other pre-shared-key ascii-text a-key-of-this-test",
         f"set {_IKE} ike-policy other", statement=f"{_IKE} ike-policy"),
    kind("phase1", "own identity", f"set {_IKE} local-identity hostname {{peer_id}}",
         statement=f"{_IKE} local-identity"),
    kind("phase1", "identity demanded", f"set {_IKE} remote-identity hostname {{peer_id}}",
         statement=f"{_IKE} remote-identity"),
    kind("phase1", "own address", f"set {_WAN} family inet address 9.9.9.2/30", f"set {_IKE} local-address 9.9.9.2",
         statement=f"{_IKE} local-address"),
    # --- phase 2 ---
    kind("phase2", "no VPN", f"delete {_VPN}"),
    kind("phase2", "no bind-interface", f"delete {_VPN} bind-interface", syntaxes=CLASSIC),
    kind("phase2", "bound to another unit", "set interfaces st0 unit 9 family inet", f"set {_VPN} bind-interface st0.9",
         statement=f"{_VPN} bind-interface"),
    kind("phase2", "another gateway", f"set {_VPN} ike gateway sunnyvale-gate", hosts=_HUB, syntaxes=CLASSIC,
         statement=f"{_VPN} ike gateway"),
    kind("phase2", "another proposal set", "set security ipsec policy {ipsec} proposal-set basic", syntaxes=CLASSIC,
         statement="security ipsec policy {ipsec} proposal-set"),
    kind("phase2", "another encryption", "set security ipsec proposal {esp} encryption-algorithm aes-128-gcm",
         syntaxes=MODERN, statement="security ipsec proposal {esp} encryption-algorithm"),
    kind("phase2", "another protocol", "delete security ipsec proposal {esp} encryption-algorithm",
         "set security ipsec proposal {esp} protocol ah",
         "set security ipsec proposal {esp} authentication-algorithm hmac-sha-256-128",
         syntaxes=MODERN, statement="security ipsec proposal {esp} protocol"),
    kind("phase2", "another PFS group", "set security ipsec policy {ipsec} perfect-forward-secrecy keys group14",
         syntaxes=CLASSIC, statement="security ipsec policy {ipsec} perfect-forward-secrecy keys"),
    kind("phase2", "another policy", "set security ipsec policy other proposal-set basic",
         f"set {_VPN} ike ipsec-policy other", statement=f"{_VPN} ike ipsec-policy"),
    kind("phase2", "proxy identity", f"set {_VPN} ike proxy-identity local {{local_lan}}",
         f"set {_VPN} ike proxy-identity remote {{peer_lan}}", statement=f"{_VPN} ike proxy-identity"),
    kind("phase2", "proxy identity's service", f"set {_VPN} ike proxy-identity service junos-http",
         statement=f"{_VPN} ike proxy-identity"),
    kind("phase2", "traffic selector", f"set {_VPN} traffic-selector lan local-ip {{local_lan}} remote-ip {{peer_lan}}",
         statement=f"{_VPN} traffic-selector"),
    # --- VPN monitor ---
    kind("monitor", "a monitor of an address elsewhere", f"set {_VPN} vpn-monitor destination-ip 10.99.0.1",
         statement=f"{_VPN} vpn-monitor"),
    # --- next-hop tunnel ---
    kind("nhtb", "not multipoint", f"delete {_ST0} multipoint", hosts=_HUB),
    kind("nhtb", "bound to another VPN",
         f"delete {_ST0} family inet next-hop-tunnel 10.11.11.11",
         f"set {_ST0} family inet next-hop-tunnel {{hop}} ipsec-vpn sunnyvale-vpn", hosts=_HUB,
         statement=f"{_ST0} family inet next-hop-tunnel {{hop}} ipsec-vpn"),
    # With a tunnel that starts immediately the spoke learns the hub's address, and the route is active.
    kind("nhtb", "spoke multipoint", f"set {_ST0} multipoint", hosts=_SPOKE, syntaxes=CLASSIC),
    # --- routes into the tunnel ---
    kind("tunnel_routes", "route missing", f"delete {_STATIC} {{peer_lan}}",
         statement=f"{_STATIC} {{peer_lan}} next-hop"),
    kind("tunnel_routes", "another next hop", f"delete {_STATIC} {{peer_lan}} next-hop",
         f"set {_STATIC} {{peer_lan}} next-hop {{next}}"),
    kind("tunnel_routes", "discarded", f"delete {_STATIC} {{peer_lan}} next-hop",
         f"set {_STATIC} {{peer_lan}} discard"),
    kind("tunnel_routes", "half of it elsewhere", f"set {_STATIC} {{part}} next-hop {{next}}",
         statement=f"{_STATIC} {{part}}"),
    kind("tunnel_routes", "half of it discarded, outside the group", f"top set {_STATIC} {{part}} discard",
         statement=f"{_STATIC} {{part}}"),
    kind("tunnel_routes", "route to the other spoke missing", f"delete {_STATIC} 192.168.168.0/24", hosts=_SPOKE,
         statement=f"{_STATIC} 192.168.168.0/24 next-hop"),
    # --- policies ---
    kind("policies", "no policy out", f"delete {_OUT}"),
    kind("policies", "no policy in", f"delete {_IN}"),
    kind("policies", "no policy between the zones", "delete security policies from-zone trust to-zone vpn",
         statement=_OUT),
    kind("policies", "denied out", f"delete {_OUT} then", f"set {_OUT} then deny"),
    kind("policies", "rejected in", f"delete {_IN} then", f"set {_IN} then reject"),
    kind("policies", "a policy before it denies",
         *(f"top set security policies from-zone trust to-zone vpn policy first {words}" for words in (
             "match source-address any", "match destination-address any", "match application any", "then deny")),
         statement="security policies from-zone trust to-zone vpn policy first"),
    kind("policies", "destination not named", f"delete {_OUT} match destination-address {{far}}",
         statement=f"{_OUT} match destination-address"),
    kind("policies", "source not named", f"delete {_IN} match source-address {{far}}",
         statement=f"{_IN} match source-address"),
    kind("policies", "another application", f"delete {_OUT} match application any",
         f"set {_OUT} match application junos-http", statement=f"{_OUT} match application"),
    kind("policies", "far address changed", "set {far_book} address {far} 172.16.9.0/24",
         statement="{far_book} address {far}"),
    kind("policies", "own address changed", "set {own_book} address local-net 172.16.9.0/24",
         statement="{own_book} address local-net"),
    kind("policies", "far address too narrow", "set {far_book} address {far} {rest}",
         statement="{far_book} address {far}"),
    kind("policies", "no intrazone policy", f"delete {_WITHIN}", hosts=_HUB),
    kind("policies", "denied within the zone", f"delete {_WITHIN} then", f"set {_WITHIN} then deny", hosts=_HUB),
    # --- flow ---
    kind("flow", "LAN answers no ping", f"delete {_ZONE} trust host-inbound-traffic system-services {{services}}",
         f"set {_ZONE} trust host-inbound-traffic system-services ssh",
         statement=f"{_ZONE} trust host-inbound-traffic system-services {{services}}"),
)  # fmt: skip


def _static(syntax: str) -> list[Failure]:
    """Return the failures that concern the spoke with a static entry."""
    entry = "interfaces st0 unit 0 family inet next-hop-tunnel"
    place = f"{entry} 10.11.11.11 ipsec-vpn"
    rows = (
        ("entry missing", (f"delete {entry} 10.11.11.11",), "nhtb", place),
        ("entry bound to another VPN", (f"set {place} westford-vpn",), "nhtb", place),
        ("entry for another next hop",
         (f"delete {entry} 10.11.11.11", f"set {entry} 10.11.11.99 ipsec-vpn sunnyvale-vpn"), "nhtb", place),
        ("route missing", ("delete routing-options static route 192.168.168.0/24",), "tunnel_routes",
         "routing-options static route 192.168.168.0/24 next-hop"),
        ("address of the gateway", ("delete security ike gateway sunnyvale-gate address",
         "set security ike gateway sunnyvale-gate address 9.9.9.9"), "phase1",
         "security ike gateway sunnyvale-gate address"),
        ("version", ("set security ike gateway sunnyvale-gate version v2-only",), "phase1",
         "security ike gateway sunnyvale-gate version"),
        ("proxy identity", ("set security ipsec vpn sunnyvale-vpn ike proxy-identity local 10.10.10.0/24",
         "set security ipsec vpn sunnyvale-vpn ike proxy-identity remote 192.168.168.0/24"), "phase2",
         "security ipsec vpn sunnyvale-vpn ike proxy-identity"),
    )  # fmt: skip
    return [
        Failure(f"{name} of sunnyvale", syntax, HUB, changes, layer, told, SUNNYVALE)
        for name, changes, layer, told in rows
    ]


def _screenos(syntax: str) -> list[Failure]:
    """Return the failures of a device that cannot be read: the layer, and the command to check."""
    gateway, vpn = 'set ike gateway "corp-ike"', 'set vpn "corp-vpn"'
    everything = "routes, policies and addresses"
    rows = (
        ("key", 'preshare "a-key-of-this-test" -> preshare "another-key"', "phase1", gateway),
        ("peer", "address 1.1.1.2 -> address 9.9.9.9", "phase1", gateway),
        ("phase 1 proposals", 'preshare "a-key-of-this-test" sec-level standard'
         ' -> preshare "a-key-of-this-test" sec-level basic', "phase1", gateway),
        ("phase 2 proposals", "idletime 0 sec-level standard -> idletime 0 sec-level basic", "phase2", vpn),
        ("routes", "set route 10.10.10.0/24 interface tunnel.1 -> ", "flow", everything),
        ("policies", 'set policy id 3 from "VPN" to "Trust" "corp-net" "sunnyvale-net" "ANY" permit'
         ' -> set policy id 3 from "VPN" to "Trust" "corp-net" "sunnyvale-net" "ANY" deny', "flow", everything),
    )  # fmt: skip
    return [
        Failure(f"{name} at sunnyvale", syntax, SUNNYVALE, (change,), layer, told, SUNNYVALE)
        for name, change, layer, told in rows
    ]


FAILURES = tuple(failure for one in KINDS for failure in one.failures()) + tuple(
    failure for syntax in SYNTAXES for failure in (*_static(syntax), *_screenos(syntax))
)

# One failure of each layer that can be combined with each of the others.
REPRESENTATIVES = (
    "LAN unit disabled", "peer's address discarded", "host-inbound ike missing", "another key",
    "proxy identity", "a monitor of an address elsewhere", "not multipoint", "route missing", "far address changed",
    "LAN answers no ping",
)  # fmt: skip

# Differences from the plan without effect: no step may fail.
HARMLESS: t.Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "another MSS": ((HUB,), ("set security flow tcp-mss ipsec-vpn mss 1300",)),
    "another address more": ((HUB, WESTFORD), ("set interfaces {lan} unit 0 family inet address 172.16.1.1/24",)),
    "a permit policy that comes first": (
        (HUB, WESTFORD),
        tuple(f"top set security policies from-zone trust to-zone vpn policy first {words}" for words in (
            "match source-address any", "match destination-address any", "match application any", "then permit")),
    ),
    "a policy that denies others first": (
        (HUB, WESTFORD),
        ("set {own_book} address guests 172.16.7.0/24",
         *(f"top set security policies from-zone trust to-zone vpn policy first {words}" for words in (
             "match source-address guests", "match destination-address any", "match application any", "then deny"))),
    ),
    "policies of other names": (
        (HUB, WESTFORD),
        (f"delete {_OUT}", *(f"set security policies from-zone trust to-zone vpn policy mine {words}" for words in (
            "match source-address any", "match destination-address any", "match application any", "then permit"))),
    ),
    "everything permitted": (
        (HUB, WESTFORD),
        ("top set security policies default-policy permit-all", f"delete {_OUT}", f"delete {_IN}"),
    ),
    "an address set": (
        (HUB, WESTFORD),
        ("set {far_book} address-set others address {far}", f"set {_OUT} match destination-address others",
         f"delete {_OUT} match destination-address {{far}}"),
    ),
    "all services": ((HUB, WESTFORD), (f"set {_ZONE} untrust host-inbound-traffic system-services all",)),
    "the interface's own services": (
        (HUB, WESTFORD),
        (f"set {_ZONE} untrust interfaces {{wan}}.0 host-inbound-traffic system-services ike",),
    ),
    "shorter lifetimes": (
        (HUB, WESTFORD),
        ("set security ike proposal spare lifetime-seconds 600",
         "set security ipsec proposal spare lifetime-seconds 600"),
    ),
    "another address in the tunnels' network": (
        (HUB,),
        ("delete interfaces st0 unit 0 family inet address {st0_ip}",
         "set interfaces st0 unit 0 family inet address 10.11.11.20/24"),
    ),
    "the VPN bound to one more next hop": (
        (HUB,), ("set interfaces st0 unit 0 family inet next-hop-tunnel 10.11.11.99 ipsec-vpn {vpn}",)),
    "a route of its own to the peer": ((HUB, WESTFORD), (f"set {_STATIC} {{peer}}/32 next-hop {{next}}",)),
    "the tunnel started at once": ((HUB, WESTFORD), (f"set {_VPN} establish-tunnels immediately",)),
    "dead peer detection": ((HUB, WESTFORD), (f"set {_IKE} dead-peer-detection probe-idle-tunnel",)),
    "an identity that is the address": ((HUB, WESTFORD), (f"set {_IKE} local-identity inet {{own}}",)),
    "the next hop bound by hand": (
        (HUB,), ("set interfaces st0 unit 0 family inet next-hop-tunnel {hop} ipsec-vpn {vpn}",)),
}  # fmt: skip


def spelt(line: str, syntax: str, host: str) -> str:
    """Return a line with the names that an end has for objects."""
    own = SITES[host]["wan_ip"].partition("/")[0]
    return line.format_map({**SITES[host], **NAMES[syntax], "own": own})
