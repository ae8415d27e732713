# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each way in which the document's VPN fails, and the collection's findings.

The changed statement and the log lines are in the tables that compare the lab with the document; this table has the
findings of ``nhtb_verify``, written as "host check object".
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

from tests.lab.network.failure import NO_RESPONSE, SYMPTOMS
from tests.lab_tests.network.support import HUB, WESTFORD
from tests.lab_tests.network.test_failures import CASES, MODERN
from tests.lab_tests.network.test_traffic import DROPS

Syntax = t.Literal["classic", "modern"]


@dataclass(frozen=True)
class Failure:
    """A change of one statement. ``changed`` is its hierarchy in the group.

    ``actual`` maps findings to a part of their actual value; the first is the first that fails from the lowest layer
    up, the configuration excepted. ``fails`` are all that fail, ``log`` is in the hub's log.
    """

    name: str
    syntax: Syntax
    host: str
    change: tuple[str, ...]
    changed: str
    actual: t.Mapping[str, str]
    remedy: str
    fails: frozenset[str]
    log: tuple[str, ...] = ()


PHASE_2 = frozenset(
    {
        "corporate ipsec westford-vpn",
        "westford ipsec corp-vpn",
        "corporate next_hop_tunnels westford-vpn",
        "corporate routes 192.168.178.0/24",
        "corporate pings 192.168.178.0/24",
        "westford pings 10.10.10.0/24",
        "westford pings 192.168.168.0/24",
    }
)
PHASE_1 = PHASE_2 | {"corporate ike westford-vpn", "westford ike corp-vpn"}
# The static route to sunnyvale stays active: its next hop has a static entry.
HUB_WITHOUT_IKE = PHASE_1 | {
    "corporate ike sunnyvale-vpn",
    "corporate ipsec sunnyvale-vpn",
    "corporate next_hop_tunnels sunnyvale-vpn",
    "corporate pings 192.168.168.0/24",
}
TO_SUNNYVALE = frozenset({"corporate pings 192.168.168.0/24", "westford pings 192.168.168.0/24"})
# No packet reaches an on-traffic tunnel whose next hop does not resolve, so the hub does not start it.
SUNNYVALE_IDLE = TO_SUNNYVALE | {
    "corporate ike sunnyvale-vpn",
    "corporate ipsec sunnyvale-vpn",
    "corporate next_hop_tunnels sunnyvale-vpn",
}

# A point-to-point unit whose tunnel does not wait for traffic is down with it.
SPOKE_ROUTES = frozenset({"westford routes 10.10.10.0/24", "westford routes 192.168.168.0/24"})

# Names of the modern lab network, and those of the collection.
_NAMES = {"ike-modern": "ike-policy-group19", "ike-gcm": "ike-aes-256-gcm-group19", "esp-gcm": "esp-aes-256-gcm",
          "group19": "group20"}  # fmt: skip
_CASES = {case.name: case for case in CASES}
_DROPS = {drop.name: drop for drop in DROPS}
_MODERN = {case.name: case for case in MODERN}
_V2_REFUSED = "IKE negotiation failed with error: No proposal chosen. IKE Version: 2, VPN: "
_V2_UNKNOWN = "IKE negotiation failed with error: Authentication failed. IKE Version: 2, VPN: "
_V2_SILENCE = "IKE negotiation failed with error: Timed out. IKE Version: 2, VPN: westford-vpn"
_WAITING = "Tunnel is ready. Waiting for trigger event"


def _tunnel(
    name: str,
    changed: str,
    hub: str,
    remedy: str,
    fails: frozenset[str] = PHASE_1,
    *,
    modern: tuple[str, ...] | None = None,
    case: str = "",
) -> Failure:
    """Return a tunnel that does not come up; with ``modern``, its log lines, it fails with IKEv2."""
    known = _CASES[case or name]
    layer = "ike" if fails >= PHASE_1 else "ipsec"
    if modern is not None and layer == "ipsec":
        # Both ends start it at once, so the spoke's last event is its refusal.
        known = replace(known, initiator=SYMPTOMS[known.code].responder)
    actual = {f"corporate {layer} westford-vpn": hub, f"westford {layer} corp-vpn": known.initiator}
    log = (*known.hub_log, *known.today) if modern is None else modern
    syntax: Syntax = "classic" if modern is None else "modern"
    fails = fails if modern is None else fails | SPOKE_ROUTES
    return Failure(name, syntax, known.host, known.change, changed, actual, remedy, fails, log)


def _renamed(name: str, case: str, changed: str, event: str, remedy: str, fails: frozenset[str] = PHASE_1) -> Failure:
    """Return a tunnel that does not come up with IKEv2, with the change of a case of the lab's modern network.

    Both ends start it at once, so each refuses the other, and the spoke's last event is its refusal.
    """
    known = _MODERN[case]
    change = tuple(re.sub("|".join(_NAMES), lambda found: _NAMES[found[0]], line) for line in known.change)
    layer = "ike" if fails >= PHASE_1 else "ipsec"
    actual = {f"corporate {layer} westford-vpn": event, f"westford {layer} corp-vpn": SYMPTOMS[known.code].responder}
    fails = fails | SPOKE_ROUTES
    return Failure(name, "modern", known.host, change, changed, actual, remedy, fails, (known.today,))


