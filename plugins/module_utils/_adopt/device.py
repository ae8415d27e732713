# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read one end of a VPN from its configuration: peers, WAN and tunnel interfaces, and local networks."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.attachments import (
    Inbound,
    inbound,
    router_to,
    vlan_of,
    wan_behind,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.config import Config, logical
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.vpn_options import end_options, proxy_identity

_ROUTE = "routing-options static route"
# A distinguished name comes from a certificate.
_IDENTITIES = ("inet", "hostname", "user-at-hostname", "key-id")

Need = t.Literal["missing", "note"]
_POLICIES = "security policies from-zone"


@dataclass(frozen=True)
class Remark:
    """A fact about an object of a host that the inventory lacks.

    ``missing``: the operator has to add it before the VPN can be planned. ``note``: the VPN can be planned without it.
    """

    host: str
    need: Need
    object: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.host}: {self.object}: {self.message}. {self.remedy}."


@dataclass(frozen=True)
class Peer:
    """One VPN of a device and the objects it uses. ``key`` is as stored, ``next_hop`` is its static binding.

    ``addresses`` are those of the peer's gateway, in the order in which they are tried. The identities, of a kind and a
    value, are those that the gateway names; ``remote_identity`` is that of a ``dynamic`` peer too. ``options`` are the
    keys of ``nhtb_vpn`` for this end, without ``proxy_identity``.
    """

    vpn: str
    gateway: str
    addresses: tuple[str, ...]
    ike_policy: str
    ipsec_policy: str
    external_interface: str
    is_v2: bool
    dh_group: str
    establish: str
    next_hop: str
    key_format: str
    key: str = field(repr=False)
    options: dict[str, t.Any] = field(default_factory=dict)
    proxy_identity: dict[str, t.Any] = field(default_factory=dict)
    local_identity: tuple[str, str] | None = None
    remote_identity: tuple[str, str] | None = None

    @property
    def address(self) -> str:
        """Return the first address of the peer; empty for a peer that has none."""
        return next(iter(self.addresses), "")


@dataclass(frozen=True)
class LocalNetwork:
    """A network behind the device. ``address`` is the interface's, with prefix length.

    ``internet`` and ``vpn`` say whether policies permit it to the Internet and into the tunnels. ``behind`` are the
    networks of the VPN behind routers on it, each with its next hop.
    """

    interface: str
    address: str
    zone: str
    inbound: Inbound
    internet: bool
    vpn: bool
    vlan: str = ""
    behind: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Device:
    """One end of the VPN as its own configuration has it. Values that are not configured are empty."""

    host: str
    config: Config = field(repr=False)
    unit: str
    tunnel_address: str
    tunnel_zone: str
    wan_interface: str
    wan_address: str
    local_address: str
    wan_gateway: str
    wan_zone: str
    lans: tuple[LocalNetwork, ...]
    peers: tuple[Peer, ...]
    mss: str
    loopback: str = ""
    loopback_address: str = ""
    mtu: str = ""

    @property
    def tunnel_interface(self) -> str:
        """Return the logical st0 interface."""
        return f"st0.{self.unit}"

    @property
    def wan_ip(self) -> str:
        """Return the address that the peers use, without its prefix length."""
        return (self.loopback_address or self.wan_address).partition("/")[0]


def hub_units(config: Config) -> list[str]:
    """Return the multipoint st0 units with VPNs bound to them, those with most VPNs first."""
    bound = [_bound_to(config, vpn) for vpn in config.names("security ipsec vpn")]
    units = [unit for unit in config.names("interfaces st0 unit") if "multipoint" in _unit(config, unit)]
    return sorted((unit for unit in units if unit in bound), key=lambda unit: (-bound.count(unit), int(unit)))


def all_peers(config: Config) -> list[Peer]:
    """Return every VPN of a device."""
    return [_peer(config, vpn, "") for vpn in config.names("security ipsec vpn")]


def spoke_units(config: Config, leads_to_hub: t.Callable[[Peer], bool]) -> list[str]:
    """Return the st0 units with a VPN to the hub."""
    units = [_bound_to(config, peer.vpn) for peer in all_peers(config) if leads_to_hub(peer)]
    return list(dict.fromkeys(unit for unit in units if unit))


