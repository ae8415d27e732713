# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The problems of ``rules``, ``rule_checks`` and ``rule_ends``: policies and address books."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problem_texts.kind import Kind

KINDS: dict[str, Kind] = {
    # Noted by ``rules``.
    "not_list_of": Kind("a list of mappings is needed, not {actual}", "Write one entry for each {what}"),
    "no_pairs": Kind(
        "true, false or a list of pairs of sites is needed", "Write pairs as in [[westford, sunnyvale], [oslo, lima]]"
    ),
    "no_pair": Kind("a pair has the names of two sites", "Write it as in [westford, sunnyvale]"),
    "rule_place": Kind(
        "a rule has either a direction or both from_zone and to_zone",
        "Set direction to to-hub, to-spokes or spoke-to-spoke, or name the two zones",
    ),
    "rule_twice": Kind(
        "another rule of this host has this name and may be between the same zones", "Give each a name of its own"
    ),
    "no_names": Kind("a name or a list of names is needed", "Name sites or networks, or write any"),
    "bad_application": Kind(
        "this is neither any nor an application that Junos predefines (junos-...)", "Write it as in junos-https"
    ),
    "no_service": Kind(
        "no service of ScreenOS is known for this application; those with one are {known}",
        "Name another, or leave the rule out for this host",
    ),
    "no_book_names": Kind(
        "one name, or names by zone, are needed, not a list", "Write one name, or a mapping with one for each zone"
    ),
    "book_not_attached": Kind(
        "only address books that are attached to zones have names", "Set nhtb_address_book: attached"
    ),
    # Noted by ``rule_checks``.
    "unknown_site": Kind("the fleet has no such site", "{hint}"),
    "unknown_place": Kind("the fleet has no site and no network in the VPN of this name", "{hint}"),
    "not_a_spoke": Kind("this is the hub, not a spoke", "Name two spokes"),
    "rule_name_taken": Kind(
        "the collection has a policy of this name from {from_zone} to {to_zone}", "Give the rule another name"
    ),
    "rule_zone": Kind("no LAN and no tunnel of this host is in the zone; its zones are {zones}", "Name one of them"),
    "rule_to_wan": Kind(
        "the policies to the Internet are unmanaged (nhtb_manage_internet_policy: false)",
        "Configure the policy yourself, or let the collection write them",
    ),
    "rule_side": Kind("{name} is {actual}; {direction} needs {needed} here", "Name {needed}, or change the direction"),
    "rule_outside_zone": Kind("{name} has no network in zone {zone}", "Name a network of the zone, or any"),
    "rule_covered": Kind(
        "the rule can never match: {other} before it has the same packets from {from_zone} to {to_zone}",
        "Put it before that one, or take it out",
    ),
    "book_zone": Kind("no LAN, WAN or tunnel of this host is in zone {zone}", "Name a zone of the host"),
    # Noted by ``rule_ends``.
    "rule_blocked": Kind(
        "no packet of the rule passes: {reason}", "State the rule for all devices on the way, or take it out"
    ),
}
