# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reader of ScreenOS ``set`` text. An unknown line is an error with its number, never skipped."""

from __future__ import annotations

import shlex
import typing as t
from dataclasses import replace
from ipaddress import IPv4Interface, IPv4Network

from tests.lab.network.proposals import (
    IKE_SETS,
    IPSEC_SETS,
    SCREENOS_ENCRYPTION,
    SCREENOS_IKE_HASH,
    SCREENOS_IPSEC_HASH,
)
from tests.lab.network.view import (
    DeviceView,
    Gateway,
    IkeProposal,
    Interface,
    IpsecProposal,
    Monitor,
    Policy,
    Selector,
    StaticRoute,
    Vpn,
)

# The defaults of every ScreenOS device.
PREDEFINED_ZONES = ("Trust", "Untrust", "DMZ", "V1-Trust", "V1-Untrust", "MGT", "HA", "Global")
SET_NAMES = ("standard", "compatible", "basic")
GATEWAY_WORDS = (
    "id", "main", "aggressive", "local-id", "outgoing-interface", "preshare", "sec-level", "proposal",
)  # fmt: skip


class ScreenosError(ValueError):
    """A line that a ScreenOS device refuses, or that this reader does not know."""

    def __init__(self, number: int, line: str, reason: str) -> None:
        super().__init__(f"line {number}: {reason}: {line}")
        self.number = number


class _Words:
    """The words of one line, read in order."""

    def __init__(self, words: list[str]) -> None:
        self._words = words

    def take(self, *expected: str) -> str:
        """Return the next word. Raise ValueError if it is none of ``expected``, in any case."""
        if not self._words:
            raise ValueError("incomplete command" if not expected else f"missing {' or '.join(expected)}")
        word = self._words.pop(0)
        if expected and word.lower() not in expected:
            raise ValueError(f"unknown keyword {word}")
        return word.lower() if expected else word

    def skip(self, *keywords: str) -> bool:
        """Skip the next word if it is one of these."""
        if self._words and self._words[0].lower() in keywords:
            self._words.pop(0)
            return True
        return False

    def peek(self) -> str:
        return self._words[0].lower() if self._words else ""

    def rest(self) -> list[str]:
        words, self._words = self._words, []
        return words

    def end(self) -> None:
        if self._words:
            raise ValueError(f"unknown keyword {self._words[0]}")


class _PolicyDraft(t.NamedTuple):
    context: tuple[str, str]
    policy: Policy


