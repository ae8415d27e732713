# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read a Junos device's effective configuration into the view with which the network computes."""

from __future__ import annotations

import typing as t
from ipaddress import AddressValueError, IPv4Interface, IPv4Network, NetmaskValueError

from tests.lab.config.secrets import plain_of
from tests.lab.network.applications import ECHO
from tests.lab.network.proposals import IKE_SETS, IPSEC_SETS
from tests.lab.network.view import (
    DeviceView,
    Establish,
    Gateway,
    Identity,
    IkeProposal,
    Interface,
    IpsecProposal,
    Monitor,
    NatRule,
    Policy,
    Selector,
    StaticRoute,
    Tracing,
    Vpn,
)
from tests.lab.switches import Switches

IDENTITY_TYPES = ("inet", "inet6", "hostname", "user-at-hostname", "key-id")
_NAME = "distinguished-name"


class ConfigNode(t.Protocol):
    """A configuration hierarchy, queried with CLI words."""

    def has(self, *path: str) -> bool:
        """Return whether the path is configured."""

    def value(self, *path: str) -> str | None:
        """Return the value of a leaf."""

    def values(self, *path: str) -> list[str]:
        """Return all values of a leaf."""

    def names(self, *path: str) -> list[str]:
        """Return the keys of the entries under the path, in order."""

    def entries(self, *path: str) -> t.Sequence[tuple[tuple[str, ...], ConfigNode]]:
        """Return the keys and content of the entries under the path, in order."""


def read(host: str, node: ConfigNode, switches: Switches) -> DeviceView:
    """Return the view of a Junos device. ``node`` has groups inherited and inactive statements removed."""
    zones = {zone: tuple(node.names("security", "zones", "security-zone", zone, "interfaces"))
             for zone in node.names("security", "zones", "security-zone")}  # fmt: skip
    return DeviceView(
        host=host,
        kind="junos",
        host_name=node.value("system", "host-name") or host,
        interfaces=_interfaces(node, {name: zone for zone, names in zones.items() for name in names}),
        zones=zones,
        routes=tuple(_routes(node)),
        gateways={name: _gateway(node, name) for name in node.names("security", "ike", "gateway")},
        vpns={name: _vpn(node, name, switches) for name in node.names("security", "ipsec", "vpn")},
        policies=_policies(node),
        books=_books(node, tuple(zones)),
        global_policies=tuple(_rules(node, "security", "policies", "global")),
        default_permit=node.has("security", "policies", "default-policy", "permit-all"),
        applications=ECHO | _icmp_applications(node),
        trace=_tracing(node),
        ike_trace=_ike_tracing(node),
        source_nat=tuple(_source_nat(node)),
        switches=switches,
    )


# --- interfaces and routes -----------------------------------------------------------------------


def _interfaces(node: ConfigNode, zone_of: dict[str, str]) -> dict[str, Interface]:
    found = {}
    for device in node.names("interfaces"):
        for unit in node.names("interfaces", device, "unit"):
            interface = _interface(node, device, unit, zone_of.get(f"{device}.{unit}"))
            found[interface.name] = interface
    return found


def _interface(node: ConfigNode, device: str, unit: str, zone: str | None) -> Interface:
    path = ("interfaces", device, "unit", unit)
    addresses = (_address(text) for text in node.names(*path, "family", "inet", "address"))
    bindings = tuple(
        (hop, node.value(*path, "family", "inet", "next-hop-tunnel", hop, "ipsec-vpn") or "")
        for hop in node.names(*path, "family", "inet", "next-hop-tunnel")
    )
    services, refused = _services(node, zone, f"{device}.{unit}")
    return Interface(
        name=f"{device}.{unit}",
        addresses=tuple(address for address in addresses if address is not None),
        zone=zone,
        tunnel=device == "st0",
        multipoint=node.has(*path, "multipoint"),
        inet=node.has(*path, "family", "inet"),
        enabled=not (node.has("interfaces", device, "disable") or node.has(*path, "disable")),
        bindings=bindings,
        mtu=int(node.value(*path, "family", "inet", "mtu") or 0) or None,
        services=services,
        refused=refused,
    )


def _address(text: str) -> IPv4Interface | None:
    try:
        return IPv4Interface(text)
    except (AddressValueError, NetmaskValueError, ValueError):
        return None


