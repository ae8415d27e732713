# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The problems of ``vpn_options``: options of the VPN object."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problem_texts.kind import Kind

KINDS: dict[str, Kind] = {
    "silent_peer": Kind(
        "the probes go to the IKE address of {other} ({platform}), and only devices of Juniper answer there",
        "Give an address of that site that answers pings, as its LAN interface does",
    ),
    "small_window": Kind(
        "Junos has no anti-replay window below {low} packets", "Choose {low} to {high}, or 0 for no protection"
    ),
    "at_hub_on_hub": Kind(
        "at_hub is for spokes: the hub's end of every tunnel has the keys of its own nhtb_vpn",
        "Move its keys into nhtb_vpn",
    ),
    "not_mirrored": Kind(
        "it does not mirror that of {hub}, the hub ({other}), so phase 2 would fail",
        "Set {wanted}, or leave it out on one end, which then has the mirror of the other",
    ),
    "monitor_off_site": Kind(
        "{other}, at the other end, has no network with this address",
        "Choose an address of that site that answers pings, as its LAN interface does",
    ),
    "timer_differs": Kind(
        "{other} has {first} for another tunnel of {hub}; all monitors of a device have one value",
        "Set it once, in nhtb_vpn.monitor of the hub or with one value in at_hub.monitor",
    ),
}