def read_device(host: str, config: Config, unit: str) -> tuple[Device, list[Remark]]:
    """Return the end of a VPN on one st0 unit, and remarks about configuration that no inventory can express."""
    remarks: list[Remark] = []
    interface = f"st0.{unit}"
    vpns = [vpn for vpn in config.names("security ipsec vpn") if _bound_to(config, vpn) == unit]
    peers = tuple(_peer(config, vpn, unit) for vpn in vpns)
    externals = list(dict.fromkeys(peer.external_interface for peer in peers))
    if len(externals) > 1:
        what = f"expected VPNs on one external interface, actual {', '.join(externals)}"
        remarks.append(Remark(host, "note", interface, what, f"The inventory has {externals[0]} for all"))
    external = externals[0] if externals else ""
    gateway = next((hop for hop in default_hops(config) if not leads_into_tunnel(config, hop)), "")
    wan = wan_behind(config, external, [gateway])
    loopback = external if wan != external else ""
    local = config.value("security ike gateway", peers[0].gateway, "local-address") if peers else ""
    held, own = config.addresses(wan), config.addresses(loopback) if loopback else []
    tunnel_zone = config.zone_of(interface)
    lans = _lans(host, config, (tunnel_zone, config.zone_of(wan)), remarks)
    tunnels = config.addresses(interface)
    if len(tunnels) > 1:
        what = f"expected one address, actual {', '.join(tunnels)}"
        remarks.append(Remark(host, "note", interface, what, f"The inventory has {tunnels[0]}"))
    device = Device(
        host=host,
        config=config,
        unit=unit,
        tunnel_address=tunnels[0] if tunnels else "",
        tunnel_zone=tunnel_zone,
        wan_interface=wan,
        wan_address=next((one for one in held if one.partition("/")[0] == local), next(iter(held), "")),
        local_address=local,
        wan_gateway=gateway,
        wan_zone=config.zone_of(wan),
        lans=lans,
        peers=peers,
        mss=config.value("security flow tcp-mss ipsec-vpn mss"),
        loopback=loopback,
        loopback_address=next((one for one in own if one.partition("/")[0] == local), next(iter(own), "")),
        mtu=config.value("interfaces st0 unit", unit, "family", "inet", "mtu"),
    )
    return device, remarks


def is_closed(device: Device) -> bool:
    """Return whether all static routes into the tunnels reject packets while their next hop is unreachable."""
    return all("passive" in device.config.names(_ROUTE, prefix) for prefix in _all_into_tunnels(device.config))


def leaks(device: Device) -> t.Iterator[tuple[str, str]]:
    """Yield each far network to which a policy allows packets through the WAN, with the policy."""
    for prefix in _all_into_tunnels(device.config):
        kept = {"passive", "discard", "reject"} & set(device.config.names(_ROUTE, prefix))
        for lan in () if kept else device.lans:
            policy, action = device.config.decide(lan.zone, device.wan_zone, lan.address, prefix)
            if action.startswith("permit"):
                yield prefix, policy


def routes_into_tunnels(config: Config) -> list[str]:
    """Return the prefixes of the static routes into the tunnels, without the default route."""
    return [
        prefix
        for prefix in config.names(_ROUTE)
        if prefix != "0.0.0.0/0" and any(leads_into_tunnel(config, hop) for hop in hops_of(config, prefix))
    ]


def _all_into_tunnels(config: Config) -> list[str]:
    """Return the prefixes of the static routes into the tunnels, with the default route where it is one of them."""
    into = any(leads_into_tunnel(config, hop) for hop in default_hops(config))
    return [*routes_into_tunnels(config), *(["0.0.0.0/0"] if into else [])]


def hops_of(config: Config, prefix: str) -> list[str]:
    """Return the next hops of a static route, the qualified ones too."""
    return [hop for kind in ("next-hop", "qualified-next-hop") for hop in config.names(_ROUTE, prefix, kind)]


def default_hops(config: Config) -> list[str]:
    """Return the next hops of the default route."""
    return hops_of(config, "0.0.0.0/0")


def leads_into_tunnel(config: Config, hop: str) -> bool:
    """Return whether a next hop is a tunnel interface or an address of its network."""
    if hop.startswith("st0"):
        return True
    try:
        address = ipaddress.IPv4Address(hop)
    except ValueError:
        return False
    networks = [net for unit in config.names("interfaces st0 unit") for net in config.networks_of(f"st0.{unit}")]
    return any(address in ipaddress.IPv4Network(network) for network in networks)


def _unit(config: Config, unit: str) -> list[str]:
    return config.names("interfaces st0 unit", unit)


def _bound_to(config: Config, vpn: str) -> str:
    name, _dot, unit = config.value("security ipsec vpn", vpn, "bind-interface").partition(".")
    return (unit or "0") if name == "st0" else ""


def _peer(config: Config, vpn: str, unit: str) -> Peer:
    gateway = config.value("security ipsec vpn", vpn, "ike", "gateway")
    policy = config.value("security ike gateway", gateway, "ike-policy")
    proposal = config.value("security ike policy", policy, "proposals")
    external = config.value("security ike gateway", gateway, "external-interface")
    key = ("security ike policy", policy, "pre-shared-key")
    bindings = ("interfaces st0 unit", unit, "family", "inet", "next-hop-tunnel")
    return Peer(
        vpn=vpn,
        gateway=gateway,
        addresses=tuple(config.names("security ike gateway", gateway, "address")),
        ike_policy=policy,
        ipsec_policy=config.value("security ipsec vpn", vpn, "ike", "ipsec-policy"),
        external_interface=logical(external),
        is_v2=config.value("security ike gateway", gateway, "version") == "v2-only",
        dh_group=config.value("security ike proposal", proposal, "dh-group"),
        establish=config.value("security ipsec vpn", vpn, "establish-tunnels"),
        next_hop=next((hop for hop in config.names(*bindings) if vpn in config.names(*bindings, hop, "ipsec-vpn")), ""),
        key_format="hexadecimal" if config.value(*key, "hexadecimal") else "ascii",
        key=config.value(*key, "ascii-text") or config.value(*key, "hexadecimal"),
        options=end_options(config, vpn),
        proxy_identity=proxy_identity(config, vpn),
        local_identity=_identity(config, gateway, "local-identity"),
        remote_identity=_identity(config, gateway, "remote-identity") or _identity(config, gateway, "dynamic"),
    )