def _services(node: ConfigNode, zone: str | None, interface: str) -> tuple[frozenset[str], frozenset[str]]:
    if zone is None:
        return frozenset(), frozenset()
    base = ("security", "zones", "security-zone", zone)
    own = (*base, "interfaces", interface, "host-inbound-traffic")
    # Services of the interface replace those of the zone, they do not add to them.
    path = (*(own if node.has(*own) else (*base, "host-inbound-traffic")), "system-services")
    names = node.names(*path)
    refused = frozenset(name for name in names if node.has(*path, name, "except"))
    return frozenset(names) - refused, refused


def _routes(node: ConfigNode) -> t.Iterator[StaticRoute]:
    base = ("routing-options", "static", "route")
    for text in node.names(*base):
        try:
            prefix = IPv4Network(text)
        except ValueError:
            continue
        kind = next((word for word in ("discard", "reject") if node.has(*base, text, word)), "next-hop")
        preference = int(node.value(*base, text, "preference") or 5)
        passive = node.has(*base, text, "passive")
        if kind != "next-hop" or node.has(*base, text, "next-hop"):
            yield StaticRoute(prefix, tuple(node.values(*base, text, "next-hop")), preference, kind, passive)
        for hop in node.names(*base, text, "qualified-next-hop"):
            own = node.value(*base, text, "qualified-next-hop", hop, "preference")
            yield StaticRoute(prefix, (hop,), int(own) if own else preference, passive=passive)


def _source_nat(node: ConfigNode) -> t.Iterator[NatRule]:
    base = ("security", "nat", "source", "rule-set")
    for name in node.names(*base):
        sides = [frozenset(node.values(*base, name, side, "zone")) for side in ("from", "to")]
        for rule in node.names(*base, name, "rule"):
            place = (*base, name, "rule", rule)
            named = node.values(*place, "match", "source-address") or ["0.0.0.0/0"]
            translates = not node.has(*place, "then", "source-nat", "off")
            yield NatRule(sides[0], sides[1], tuple(map(IPv4Network, named)), translates)


# --- IKE -----------------------------------------------------------------------------------------


def _gateway(node: ConfigNode, name: str) -> Gateway:
    path = ("security", "ike", "gateway", name)
    policy = ("security", "ike", "policy", node.value(*path, "ike-policy") or "")
    return Gateway(
        name=name,
        addresses=tuple(node.values(*path, "address")),
        external_interface=_logical(node.value(*path, "external-interface")),
        version=2 if node.value(*path, "version") == "v2-only" else 1,
        mode=node.value(*policy, "mode") or "main",
        proposals=_ike_proposals(node, policy),
        key=_key(node, policy),
        certificate=node.has(*policy, "certificate"),
        local_address=node.value(*path, "local-address"),
        local_identity=_identity(node, (*path, "local-identity")),
        remote_identity=_identity(node, (*path, "remote-identity")),
        dynamic=_identity(node, (*path, "dynamic")),
        general_ikeid=node.has(*path, "general-ikeid"),
        traverses_nat=not node.has(*path, "no-nat-traversal"),
        dead_after=_dead_after(node, (*path, "dead-peer-detection")),
        probes_idle=any(node.has(*path, "dead-peer-detection", mode) for mode in ("probe-idle-tunnel", "always-send")),
    )


def _dead_after(node: ConfigNode, path: tuple[str, ...]) -> int | None:
    if not node.has(*path):
        return None
    return int(node.value(*path, "interval") or 10) * int(node.value(*path, "threshold") or 5)


def _logical(interface: str | None) -> str | None:
    """Return the name of the logical interface: unit 0 where none is written."""
    return interface if interface is None or "." in interface else f"{interface}.0"


def _ike_proposals(node: ConfigNode, policy: tuple[str, ...]) -> tuple[IkeProposal, ...]:
    chosen = node.value(*policy, "proposal-set")
    if chosen:
        return IKE_SETS.get(chosen, ())
    return tuple(_ike_proposal(node, name) for name in node.values(*policy, "proposals"))


