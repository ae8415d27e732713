# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The problems of ``inside``: networks behind a router, and the names of networks."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problem_texts.kind import Kind

KINDS: dict[str, Kind] = {
    "not_network_list": Kind(
        "a list of mappings is needed, not {actual}", "Write one entry for each network, beginning with a hyphen"
    ),
    "not_a_network": Kind("this is not an IPv4 network with a prefix length", "Write it as in {example}"),
    "host_bits": Kind("this is an address in the network {network}", "Write {network}"),
    "bad_next_hop": Kind("the next hop is {actual}", "Use the router's address on {network}"),
    "duplicate_name": Kind("a network of {other} has this name too", "Give each network a name of its own"),
}
