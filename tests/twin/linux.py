# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of any device as that of a Linux host, which the shipped profile of strongSwan then renders.

Only the names of interfaces become those of Linux. The hub gets what the profile, made for spokes, has no word for: one
tunnel interface for all VPNs, and a next-hop tunnel entry for each.
"""

from __future__ import annotations

import typing as t
from dataclasses import fields, is_dataclass, replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Interface, Tunnel, Unit
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Attachment, Lan, Wan
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import shipped

PROFILE = shipped()["strongswan"]
_T = t.TypeVar("_T")


def on_linux(plan: DevicePlan) -> DevicePlan:
    """Return the plan with names of interfaces that Linux takes; a plan of the profile is returned as it is."""
    if plan.site.profile == PROFILE:
        return plan
    kinds: tuple[tuple[str, t.Sequence[Attachment]], ...] = (
        ("wan", plan.site.wans), ("lan", plan.site.all_lans), ("xfrm", plan.site.units),
    )  # fmt: skip
    names = {one.interface: f"{kind}{number}" for kind, ones in kinds for number, one in enumerate(ones, start=1)}
    renamed = _renamed(plan, names)
    attached: tuple[Lan | Wan, ...] = (*renamed.site.all_lans, *renamed.site.wans)
    return replace(
        renamed,
        site=replace(renamed.site, profile=PROFILE),
        interfaces=tuple(Interface(one.interface, (Unit("", (one.address or "",)),)) for one in attached),
        closed_by=PROFILE.closes_by if plan.closed_by == plan.site.profile.closes_by else "nothing",
    )


def next_hop_tunnels(plan: DevicePlan, bound: t.Collection[str]) -> str:
    """Return the statements for a hub that follow those of the profile; ``bound`` are the VPNs with an entry.

    A VPN negotiates 0.0.0.0/0 and installs no policy. Its entry is a connection that is never negotiated, whose policy
    leads the next hop and the networks behind it into the associations of the VPN. The spokes start.
    """
    blocks = [
        "\n".join((_shared(tunnel, number), *([_entry(tunnel, number)] if tunnel.vpn in bound else ())))
        for number, tunnel in enumerate(plan.tunnels, start=1)
    ]
    return "\n".join(("connections {", *blocks, "}", ""))


def _shared(tunnel: Tunnel, reqid: int) -> str:
    # These statements join those of the same connection above.
    return f"""\
    {tunnel.vpn} {{
        children {{
            {tunnel.vpn} {{
                reqid = {reqid}
                policies = no
                start_action = none
                close_action = none
            }}
        }}
    }}"""


def _entry(tunnel: Tunnel, reqid: int) -> str:
    name = f"nhtb-{tunnel.vpn}"
    # Nothing selects it for a negotiation: it has the other IKE version, and an identity that nobody has.
    return f"""\
    {name} {{
        version = {"2" if tunnel.ike_version == "v1" else "1"}
        local_addrs = {tunnel.local.wan.ip}
        remote_addrs = {",".join(tunnel.peer_addresses)}
        local {{
            auth = psk
        }}
        remote {{
            auth = psk
            id = {name}
        }}
        children {{
            {name} {{
                local_ts = 0.0.0.0/0
                remote_ts = {",".join((f"{tunnel.next_hop}/32", *tunnel.remote_networks))}
                reqid = {reqid}
                start_action = trap
            }}
        }}
    }}"""


def _renamed(value: _T, names: t.Mapping[str, str]) -> _T:
    """Return data with other words in the places of some."""
    new: t.Any = value
    if is_dataclass(value) and not isinstance(value, type):
        new = replace(value, **{one.name: _renamed(getattr(value, one.name), names) for one in fields(value)})
    elif isinstance(value, tuple):
        new = tuple(_renamed(one, names) for one in value)
    elif isinstance(value, str):
        new = names.get(value, value)
    return t.cast(_T, new)