def _ike_proposal(node: ConfigNode, name: str) -> IkeProposal:
    path = ("security", "ike", "proposal", name)
    encryption = node.value(*path, "encryption-algorithm") or "3des-cbc"
    # GCM includes authentication; without a configured hash the PRF follows the key length.
    implied = None if encryption.endswith("gcm") else "sha1"
    return IkeProposal(
        method=node.value(*path, "authentication-method") or "pre-shared-keys",
        dh_group=node.value(*path, "dh-group") or "group2",
        encryption=encryption,
        authentication=node.value(*path, "authentication-algorithm") or implied,
        lifetime=int(node.value(*path, "lifetime-seconds") or 28800),
    )


def _key(node: ConfigNode, policy: tuple[str, ...]) -> bytes | None:
    text = plain_of(node.value(*policy, "pre-shared-key", "ascii-text") or "")
    if text:
        return text.encode()
    digits = plain_of(node.value(*policy, "pre-shared-key", "hexadecimal") or "")
    # A key that only the device's master password decrypts cannot be compared here.
    return bytes.fromhex(digits) if digits else None


def _identity(node: ConfigNode, path: tuple[str, ...]) -> Identity | None:
    for kind in IDENTITY_TYPES:
        value = node.value(*path, kind)
        if value is not None:
            return (kind, value)
    if node.has(*path, _NAME):
        return (_NAME, node.value(*path, _NAME, "container") or node.value(*path, _NAME, "wildcard") or "")
    return None


# --- IPsec ---------------------------------------------------------------------------------------


def _vpn(node: ConfigNode, name: str, switches: Switches) -> Vpn:
    path = ("security", "ipsec", "vpn", name)
    policy = ("security", "ipsec", "policy", node.value(*path, "ike", "ipsec-policy") or "")
    monitor = _monitor(node, (*path, "vpn-monitor"))
    establish = node.value(*path, "establish-tunnels") or "on-traffic"
    if establish.startswith("responder-only"):
        establish = "responder-only"
    elif monitor is not None:
        # The monitor's pings are traffic, so such a tunnel comes up without any other.
        establish = "immediately"
    return Vpn(
        name=name,
        gateway=node.value(*path, "ike", "gateway") or "",
        proposals=_ipsec_proposals(node, policy, switches),
        bind_interface=_logical(node.value(*path, "bind-interface")),
        establish=t.cast(Establish, establish),
        pfs=node.value(*policy, "perfect-forward-secrecy", "keys"),
        selectors=_selectors(node, path),
        monitor=monitor,
        df_bit=node.value(*path, "df-bit") or "clear",
        copy_dscp=node.has(*path, "copy-outer-dscp"),
        replay_window=_replay_window(node, (*path, "ike")),
        install_policy=policy[-1],
    )


def _monitor(node: ConfigNode, path: tuple[str, ...]) -> Monitor | None:
    if not node.has(*path):
        return None
    return Monitor(node.value(*path, "destination-ip"), _logical(node.value(*path, "source-interface")))


def _replay_window(node: ConfigNode, path: tuple[str, ...]) -> int | None:
    if node.has(*path, "no-anti-replay"):
        return None
    return int(node.value(*path, "anti-replay-window-size") or 64)


def _ipsec_proposals(node: ConfigNode, policy: tuple[str, ...], switches: Switches) -> tuple[IpsecProposal, ...]:
    chosen = node.value(*policy, "proposal-set")
    if chosen:
        return IPSEC_SETS.get(chosen, ())
    return tuple(_ipsec_proposal(node, name, switches) for name in node.values(*policy, "proposals"))


def _ipsec_proposal(node: ConfigNode, name: str, switches: Switches) -> IpsecProposal:
    path = ("security", "ipsec", "proposal", name)
    encryption = node.value(*path, "encryption-algorithm")
    lifesize = node.value(*path, "lifetime-kilobytes")
    return IpsecProposal(
        protocol=node.value(*path, "protocol") or "esp",
        encryption=encryption,
        authentication=node.value(*path, "authentication-algorithm"),
        lifetime=int(node.value(*path, "lifetime-seconds") or 3600),
        lifesize=int(lifesize) if lifesize else None,
        numbers=_numbers(switches) if node.has(*path, "extended-sequence-number") else frozenset({"usual"}),
    )


def _numbers(switches: Switches) -> frozenset[str]:
    return frozenset({"extended"} if switches.sequence_numbers == "alone" else {"usual", "extended"})