def _traffic(
    name: str, syntax: Syntax, changed: str, actual: t.Mapping[str, str], remedy: str, fails: t.Collection[str]
) -> Failure:
    drop = _DROPS[name]
    return Failure(name, syntax, drop.host, drop.change, changed, actual, remedy, frozenset(fails))


def _either(name: str, changed: str, finding: str, actual: str, remedy: str, *also: str) -> list[Failure]:
    """Return a failure of traffic that is the same with both syntaxes."""
    return [
        _traffic(name, syntax, changed, {finding: actual}, remedy, {finding, *also}) for syntax in t.get_args(Syntax)
    ]


_REFUSED = "error code NO_PROPOSAL_CHOSEN received from peer"
_NO_AUTH = "error code AUTHENTICATION_FAILED received from peer"
_GATE = "security ike gateway westford-gate"
_UNTRUST = "security zones security-zone untrust"
_STATIC = "routing-options static"
_ST0 = "interfaces st0 unit 0 family inet"
_POLICIES = "security policies"
_NO_ANSWER = "0 of 3 answered: no response"
_DENIED = "tcp/443: policy Default-Policy, deny-all"
_DEPLOY = "Deploy again where group hubspoke has changed."
_WITHOUT_ENTRY = (
    "delete security address-book global address westford-net",
    f"delete {_POLICIES} from-zone trust to-zone vpn policy local-to-spokes match destination-address westford-net",
    f"delete {_POLICIES} from-zone vpn to-zone trust policy spokes-to-local match source-address westford-net",
    f"delete {_POLICIES} from-zone trust to-zone untrust policy never-in-clear match destination-address westford-net",
    f"delete {_POLICIES} from-zone vpn to-zone untrust policy never-in-clear match destination-address westford-net",
)

