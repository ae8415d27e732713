# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The problems of ``host`` and ``profiles``: one host as a whole, and files of profiles."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problem_texts.kind import Kind

KINDS: dict[str, Kind] = {
    # Noted by ``host``.
    "unusable_host": Kind(
        "this inventory name cannot become the name of a file",
        "Rename the host: letters, digits, dot, underscore, hyphen, colon",
    ),
    "unknown_variable": Kind("no such variable", "{hint}"),
    "bad_host_name": Kind(
        "a host name has letters, digits, dot, hyphen and underscore only, 255 characters at most",
        "Correct it, or leave the variable out to keep the name that the device has",
    ),
    "bad_release": Kind("this is not the name of a Junos release", "Write it as in '18.4R1' or '20.4R3-S2'"),
    # Noted by ``profiles``.
    "no_profile": Kind("there is no such profile", "{hint}"),
    "profile_and_platform": Kind(
        "nhtb_platform says screenos, which is a profile of its own", "Leave nhtb_platform out: it is the older word"
    ),
    "profile_lacks": Kind(
        "{profile} is not known to have {feature}",
        "Choose what both ends have, for this host; a profile states what the product can do in its profile.yml",
    ),
    "bad_pattern": Kind("this is no regular expression: {why}", "Correct it; Python's re module reads it"),
    "no_unit": Kind("the unit has no place at its end", "End it with {{unit}}, as in tunnel{{unit}}"),
    "not_three_zones": Kind("three different names are needed", "List the zones of LAN, WAN and tunnel, in this order"),
    "not_words": Kind("a list of words is needed, not {actual}", "Write one word after each hyphen"),
    "no_template": Kind("the folder templates has no such file", "{hint}"),
    "bad_ending": Kind(
        "the ending of a file has letters, digits, dot, hyphen and underscore, is different for each file, and none of"
        " {taken}",
        "Choose another one, as in md",
    ),
    "not_word_lists": Kind("mappings of words are needed", "Write one for each kind of word, as for encryption"),
}
