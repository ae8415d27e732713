# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Names of the checks that compare a plan with what a device answers."""

from __future__ import annotations

BASIC_CHECKS = ("ike", "ipsec", "next_hop_tunnels", "routes")
"""The checks that show whether the tunnels are up: verification waits for these."""

CHECKS = (
    "configuration",
    "ike",
    "ike_algorithms",
    "ipsec",
    "ipsec_algorithms",
    "proxy_identities",
    "lifetimes",
    "monitoring",
    "next_hop_tunnels",
    "routes",
    "leak",
    "internet_exit",
    "policies",
    "statistics",
    "pings",
)
"""All checks, in the order in which a report lists them."""
