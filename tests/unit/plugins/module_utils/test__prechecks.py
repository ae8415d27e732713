# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Warnings of the pre-checks about limits of a platform and the size of packets."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._device.prechecks import (
    mss_warnings,
    policy_warnings,
    tunnel_warnings,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import SecurityPolicy

from .sample_conflicts import PLAN


def test_a_policy_that_is_nearly_full_gets_a_warning() -> None:
    names = tuple(f"net-{number}" for number in range(8))
    policy = SecurityPolicy("to-spokes", "trust", "vpn", ("local-net",), names)
    assert policy_warnings(replace(PLAN, policies=(policy,), policy_addresses=11)) == []
    assert policy_warnings(replace(PLAN, policies=(policy,), policy_addresses=10)) == [
        "policy to-spokes from trust to vpn of hub1: expected at most 10 destination addresses (nhtb_policy_addresses),"
        " actual 8: few more fit"
    ]


def test_a_tcp_mss_that_makes_fragments_gets_a_warning_with_the_largest_that_fits() -> None:
    fitting = replace(PLAN, mss=1398, largest_mss=1398)
    assert mss_warnings(fitting) == []
    assert mss_warnings(replace(fitting, mss=1399)) == [
        f"nhtb_mss of {PLAN.host}: expected at most 1398, which fits the encapsulation of its tunnels, the MTU of st0"
        " and the path, actual 1399: TCP packets become fragments or are dropped"
    ]


def test_nearly_as_many_tunnels_as_the_platform_takes_are_a_warning() -> None:
    count = len(PLAN.tunnels)
    assert tunnel_warnings(PLAN) == []
    assert tunnel_warnings(replace(PLAN, max_tunnels=count * 2)) == []
    assert tunnel_warnings(replace(PLAN, max_tunnels=count)) == [
        f"tunnels of {PLAN.host}: expected at most {count} (nhtb_max_tunnels), actual {count}: few more fit"
    ]
