# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hub, a Junos spoke and a ScreenOS spoke for the tests: their plans, and their answers when all tunnels are up."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import Route
from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import IkePolicy, IpsecPolicy, Proposal
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import (
    DevicePlan,
    FleetPlan,
    Interface,
    StaticRoute,
    Tunnel,
    Unit,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import JUNOS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import (
    End,
    Lan,
    Role,
    Site,
    TunnelUnit,
    Wan,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import (
    IkeSa,
    IpsecSa,
    IpsecTunnel,
    NextHopTunnel,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import SecurityPolicy, Zone
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import shipped

CLASSIC = (
    IkePolicy("ike-policy1", mode="main", proposal_set="standard", proposals=(), key_of="hub1"),
    IpsecPolicy("vpn-policy1", pfs_group="group2", proposal_set="standard", proposals=()),
)
MODERN = (
    IkePolicy(
        "ike-policy-group19",
        mode=None,
        proposal_set=None,
        proposals=(Proposal("ike-aes", "aes-256-gcm", None, "group19", 28800),),
        key_of="hub1",
    ),
    IpsecPolicy(
        "vpn-policy-group19",
        pfs_group="group19",
        proposal_set=None,
        proposals=(Proposal("esp-aes", "aes-256-gcm", None, None, 3600),),
    ),
)


def _site(host: str, role: Role, platform: str, number: int, wan: str) -> Site:
    return Site(
        host=host,
        name=host,
        role=role,
        profile=JUNOS if platform == "junos" else shipped()[platform],
        lans=(Lan("ge-0/0/0.0", f"10.1.{number}.1/24", f"10.1.{number}.0/24", "trust", f"{host}-net"),),
        wans=(Wan("ge-0/0/3.0", f"{wan}/30", wan, "192.0.2.1", "untrust"),),
        units=(TunnelUnit("st0.0", f"10.1.255.{number}/24", f"10.1.255.{number}", "vpn", multipoint=role == "hub"),),
    )


HUB_SITE = _site("hub1", "hub", "junos", 1, "192.0.2.2")
OSLO_SITE = _site("oslo", "spoke", "junos", 2, "198.51.100.2")
LIMA_SITE = _site("lima", "spoke", "screenos", 3, "203.0.113.2")

HUB_END, OSLO_END, LIMA_END = (End(site, site.wans[0], site.units[0]) for site in (HUB_SITE, OSLO_SITE, LIMA_SITE))

TO_OSLO = Tunnel(
    local=HUB_END,
    peer=OSLO_END,
    gateway="oslo-gate",
    vpn="oslo-vpn",
    ike_version="v2",
    ike_policy=MODERN[0],
    ipsec_policy=MODERN[1],
    establish="immediately",
    nhtb="Auto",
    static_binding=False,
    remote_networks=("10.1.2.0/24",),
)
TO_LIMA = Tunnel(
    local=HUB_END,
    peer=LIMA_END,
    gateway="lima-gate",
    vpn="lima-vpn",
    ike_version="v1",
    ike_policy=CLASSIC[0],
    ipsec_policy=CLASSIC[1],
    establish=None,
    nhtb="Static",
    static_binding=True,
    remote_networks=("10.1.3.0/24",),
)
TO_HUB = Tunnel(
    local=OSLO_END,
    peer=HUB_END,
    gateway="hub1-gate",
    vpn="hub1-vpn",
    ike_version="v2",
    ike_policy=MODERN[0],
    ipsec_policy=MODERN[1],
    establish="immediately",
    nhtb=None,
    static_binding=False,
    remote_networks=("10.1.1.0/24", "10.1.3.0/24"),
)


ANY = ("any",)
ZONE_PAIRS = (("trust", "vpn"), ("vpn", "trust"), ("vpn", "vpn"))


def _device(site: Site, *tunnels: Tunnel) -> DevicePlan:
    routes = [StaticRoute(network, one.next_hop, "st0.0") for one in tunnels for network in one.remote_networks]
    return DevicePlan(
        site=site,
        group="hubspoke",
        syntax="modern",
        mss=1350,
        tunnels=tunnels,
        routes=tuple(routes),
        zones=(
            Zone("trust", ("ge-0/0/0.0",), ("all",)),
            Zone("untrust", ("ge-0/0/3.0",), ("ike",)),
            Zone("vpn", ("st0.0",), ()),
        ),
        address_book=(),
        policies=tuple(SecurityPolicy("all", *zones, ANY, ANY) for zones in ZONE_PAIRS),
        interfaces=(
            Interface("ge-0/0/0", (Unit("0", (site.lans[0].address,)),)),
            Interface("ge-0/0/3", (Unit("0", (str(site.wans[0].address),)),)),
        ),
        closed_by="policies",
    )


HUB = _device(HUB_SITE, TO_OSLO, TO_LIMA)
OSLO = _device(OSLO_SITE, TO_HUB)
LIMA = _device(LIMA_SITE)
FLEET = FleetPlan((HUB, OSLO, LIMA), confirm_minutes=10)


def ike_sa(tunnel: Tunnel, index: int = 1) -> IkeSa:
    """Return an association in state UP as in the detail reply."""
    modern = tunnel.ike_version == "v2"
    return IkeSa(
        index=index,
        remote_address=tunnel.peer_address or "203.0.113.99",
        state="UP",
        initiator_cookie="0123456789abcdef",
        responder_cookie="fedcba9876543210",
        exchange_type="IKEv2" if modern else "Main",
        gateway=tunnel.gateway,
        role="initiator",
        lifetime_seconds=3000,
        authentication_method="Pre-shared-keys",
        authentication_algorithm="aes256-gcm" if modern else "hmac-sha1-96",
        encryption_algorithm="aes256-gcm" if modern else "3des-cbc",
        dh_group="DH-group-19" if modern else "DH-group-2",
    )


def ipsec_tunnel(tunnel: Tunnel, index: int = 131073) -> IpsecTunnel:
    """Return a pair of associations as in the detail reply."""
    encryption = "aes-gcm (256 bits)" if tunnel.ike_version == "v2" else "3des-cbc"
    authentication = "None" if tunnel.ike_version == "v2" else "hmac-sha1-96"
    return IpsecTunnel(
        tunnel_index=index,
        remote_gateway=tunnel.peer_address or "203.0.113.99",
        vpn=tunnel.vpn,
        bind_interface=tunnel.bind_interface,
        local_identity="ipv4_subnet(any:0,[0..7]=0.0.0.0/0)",
        remote_identity="ipv4_subnet(any:0,[0..7]=0.0.0.0/0)",
        ike_version="IKEv2" if tunnel.ike_version == "v2" else "IKEv1",
        security_associations=(
            IpsecSa("inbound", "0a1b2c3d", "ESP", encryption, authentication, 3000, 2400, "-", "installed"),
            IpsecSa("outbound", "4e5f6071", "ESP", encryption, authentication, 3000, 2400, "-", "installed"),
        ),
    )


def route(prefix: str, next_hop: str | None, *, via: str | None = "st0.0", active: bool = True) -> Route:
    """Return a static route of the main table."""
    return Route("inet.0", prefix, active, "Static", 5, next_hop, via)


HUB_ANSWERS = Observation(
    "hub1",
    next_hop_tunnels=Answer(
        "ok",
        (
            NextHopTunnel("10.1.255.2", "st0.0", "oslo-vpn", "Auto"),
            NextHopTunnel("10.1.255.3", "st0.0", "lima-vpn", "Static"),
        ),
        "text",
    ),
    ike=Answer("ok", (ike_sa(TO_OSLO, 1), ike_sa(TO_LIMA, 2)), "xml"),
    ipsec=Answer("ok", (ipsec_tunnel(TO_OSLO), ipsec_tunnel(TO_LIMA, 131074)), "xml"),
    routes=Answer("ok", (route("10.1.2.0/24", "10.1.255.2"), route("10.1.3.0/24", "10.1.255.3")), "xml"),
)
OSLO_ANSWERS = Observation(
    "oslo",
    next_hop_tunnels=Answer("ok", (), "text"),
    ike=Answer("ok", (ike_sa(TO_HUB),), "xml"),
    ipsec=Answer("ok", (ipsec_tunnel(TO_HUB),), "xml"),
    routes=Answer("ok", (route("10.1.1.0/24", "10.1.255.1"), route("10.1.3.0/24", None)), "xml"),
)