class _Reader:
    """Collects statements line by line. A method ``_do_X`` reads ``set X …``."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.host_name = host
        self.zones: dict[str, list[str]] = {zone: [] for zone in PREDEFINED_ZONES}
        self.interfaces: dict[str, Interface] = {}
        self.routes: list[StaticRoute] = []
        self.books: dict[str, dict[str, tuple[IPv4Network, ...]]] = {}
        self.ike_proposals: dict[str, IkeProposal] = {}
        self.ipsec_proposals: dict[str, IpsecProposal] = {}
        self.gateways: dict[str, Gateway] = {}
        self.vpns: dict[str, Vpn] = {}
        self.policies: dict[str, _PolicyDraft] = {}
        self.manage: dict[str, set[str]] = {}
        self.inside: str | None = None

    # --- lines -----------------------------------------------------------------------------------

    def line(self, text: str) -> None:
        words = _Words(shlex.split(text, posix=True))
        verb = words.take("set", "exit")
        if verb == "exit":
            if self.inside is None:
                raise ValueError("exit outside of a policy")
            self.inside = None
            return
        if self.inside is not None:
            self._policy_line(self.inside, words)
        else:
            kind = words.take().lower().replace("-", "_")
            handler = getattr(self, f"_do_{kind}", None)
            if handler is None:
                raise ValueError(f"unknown keyword {kind}")
            handler(words)
        words.end()

    def _do_hostname(self, words: _Words) -> None:
        self.host_name = words.take()

    def _do_zone(self, words: _Words) -> None:
        words.take("name")
        self.zones.setdefault(words.take(), [])

    def _do_flow(self, words: _Words) -> None:
        words.take("tcp-mss", "vpn-tcp-mss", "all-tcp-mss")
        if words.peek():
            int(words.take())

    def _do_address(self, words: _Words) -> None:
        zone, name, address = self._zone(words.take()), words.take(), words.take()
        prefix = address if "/" in address else f"{address}/{words.take()}"
        self.books.setdefault(zone, {})[name] = (IPv4Network(prefix),)

    # --- interfaces and routes -------------------------------------------------------------------

    def _do_interface(self, words: _Words) -> None:
        name = words.take()
        interface = self.interfaces.get(name) or Interface(name, tunnel=name.startswith("tunnel."))
        what = words.take("zone", "ip", "route", "nat", "manage", "mtu", "nhtb")
        if what == "zone":
            zone = self._zone(words.take())
            self.zones[zone].append(name)
            interface = replace(interface, zone=zone)
        elif what == "ip" and words.skip("manageable"):
            self.manage.setdefault(name, set()).add("ping")
        elif what == "ip" and words.skip("unnumbered"):
            words.take("interface")
            words.take()
        elif what == "ip":
            address = IPv4Interface(words.take())
            # A primary address replaces the former one, a secondary address is added to it.
            former = interface.addresses if words.skip("secondary") else ()
            interface = replace(interface, addresses=(*former, address))
        elif what == "manage":
            self.manage.setdefault(name, set()).add(words.take() if words.peek() else "ping")
        elif what == "mtu":
            int(words.take())
        elif what == "nhtb":
            next_hop = words.take()
            words.take("vpn")
            bindings = (*interface.bindings, (next_hop, words.take()))
            interface = replace(interface, bindings=bindings, multipoint=True)
        self.interfaces[name] = interface

    def _do_route(self, words: _Words) -> None:
        prefix = IPv4Network(words.take())
        words.take("interface")
        hop = words.take()
        if words.skip("gateway"):
            hop = words.take()
        preference = int(words.take()) if words.skip("preference") else 20
        self.routes.append(StaticRoute(prefix, (hop,), preference))

    # --- IKE and IPsec ---------------------------------------------------------------------------

    def _do_ike(self, words: _Words) -> None:
        what = words.take("gateway", "p1-proposal", "p2-proposal")
        {"gateway": self._gateway, "p1-proposal": self._p1, "p2-proposal": self._p2}[what](words)

    def _p1(self, words: _Words) -> None:
        name = words.take()
        words.take("preshare")
        group = words.take("group1", "group2", "group5", "group14")
        words.take("esp")
        encryption, digest = SCREENOS_ENCRYPTION[words.take(*SCREENOS_ENCRYPTION)], words.take(*SCREENOS_IKE_HASH)
        proposal = IkeProposal("pre-shared-keys", group, encryption, SCREENOS_IKE_HASH[digest])
        self.ike_proposals[name] = replace(proposal, lifetime=_seconds(words, proposal.lifetime))

    def _p2(self, words: _Words) -> None:
        name = words.take()
        group = words.take("no-pfs", "group1", "group2", "group5", "group14")
        protocol = words.take("esp", "ah")
        encryption = SCREENOS_ENCRYPTION[words.take(*SCREENOS_ENCRYPTION)] if protocol == "esp" else None
        digest = SCREENOS_IPSEC_HASH[words.take(*SCREENOS_IPSEC_HASH)]
        proposal = IpsecProposal(protocol, encryption, digest, None if group == "no-pfs" else group)
        seconds = _seconds(words, proposal.lifetime)
        size = int(words.take()) if words.skip("kbyte") else None
        self.ipsec_proposals[name] = replace(proposal, lifetime=seconds, lifesize=size)

    def _gateway(self, words: _Words) -> None:
        version = 2 if words.skip("ikev2") else 1
        name = words.take()
        if words.skip("dpd-liveness", "nat-traversal"):
            words.rest()
            return
        words.take("address")
        gateway = Gateway(name, (words.take(),), None, version, "main", ())
        while words.peek():
            key = words.take(*GATEWAY_WORDS)
            if key in ("main", "aggressive"):
                gateway = replace(gateway, mode=key)
            elif key == "id":
                gateway = replace(gateway, remote_identity=_identity(words.take()))
            elif key == "local-id":
                gateway = replace(gateway, local_identity=_identity(words.take()))
            elif key == "outgoing-interface":
                gateway = replace(gateway, external_interface=words.take())
            elif key == "preshare":
                gateway = replace(gateway, key=words.take().encode())
            elif key == "sec-level":
                gateway = replace(gateway, proposals=IKE_SETS[words.take(*SET_NAMES)])
            else:
                gateway = replace(gateway, proposals=tuple(_named(self.ike_proposals, word) for word in words.rest()))
        self.gateways[name] = gateway

    def _do_vpn(self, words: _Words) -> None:
        name = words.take()
        what = words.take("gateway", "bind", "proxy-id", "monitor")
        if what == "gateway":
            self.vpns[name] = self._vpn(name, words)
            return
        vpn = _named(self.vpns, name)
        if what == "bind":
            words.take("interface")
            vpn = replace(vpn, bind_interface=words.take())
        elif what == "proxy-id":
            words.take("local-ip")
            local = IPv4Network(words.take())
            words.take("remote-ip")
            vpn = replace(vpn, selectors=(Selector("", local, IPv4Network(words.take()), words.take().lower()),))
        else:
            # The monitor's pings are traffic: with "rekey" they bring the tunnel up.
            vpn = replace(vpn, monitor=Monitor(), establish="immediately" if "rekey" in words.rest() else "on-traffic")
        self.vpns[name] = vpn

    def _vpn(self, name: str, words: _Words) -> Vpn:
        gateway = words.take()
        _named(self.gateways, gateway)
        while words.peek() not in ("sec-level", "proposal"):
            if words.take("replay", "no-replay", "tunnel", "transport", "idletime") == "idletime":
                int(words.take())
        if words.take("sec-level", "proposal") == "sec-level":
            proposals = IPSEC_SETS[words.take(*SET_NAMES)]
        else:
            proposals = tuple(_named(self.ipsec_proposals, word) for word in words.rest())
        return Vpn(name, gateway, proposals, None)

    # --- policies --------------------------------------------------------------------------------

    def _do_policy(self, words: _Words) -> None:
        number = words.take() if words.skip("id") else str(len(self.policies) + 1)
        if not words.peek():
            _named(self.policies, number)
            self.inside = number
            return
        on_top = words.skip("top")
        if words.skip("name"):
            words.take()
        words.take("from")
        source_zone = self._zone(words.take())
        words.take("to")
        target_zone = self._zone(words.take())
        source, target, service = words.take(), words.take(), words.take()
        if words.skip("nat"):
            words.take("src")
        action = words.take("permit", "deny", "reject")
        words.skip("log")
        words.skip("count")
        policy = Policy(number, (_any(source),), (_any(target),), (_any(service),), action)
        draft = _PolicyDraft((source_zone, target_zone), policy)
        if on_top:
            self.policies = {number: draft} | {one: known for one, known in self.policies.items() if one != number}
        else:
            self.policies[number] = draft

    def _policy_line(self, number: str, words: _Words) -> None:
        what = words.take("src-address", "dst-address", "service", "name", "log")
        if what in ("name", "log"):
            words.rest()
            return
        draft, word = self.policies[number], _any(words.take())
        old = draft.policy
        if what == "src-address":
            policy = replace(old, sources=(*old.sources, word))
        elif what == "dst-address":
            policy = replace(old, destinations=(*old.destinations, word))
        else:
            policy = replace(old, applications=(*old.applications, word))
        self.policies[number] = draft._replace(policy=policy)

    def _zone(self, name: str) -> str:
        for zone in self.zones:
            if zone.lower() == name.lower():
                return zone
        raise ValueError(f"no such zone {name}")

    # --- result ----------------------------------------------------------------------------------

    def view(self) -> DeviceView:
        policies: dict[tuple[str, str], tuple[Policy, ...]] = {}
        for draft in self.policies.values():
            policies[draft.context] = (*policies.get(draft.context, ()), draft.policy)
        return DeviceView(
            host=self.host,
            kind="screenos",
            host_name=self.host_name,
            interfaces={name: self._managed(interface) for name, interface in self.interfaces.items()},
            zones={zone: tuple(names) for zone, names in self.zones.items()},
            routes=tuple(self.routes),
            gateways=self.gateways,
            vpns=self.vpns,
            policies=policies,
            books=self.books,
            intrazone_permit=True,
            applications=frozenset({"any", "PING", "ICMP-ANY"}),
        )

    def _managed(self, interface: Interface) -> Interface:
        # ScreenOS answers IKE on any interface; management services are on by default in zone Trust only.
        services = {"ike"} | self.manage.get(interface.name, set())
        if interface.zone == "Trust":
            services.add("ping")
        return replace(interface, services=frozenset(services))


T = t.TypeVar("T")


def _named(table: dict[str, T], name: str) -> T:
    if name not in table:
        raise ValueError(f"no such object {name}")
    return table[name]


def _any(word: str) -> str:
    return "any" if word.lower() == "any" else word


def _seconds(words: _Words, default: int) -> int:
    units = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
    return units[words.take(*units)] * int(words.take()) if words.peek() else default


def _identity(word: str) -> tuple[str, str]:
    if "@" in word:
        return ("user-at-hostname", word)
    return ("inet", word) if word.replace(".", "").isdigit() else ("hostname", word)


def read(host: str, text: str) -> DeviceView:
    """Return the view of a ScreenOS device from its ``set`` text.

    Raise ``ScreenosError`` for the first line that the reader does not know, with its number.
    """
    reader = _Reader(host)
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            reader.line(line)
        except (ValueError, KeyError) as error:
            raise ScreenosError(number, line.strip(), str(error)) from error
    return reader.view()
