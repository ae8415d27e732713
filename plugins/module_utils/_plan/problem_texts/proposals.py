# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The problems of ``proposals``: algorithms of both phases."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problem_texts.kind import Kind

KINDS: dict[str, Kind] = {
    "not_proposals": Kind(
        "a list of proposals is needed, not {actual}", "Write one entry for each proposal, the preferred one first"
    ),
    "set_and_proposals": Kind("Junos takes either a set or proposals, and this has both", "Leave one of the two out"),
    "duplicate_proposal": Kind("an earlier proposal has the same algorithms", "Leave one of the two out"),
    "authenticates_itself": Kind(
        "{encryption} authenticates by itself, and Junos refuses another authentication with it",
        "Leave the authentication out",
    ),
    "set_needs_certificate": Kind(
        "phase 1 of this set has certificates, and this collection has pre-shared keys",
        "Choose one of {sets}, or write proposals",
    ),
    "set_has_group": Kind("the set {chosen} has {group} of its own", "Leave pfs_group out, or write proposals"),
    "mode_needs_v1": Kind("IKEv2 has no modes", "Leave the mode out, or set version: v1"),
    "gcm_needs_v2": Kind(
        "phase 1 of IKEv1 has no {encryption}", "Choose another encryption for nhtb_ike.proposals{or_version}"
    ),
    "aggressive_groups": Kind(
        "aggressive mode cannot negotiate the group, and the proposals have several", "Use one dh_group"
    ),
    "weak_choice": Kind(
        "{weak} {verb} weak", "Choose a stronger one, or set nhtb_allow_weak: true where the peer has nothing better"
    ),
}