def _selectors(node: ConfigNode, path: tuple[str, ...]) -> tuple[Selector, ...]:
    named = node.names(*path, "traffic-selector")
    if named:
        return tuple(
            Selector(name, _net(node.value(*path, "traffic-selector", name, "local-ip")),
                     _net(node.value(*path, "traffic-selector", name, "remote-ip")))
            for name in named
        )  # fmt: skip
    identity = (*path, "ike", "proxy-identity")
    service = node.value(*identity, "service") or "any"
    return (Selector("", _net(node.value(*identity, "local")), _net(node.value(*identity, "remote")), service),)


def _net(text: str | None) -> IPv4Network:
    return IPv4Network(text or "0.0.0.0/0", strict=False)


# --- policies ------------------------------------------------------------------------------------


def _policies(node: ConfigNode) -> dict[tuple[str, str], tuple[Policy, ...]]:
    return {
        (keys[0], keys[-1]): tuple(_rules(entry)) for keys, entry in node.entries("security", "policies", "from-zone")
    }


def _rules(node: ConfigNode, *base: str) -> t.Iterator[Policy]:
    for name in node.names(*base, "policy"):
        path = (*base, "policy", name)
        action = next((word for word in ("permit", "deny", "reject") if node.has(*path, "then", word)), "deny")
        yield Policy(
            name=name,
            sources=tuple(node.values(*path, "match", "source-address")),
            destinations=tuple(node.values(*path, "match", "destination-address")),
            applications=tuple(node.values(*path, "match", "application")),
            action=action,
        )


def _books(node: ConfigNode, zones: tuple[str, ...]) -> dict[str, dict[str, tuple[IPv4Network, ...]]]:
    """Return, per zone, every name that its policies may use: its own book, attached books, and the book "global"."""
    shared = ("security", "address-book")
    books = {name: _book(node, *shared, name) for name in node.names(*shared)}
    attached = {zone: [name for name in books if node.has(*shared, name, "attach", "zone", zone)] for zone in zones}
    result = {"": books.get("global", {})}
    for zone in zones:
        merged = dict(result[""])
        for name in attached[zone]:
            merged.update(books[name])
        merged.update(_book(node, "security", "zones", "security-zone", zone, "address-book"))
        result[zone] = merged
    return result


def _book(node: ConfigNode, *path: str) -> dict[str, tuple[IPv4Network, ...]]:
    flat: dict[str, tuple[IPv4Network, ...]] = {}
    for name in node.names(*path, "address"):
        flat[name] = tuple(_prefixes(node, (*path, "address", name)))
    sets = node.names(*path, "address-set")
    # Sets may contain sets: as many rounds as there are sets are always enough, one round mostly.
    for _round in sets:
        before = dict(flat)
        for name in sets:
            entry = (*path, "address-set", name)
            members = node.names(*entry, "address") + node.names(*entry, "address-set")
            flat[name] = tuple(network for member in members for network in flat.get(member, ()))
        if before == flat:
            break
    return flat


def _prefixes(node: ConfigNode, path: tuple[str, ...]) -> t.Iterator[IPv4Network]:
    text = node.value(*path, "ip-prefix") or node.value(*path)
    if text is not None and "." in text and text.replace(".", "").replace("/", "").isdigit():
        yield IPv4Network(text, strict=False)


def _icmp_applications(node: ConfigNode) -> frozenset[str]:
    names = (name for name in node.names("applications", "application")
             if node.value("applications", "application", name, "protocol") in ("icmp", "1"))  # fmt: skip
    return frozenset(names)


def _tracing(node: ConfigNode) -> Tracing | None:
    path = ("security", "flow", "traceoptions")
    if not node.has(*path, "flag"):
        return None
    filters = tuple(
        (name, _net(node.value(*path, "packet-filter", name, "source-prefix")),
         _net(node.value(*path, "packet-filter", name, "destination-prefix")))
        for name in node.names(*path, "packet-filter")
    )  # fmt: skip
    # Without a file name Junos writes to "security-trace", as the document says.
    return Tracing(node.value(*path, "file") or "security-trace", filters)


def _ike_tracing(node: ConfigNode) -> str | None:
    path = ("security", "ike", "traceoptions")
    return (node.value(*path, "file") or "") if node.has(*path, "flag") else None
