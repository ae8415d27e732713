# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Traffic of an adopted device that leaves in clear while a tunnel is down."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.fleet import Adoption

from .adopted_fleet import HUB, adopted, taken_over

# --- traffic that leaves in clear -----------------------------------------------------------------

OPEN = [
    f"set security policies from-zone office to-zone untrust policy surf {words}"
    for words in ("match source-address any", "match destination-address any", "match application any", "then permit")
]


PASSIVE = "set routing-options static route 10.51.0.0/24 passive"


def closed(found: Adoption) -> dict[str, object]:
    return {host: variables.get("nhtb_fail_closed") for host, variables in found.variables.items()}


def leak_remarks(found: Adoption) -> list[str]:
    return [str(remark) for remark in found.remarks if "in clear" in str(remark)]


def test_a_device_is_planned_as_open_as_it_is() -> None:
    found = adopted()
    assert closed(found) == {"h1": False, "s1": False}
    assert leak_remarks(found) == []


def test_a_policy_that_lets_packets_out_in_clear_gets_a_remark() -> None:
    [remark] = leak_remarks(adopted(hub=[*HUB, *OPEN]))
    assert remark.startswith("h1: zone untrust: expected packets for 10.51.0.0/24 never to leave in clear, actual")
    assert "policy surf allows them" in remark
    assert "nhtb_fail_closed: false" in remark
    assert leak_remarks(adopted(hub=[*HUB, *OPEN, PASSIVE])) == []
    assert leak_remarks(adopted(hub=[*HUB, *OPEN, PASSIVE.replace("passive", "discard")])) == []


def test_passive_routes_are_closed_and_stay_so() -> None:
    found = adopted(hub=[*HUB, PASSIVE])
    assert closed(found) == {"h1": None, "s1": False}
    assert leak_remarks(found) == []
    assert taken_over([*HUB, PASSIVE])["h1"].changes == ()
