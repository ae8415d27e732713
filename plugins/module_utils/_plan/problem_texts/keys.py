# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The problems of ``keys``: pre-shared keys. A message never has the value."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problem_texts.kind import Kind

KINDS: dict[str, Kind] = {
    "no_key": Kind(
        "the pre-shared key is missing", "Set it for the group, or for this host; Ansible Vault keeps it secret"
    ),
    "empty_key": Kind(
        "the pre-shared key is empty", "Set it for the group, or for this host; Ansible Vault keeps it secret"
    ),
    # The parser of INI inventories removes one pair of quotes, and reads the rest as a number.
    "key_not_text": Kind(
        "the pre-shared key is not text but {actual}",
        "Put it in quotes; in an INI inventory in two pairs, single ones around double ones",
    ),
    "long_key": Kind("the pre-shared key has {length} characters; {platform} takes {limit}", "Use a shorter key"),
    "bad_key": Kind("the pre-shared key has characters that {platform} does not take", "Use {allowed}"),
    "encoded_key": Kind(
        "the pre-shared key looks like one that Junos has encoded already", "Give the key in plain text"
    ),
    "bad_hex_key": Kind(
        "by nhtb_key_format it has an even number of the digits 0-9 and a-f, {limit} at most",
        "Correct it, or set nhtb_key_format: ascii",
    ),
    "text_keys_only": Kind("{platform} takes a key as text only", "Set nhtb_key_format: ascii for this host"),
}