FAILURES: tuple[Failure, ...] = (
    # --- phase 1 ---
    _tunnel("phase 1 proposal mismatch", "security ike policy ike-policy1", "IKE proposal mismatch",
            "phase 1 proposals"),
    _renamed("phase 1 proposal mismatch", "proposal", "security ike proposal ike-aes-256-gcm-group19",
             _REFUSED, "phase 1 proposals"),
    _tunnel("unrecognised peer address", _GATE, "no association with 3.3.3.2",
            "addresses and identities with westford"),
    _tunnel("unrecognised peer address", _GATE, "DOWN with 3.3.3.9 by gateway westford-gate",
            "gives westford-gate another address", modern=(_V2_REFUSED,)),
    _tunnel("wrong peer ID", "security ike gateway corp-gate", "Peer's IKE-ID validation failed",
            "addresses and identities with westford"),
    _tunnel("wrong peer ID", "security ike gateway corp-gate", "Peer's IKE-ID validation failed",
            "addresses and identities with westford", modern=(_V2_UNKNOWN,)),
    _tunnel("wrong mode", "security ike policy ike-policy1", "IKE proposal mismatch", "phase 1 proposals, mode,"),
    _tunnel("wrong external interface", _GATE, _WAITING, "ge-0/0/3.0 is the external interface of westford-gate"),
    # In modern the gateway names an address, which the other interface does not have.
    _tunnel("wrong external interface", _GATE, "External interface's address is not available",
            "ge-0/0/3.0 is the external interface of westford-gate",
            modern=(_V2_REFUSED,)),
    _tunnel("key mismatch", "security ike policy ike-policy1", "Authentication failed with peer",
            "Compare pre-shared key"),
    _renamed("key mismatch", "key", "security ike policy ike-policy-group19", _NO_AUTH, "Compare pre-shared key"),
    _tunnel("missing host-inbound ike", _UNTRUST, _WAITING, "its zone has host-inbound-traffic ike", HUB_WITHOUT_IKE),
    _tunnel("missing host-inbound ike", _UNTRUST, NO_RESPONSE, "its zone has host-inbound-traffic ike", HUB_WITHOUT_IKE,
            modern=(_V2_SILENCE,)),
    _tunnel("no route to the peer", _STATIC, _WAITING, "which needs a route to it",
            case="no route to the peer: the document's own slip"),
    _tunnel("no route to the peer", _STATIC, NO_RESPONSE, "which needs a route to it", modern=(_V2_SILENCE,),
            case="no route to the peer: the document's own slip"),
    # --- phase 2 ---
    _tunnel("phase 2 proposal mismatch", "security ipsec policy vpn-policy1", "IPSec proposal mismatch",
            "Compare phase 2 proposals", PHASE_2),
    _renamed("phase 2 proposal mismatch", "phase 2 proposal", "security ipsec proposal esp-aes-256-gcm",
             _REFUSED, "Compare phase 2 proposals", PHASE_2),
    _tunnel("PFS mismatch", "security ipsec policy vpn-policy1 perfect-forward-secrecy", "IPSec proposal mismatch",
            "perfect forward secrecy", PHASE_2),
    _tunnel("proxy ID mismatch", "security ipsec vpn corp-vpn ike", "Peer proposed traffic-selectors are not in",
            "proxy identities with westford", PHASE_2),
    _tunnel("proxy ID mismatch", "security ipsec vpn corp-vpn ike", _REFUSED, "proxy identities with westford",
            PHASE_2, modern=("KMD_VPN_TS_MISMATCH: Traffic-selector mismatch, vpn name: westford-vpn",)),
    _tunnel("missing bind-interface", "security ipsec vpn westford-vpn", "Bind-interface is not configured",
            "westford-vpn is bound to st0.0 here", PHASE_2),
    # --- traffic ---
    _traffic("no entry", "classic", _ST0, {"corporate ike sunnyvale-vpn": _WAITING},
             "needs its static next-hop tunnel", {*SUNNYVALE_IDLE, "corporate routes 192.168.168.0/24"}),
    _traffic("no entry", "modern", _ST0,
             {"corporate next_hop_tunnels sunnyvale-vpn": "no entry for 10.11.11.11"},
             "'next-hop-tunnel 10.11.11.11 ipsec-vpn sunnyvale-vpn' under interfaces st0.0 is in effect",
             {*TO_SUNNYVALE, "corporate next_hop_tunnels sunnyvale-vpn", "corporate routes 192.168.168.0/24"}),
    _traffic("entry bound to the wrong VPN", "classic", _ST0,
             {"corporate ike sunnyvale-vpn": _WAITING,
              "corporate next_hop_tunnels sunnyvale-vpn": "10.11.11.11 on st0.0 into westford-vpn, Static"},
             "needs its static next-hop tunnel", SUNNYVALE_IDLE),
    _traffic("entry bound to the wrong VPN", "modern", _ST0,
             {"corporate next_hop_tunnels sunnyvale-vpn": "10.11.11.11 on st0.0 into westford-vpn, Static"},
             "Traffic for sunnyvale would go into westford-vpn",
             {*TO_SUNNYVALE, "corporate next_hop_tunnels sunnyvale-vpn"}),
    *_either("missing route", _STATIC, "corporate routes 192.168.168.0/24", "no route",
             "'static route 192.168.168.0/24 next-hop 10.11.11.11' is in effect", *TO_SUNNYVALE),
    *_either("missing route at the spoke", _STATIC, "westford routes 192.168.168.0/24", "no route",
             "'static route 192.168.168.0/24 next-hop 10.11.11.10' is in effect", "westford pings 192.168.168.0/24"),
    *_either("missing policy out", _POLICIES, "corporate policies trust to vpn", _DENIED, _DEPLOY,
             "corporate pings 192.168.178.0/24", "corporate pings 192.168.168.0/24"),
    *_either("missing policy in", _POLICIES, "corporate policies vpn to trust", _DENIED, _DEPLOY,
             "westford pings 10.10.10.0/24"),
    *_either("missing policy at the spoke", _POLICIES, "westford policies vpn to trust", _DENIED, _DEPLOY,
             "corporate pings 192.168.178.0/24"),
    *_either("missing intrazone policy", _POLICIES, "corporate policies vpn to vpn", _DENIED, _DEPLOY,
             "westford pings 192.168.168.0/24"),
    _traffic("missing address-book entry", "classic",
             f"{_POLICIES} from-zone trust to-zone vpn policy local-to-spokes match",
             {"corporate policies trust to vpn": _DENIED, "corporate policies vpn to trust": _DENIED}, _DEPLOY,
             {"corporate policies trust to vpn", "corporate policies vpn to trust", "corporate pings 192.168.178.0/24",
              "westford pings 10.10.10.0/24"}),
    Failure("missing address-book entry", "modern", HUB, _WITHOUT_ENTRY, "security address-book global",
            {"corporate leak zone trust": "192.168.178.0/24: policy any-permit allows them",
             "corporate policies trust to vpn": _DENIED, "corporate policies vpn to trust": _DENIED,
             "corporate pings 192.168.178.0/24": _NO_ANSWER}, _DEPLOY,
            frozenset({"corporate pings 192.168.178.0/24", "westford pings 10.10.10.0/24",
                       "corporate policies trust to vpn", "corporate policies vpn to trust",
                       "corporate leak zone trust"})),
)  # fmt: skip


@dataclass(frozen=True)
class Latent:
    """A difference without effect on tunnels: the configuration check alone finds it."""

    name: str
    change: tuple[str, ...]
    changed: str
    reason: str


LATENT = (
    Latent("PFS mismatch", ("set security ipsec policy vpn-policy-group19 perfect-forward-secrecy keys group14",),
           "security ipsec policy vpn-policy-group19 perfect-forward-secrecy",
           "IKEv2 makes the first child SA without a key exchange of its own: the first rekey fails"),
    Latent("wrong mode", ("set security ike policy ike-policy-group19 mode aggressive",),
           "security ike policy ike-policy-group19", "IKEv2 has no modes"),
)  # fmt: skip
# Junos refuses to commit it: IKEv2 is for route-based VPNs only.
REFUSED = {"missing bind-interface": _CASES["missing bind-interface"].change}
# The device with the latent difference.
LATENT_HOST = WESTFORD
