# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The checks of all hosts against each other."""

from __future__ import annotations

import typing as t
from ipaddress import IPv4Interface, IPv4Network

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.agreement import check_proposals
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.crypto import ESTABLISH_SINCE
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.identities import check_identities
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.inbound import check_members
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.inside import check_names
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.internet_exit import (
    check_exit_zone,
    check_internet_exit,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.names import zone_key
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import EMPTY, Problems
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.sites import members_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.summary import check_summaries
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.tunnel_routes import (
    check_own_routes,
    check_tunnel_address,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.vlans import check_vlans
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.vpn_options import check_vpn_options


def check_groups(hubs: t.Sequence[str], spokes: t.Sequence[str], problems: Problems) -> None:
    """Check that there is one hub and at least one spoke, and that no host is both."""
    names = list(dict.fromkeys(hubs))
    if not names:
        problems.add("no_hub", "inventory", "nhtb_hubs", EMPTY)
    elif len(names) > 1:
        problems.add("many_hubs", "inventory", "nhtb_hubs", ", ".join(names), count=len(names))
    if not spokes:
        problems.add("no_spoke", "inventory", "nhtb_spokes", EMPTY)
    for host in sorted(set(hubs) & set(spokes)):
        problems.add("both_roles", host, "group_names", "nhtb_hubs, nhtb_spokes")


def check_fleet(hubs: t.Sequence[Draft], spokes: t.Sequence[Draft], problems: Problems) -> None:
    """Check all hosts against each other; the problems of each host were noted when it was read."""
    drafts = [*hubs, *spokes]
    _check_unique(drafts, problems)
    _check_backups(drafts, problems)
    for draft in drafts:
        _check_tunnel_zone(draft, problems)
        check_members(draft.host, members_of(draft), problems)
        check_vlans(draft, problems)
        check_own_routes(draft, problems)
        check_internet_exit(draft, problems)
    check_names(drafts, problems)
    if len(hubs) == 1:
        hub = hubs[0]
        if hub.profile.by_operator:
            problems.add("hub_platform", hub.host, _profile_variable(hub), hub.platform)
        for spoke in spokes:
            _check_against_hub(spoke, hub, problems)
        check_proposals(hub, spokes, problems)
        for draft in drafts:
            _check_release(draft, problems)
        check_vpn_options(hub, spokes, problems)
        check_summaries(drafts, problems)
        check_exit_zone(hub, spokes, problems)
    _check_overlaps(hubs, drafts, problems)
    check_identities(hubs, spokes, problems)


def _profile_variable(draft: Draft) -> str:
    return "nhtb_platform" if draft.platform == "screenos" else "nhtb_profile"


def _check_unique(drafts: t.Iterable[Draft], problems: Problems) -> None:
    seen: dict[tuple[str, object], str] = {}
    for draft in drafts:
        values = (
            ("duplicate_site", "nhtb_site", draft.name),
            ("duplicate_tunnel", "nhtb_tunnel.address", draft.tunnel.address and draft.tunnel.address.ip),
            ("duplicate_wan", *_reached_at(draft)),
        )
        for kind, variable, value in values:
            other = draft.host if value is None else seen.setdefault((kind, value), draft.host)
            if other != draft.host:
                problems.add(kind, draft.host, variable, value, other=other)


def _check_backups(drafts: t.Sequence[Draft], problems: Problems) -> None:
    """Check that no backup address is an address of another host: a peer would find that host there."""
    seen = {address: draft.host for draft in drafts if (address := draft.wan.reached_at) is not None}
    for draft in drafts:
        for index, address in enumerate(draft.wan.backup_addresses):
            other = seen.setdefault(address, draft.host)
            if other != draft.host:
                variable = f"nhtb_wan.backup_addresses[{index}]"
                problems.add("duplicate_wan", draft.host, variable, address, other=other)


def _reached_at(draft: Draft) -> tuple[str, object]:
    """Return the variable with the address at which peers reach a host, and the address."""
    variable = "nhtb_wan.address" if draft.wan.public_address is None else "nhtb_wan.public_address"
    return variable, draft.wan.reached_at


def _check_tunnel_zone(draft: Draft, problems: Problems) -> None:
    # Junos tells the ways out of one zone apart by interface and route, ScreenOS translates by zone alone.
    zone, key = draft.tunnel.zone, zone_key(draft.profile, draft.tunnel.zone)
    if draft.profile.by_operator and zone is not None and key == zone_key(draft.profile, draft.wan.zone):
        problems.add("tunnel_in_wan_zone", draft.host, "nhtb_tunnel.zone", zone, platform=draft.profile.title)


def _check_against_hub(spoke: Draft, hub: Draft, problems: Problems) -> None:
    check_tunnel_address(spoke, hub, problems)
    if not spoke.profile.advertises and spoke.static_binding is False:
        problems.add("no_static_binding", spoke.host, "nhtb_static_binding", "false", platform=spoke.profile.title)
    if None not in (spoke.confirm_minutes, hub.confirm_minutes) and spoke.confirm_minutes != hub.confirm_minutes:
        facts = {"hub": hub.host, "other": hub.confirm_minutes}
        problems.add("fleet_differs", spoke.host, "nhtb_confirm_minutes", spoke.confirm_minutes, **facts)
    passive = tuple(ESTABLISH_SINCE)
    # A third-party spoke has no such statement: it starts its tunnel by itself.
    if not spoke.profile.by_operator and spoke.establish in passive and hub.establish in passive:
        problems.add("two_responders", spoke.host, "nhtb_establish_tunnels", spoke.establish)


def _check_release(draft: Draft, problems: Problems) -> None:
    number, since = draft.release_number, ESTABLISH_SINCE.get(draft.establish or "")
    if number is not None and since is not None and number < since:
        feature, first = f"establish-tunnels {draft.establish}", f"{since[0]}.{since[1]}R1"
        facts = {"release": draft.release, "feature": feature, "first": first}
        problems.add("release_lacks", draft.host, "nhtb_establish_tunnels", draft.establish, **facts)


class _Claim(t.NamedTuple):
    """A network that a host states as its own. ``shareable``: another host may have it too."""

    network: IPv4Network
    host: str
    variable: str
    value: str
    shareable: bool


def _claims(hubs: t.Sequence[Draft], drafts: t.Iterable[Draft]) -> t.Iterator[_Claim]:
    for hub in hubs[:1]:
        if hub.tunnel.address is not None:
            yield _Claim(
                hub.tunnel.address.network, hub.host, "nhtb_tunnel.address", str(hub.tunnel.address), shareable=False
            )
    for draft in drafts:
        for lan in draft.lans:
            if lan.address is not None:
                # Another site may have the same network where neither is in the VPN.
                yield _Claim(
                    lan.address.network, draft.host, f"{lan.variable}.address", str(lan.address), shareable=not lan.vpn
                )
            for one in lan.networks:
                if one.network is not None:
                    name = f"{one.variable}.network"
                    yield _Claim(one.network, draft.host, name, str(one.network), shareable=not lan.vpn)
        if draft.wan.address is not None:
            # Two sites may be customers of one provider and share its network.
            yield _Claim(
                draft.wan.address.network, draft.host, "nhtb_wan.address", str(draft.wan.address), shareable=True
            )
        if (own := draft.wan.ike_address) is not None:
            yield _Claim(own.network, draft.host, "nhtb_wan.ike_address", str(own), shareable=True)


def _check_overlaps(hubs: t.Sequence[Draft], drafts: t.Sequence[Draft], problems: Problems) -> None:
    """Note each network that is inside another one.

    Two networks are nested or disjoint, so in sorted order each one follows those around it, and one pass finds all.
    """
    claims = sorted(_claims(hubs, drafts), key=lambda claim: (claim.network.network_address, claim.network.prefixlen))
    around: list[tuple[_Claim, _Claim | None]] = []  # each with the innermost LAN or tunnel network at or around it
    for claim in claims:
        while around and claim.network.network_address > around[-1][0].network.broadcast_address:
            around.pop()
        outer, outer_lan = around[-1] if around else (None, None)
        other = outer_lan if claim.shareable else outer
        if other is not None:
            facts = {"network": claim.network, "other_network": other.network, "other": other.host}
            problems.add("overlap", claim.host, claim.variable, claim.value, other_variable=other.variable, **facts)
        around.append((claim, outer_lan if claim.shareable else claim))
    for draft in drafts:
        _check_own_overlaps(draft, problems)


def _check_own_overlaps(draft: Draft, problems: Problems) -> None:
    """Note each LAN outside the VPN that overlaps with another one of its host, or with its WAN."""
    seen = [("nhtb_wan.address", draft.wan.address.network)] if draft.wan.address else []
    for lan in (lan for lan in draft.lans if not lan.vpn and lan.address is not None):
        network = t.cast(IPv4Interface, lan.address).network
        for variable, other in seen:
            if network.overlaps(other):
                facts = {"network": network, "other_network": other, "other": draft.host, "other_variable": variable}
                problems.add("overlap", draft.host, f"{lan.variable}.address", lan.address, **facts)
        seen.append((f"{lan.variable}.address", network))
