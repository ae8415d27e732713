# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Tunnels from drafts without problems: each joins two ends, and each of its devices has it as seen from there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import IkePolicy
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import NhtbFlag, Syntax, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import End, Site
from ansible_collections.hubspoke.srx.plugins.module_utils._plan import vpn_options
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.crypto import (
    ESTABLISH_SINCE,
    Profile,
    for_platform,
    profile_of,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.identities import identities
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.sites import given


@dataclass(frozen=True)
class Link:
    """A tunnel between an end of the hub and one of a spoke, with the parameters that both ends share."""

    hub: End
    spoke: End
    profile: Profile
    static_binding: bool
    operator_ready: bool
    weak: tuple[str, ...]


def link_of(hub: Draft, hub_site: Site, spoke: Draft, site: Site) -> Link:
    """Return the tunnel between a hub and a spoke: between their WANs, on their tunnel units."""
    profile = _profile(hub, spoke)
    weak = (*profile.ike_policy.weak, *profile.ipsec_policy.weak) if spoke.allow_weak else ()
    return Link(
        hub=End(hub_site, hub_site.wans[0], hub_site.units[0]),
        spoke=End(site, site.wans[0], site.units[0]),
        profile=profile,
        static_binding=not site.profile.advertises or spoke.static_binding is True,
        operator_ready=spoke.operator_ready,
        weak=tuple(dict.fromkeys(weak)),
    )


def at_hub(link: Link, hub: Draft, spoke: Draft, remote_networks: tuple[str, ...]) -> Tunnel:
    """Return a tunnel as seen from the hub."""
    flag: NhtbFlag = "Static" if link.static_binding else "Auto"
    tunnel = _tunnel(link, link.hub, link.spoke, hub, spoke, remote_networks)
    return replace(
        tunnel,
        nhtb=flag,
        static_binding=link.static_binding,
        operator_ready=link.operator_ready,
        options=vpn_options.at_hub(hub, spoke),
    )


def at_spoke(link: Link, hub: Draft, spoke: Draft, remote_networks: tuple[str, ...]) -> Tunnel:
    """Return a tunnel as seen from the spoke."""
    tunnel = _tunnel(link, link.spoke, link.hub, spoke, hub, remote_networks)
    by_interface = spoke.next_hop == "interface"
    return replace(tunnel, options=vpn_options.at_spoke(hub, spoke), by_interface=by_interface)


def _tunnel(link: Link, local: End, peer: End, draft: Draft, far: Draft, remote_networks: tuple[str, ...]) -> Tunnel:
    device = draft.profile
    junos, profile = not device.by_operator, for_platform(link.profile, device.capabilities)
    ours, theirs = identities(draft, far) if device.identities else (None, None)
    return Tunnel(
        local=local,
        peer=peer,
        # The document's names on the two platforms.
        gateway=f"{peer.site.name}-gate" if junos else f"{peer.site.name}-ike",
        vpn=f"{peer.site.name}-vpn",
        ike_version=profile.ike_version,
        ike_policy=profile.ike_policy,
        ipsec_policy=profile.ipsec_policy,
        establish=_establish(draft, local, peer) if junos else None,
        nhtb=None,
        static_binding=False,
        remote_networks=remote_networks,
        dead_peer_detection=profile.dead_peer_detection,
        weak=link.weak,
        local_address=_local_address(draft) if junos else None,
        local_identity=ours,
        remote_identity=theirs,
        nat_keepalive=local.wan.nat_keepalive if junos else None,
    )


def _profile(hub: Draft, spoke: Draft) -> Profile:
    syntax: Syntax = spoke.syntax if spoke.profile.has_modern else "classic"
    profile = profile_of(syntax, given(spoke.dh_group), spoke.ike, spoke.ipsec, hub.host)
    own: IkePolicy = replace(profile.ike_policy, key_format=spoke.key_format)
    if (spoke.key, spoke.key_format) != (hub.key, hub.key_format):
        own = replace(own, name=f"{spoke.name}-ike", key_of=spoke.host)
    return profile._replace(ike_policy=own)


def _local_address(draft: Draft) -> str | None:
    """Return the address that gateways name, so that a second one of the WAN unit does not become the source of IKE.

    The document names none. An unmanaged unit may get its address by DHCP.
    """
    default = draft.syntax == "modern" and "wan_interface" not in draft.unmanaged
    wanted = default if draft.wan.local_address is None else draft.wan.local_address
    # A loopback interface often has the device's router ID too.
    own = draft.wan.peer_address
    return str(own.ip) if (wanted or draft.wan.ike_interface) and own else None


def _establish(draft: Draft, local: End, peer: End) -> str | None:
    """Return the setting of ``establish-tunnels``; the document has none, which means on-traffic.

    An end whose peer has no fixed address cannot start, and that peer starts at once, so that the tunnel is up for
    traffic of both ends.
    """
    if not peer.wan.reached_at:
        return draft.establish if draft.establish in ESTABLISH_SINCE else None
    if not local.wan.reached_at:
        return draft.establish or "immediately"
    return draft.establish or ("immediately" if draft.syntax == "modern" else None)
