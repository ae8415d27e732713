# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The problems of ``read``: types, ranges, names and addresses of single values."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problem_texts.kind import Kind

KINDS: dict[str, Kind] = {
    "unknown_key": Kind("no such key in {parent}", "{hint}"),
    "missing": Kind("nothing is set", "{hint}"),
    "not_mapping": Kind("a mapping is needed, not {actual}", "Give it the keys {keys}"),
    "not_list": Kind(
        "a list of mappings is needed, not {actual}", "Write one entry for each LAN, beginning with a hyphen"
    ),
    "no_lan": Kind("a site needs at least one LAN", "List the interface and the address of each LAN"),
    "unprintable": Kind(
        "the text has a character that cannot be printed", "Write it anew: such a character may be invisible"
    ),
    "text_too_long": Kind("the text has {length} characters; the limit is {limit}", "Shorten it"),
    "not_text": Kind("text is needed, not {actual}", "Put the value in quotes"),
    "not_integer": Kind("a whole number is needed", "Write digits only"),
    "not_number": Kind("a number is needed", "Write digits, with a decimal point if needed"),
    "not_flag": Kind("true or false is needed", "Write true or false"),
    "out_of_range": Kind("the range is {low} to {high}", "{hint}"),
    "not_a_choice": Kind("the choices are {choices}", "Choose one of them"),
    "bad_name": Kind(
        "{what} has a letter or a digit first, then letters, digits, hyphen and underscore only",
        "Choose another name",
    ),
    "name_too_long": Kind(
        "the name {made} would have {length} characters; the limit is {limit}", "Shorten it by {excess}"
    ),
    "not_an_address": Kind("this is not an IPv4 address{suffix}", "Write it as in {example}"),
    "no_prefix_length": Kind("the prefix length is missing", "Write it as in {example}"),
    "ipv6": Kind("this is an IPv6 address; this collection plans IPv4", "Use an IPv4 address"),
    "network_address": Kind("this is the address of the network {network} itself", "Use an address of a host on it"),
    "broadcast_address": Kind("this is the broadcast address of {network}", "Use an address of a host on it"),
    "special_address": Kind("no interface can have this address", "Use a unicast address"),
    "too_many": Kind("the list has {count} entries; the limit is {most}", "Leave {most} of them"),
}
