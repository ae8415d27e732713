# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A group that a renamed nhtb_group leaves behind is found."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._config.conflicts import earlier_groups

from .sample_fleet import HUB


def test_the_group_of_an_earlier_name_is_named() -> None:
    plan = replace(HUB, group="new")
    vpn = plan.tunnels[0].vpn
    commands = [
        f"set groups {group} security ipsec vpn {name} ike gateway gw"
        for group, name in (("old", vpn), ("new", vpn), ("other", "other-vpn"))
    ]
    assert earlier_groups(plan, [*commands, f"set security ipsec vpn {vpn} ike gateway gw"]) == ["old"]
    assert earlier_groups(plan, []) == []