def _identity(config: Config, gateway: str, statement: str) -> tuple[str, str] | None:
    place = ("security ike gateway", gateway, statement)
    kinds = [kind for kind in _IDENTITIES if kind in config.names(*place)]
    return (kinds[0], config.value(*place, kinds[0])) if kinds else None


def _lans(host: str, config: Config, zones: tuple[str, str], remarks: list[Remark]) -> tuple[LocalNetwork, ...]:
    """Return the local networks in zones from which policies allow into the tunnels, those of the VPN first.

    ``zones`` are the tunnel's and the WAN's. Add a remark for a network of a policy that has no interface.
    """
    tunnel_zone, wan_zone = zones
    found: dict[str, LocalNetwork] = {}
    others: dict[str, LocalNetwork] = {}
    # In a shared zone the networks of the other sites are sources too.
    far = set(routes_into_tunnels(config)) if tunnel_zone else set[str]()
    for zone in config.names(_POLICIES):
        if zone in (wan_zone, tunnel_zone) and (zone == wan_zone or not _has_lans(config, zone)):
            continue
        networks = {
            network: (interface, address)
            for interface in config.interfaces(zone)
            if not interface.startswith("st0.")
            for network, address in config.networks_of(interface).items()
        }
        named = [one for one in _sources(config, zone, tunnel_zone) if one[0] not in far]
        if not named:
            continue
        inside = networks if "any" in dict(named) else dict(named)
        if tunnel_zone == wan_zone:
            # A policy for the Internet is one for the tunnels too, unless another one comes before it.
            inside = {network: "" for network in networks if _into_tunnel(config, (zone, tunnel_zone), network, far)}
        internet = {prefix for prefix, _policy in _to_internet(config, zone, tunnel_zone, wan_zone)}
        routers = {prefix: router_to(config, prefix, networks) for prefix, _policy in named if prefix != "any"}
        for network, (interface, address) in networks.items():
            lan = LocalNetwork(
                interface,
                address,
                zone,
                inbound(config, zone, interface),
                not internet.isdisjoint(("any", network)),
                network in inside,
                vlan_of(config, interface),
                tuple((prefix, hop) for prefix, (on, hop) in routers.items() if on == network),
            )
            (found if lan.vpn else others)[network] = lan
        for prefix, policy in named:
            if prefix != "any" and prefix not in networks and not routers[prefix][1]:
                what = f"expected an interface in network {prefix} of policy {policy}, actual none"
                remedy = "Its policies, addresses and routes stay as they are"
                remarks.append(Remark(host, "note", f"zone {zone}", what, remedy))
    return (*found.values(), *others.values())


def _into_tunnel(config: Config, zones: tuple[str, str], network: str, far: t.Iterable[str]) -> bool:
    """Return whether a policy lets packets of a network through to one of the far networks."""
    return any(config.decide(*zones, network, prefix)[1].startswith("permit") for prefix in far)


def _has_lans(config: Config, zone: str) -> bool:
    return any(not interface.startswith("st0.") for interface in config.interfaces(zone))


def _sources(config: Config, zone: str, to_zone: str, *, anywhere: bool = False) -> list[tuple[str, str]]:
    """Return the prefixes that permit policies between two zones match as sources, each with its policy.

    With ``anywhere`` only the policies for any destination count.
    """
    pair = (zone, "to-zone", to_zone, "policy")
    return [
        (prefix, policy)
        for policy in config.names(_POLICIES, *pair)
        for prefix in config.prefixes(zone, config.names(_POLICIES, *pair, policy, "match", "source-address"))
        if "permit" in config.names(_POLICIES, *pair, policy, "then")
        and (not anywhere or "any" in config.names(_POLICIES, *pair, policy, "match", "destination-address"))
    ]


def _to_internet(config: Config, zone: str, tunnel_zone: str, wan_zone: str) -> list[tuple[str, str]]:
    """Return the prefixes that policies let to the Internet: through the tunnel where the default route leads there."""
    if not any(leads_into_tunnel(config, hop) for hop in default_hops(config)):
        return _sources(config, zone, wan_zone, anywhere=tunnel_zone == wan_zone)
    pair = (zone, "to-zone", tunnel_zone, "policy")
    anywhere = [
        policy
        for policy in config.names(_POLICIES, *pair)
        if not {"any", "any-ipv4"}.isdisjoint(config.names(_POLICIES, *pair, policy, "match", "destination-address"))
    ]
    return [(prefix, policy) for prefix, policy in _sources(config, zone, tunnel_zone) if policy in anywhere]
