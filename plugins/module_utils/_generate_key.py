# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""New pre-shared keys."""

from __future__ import annotations

import secrets

# Letters and digits need no quotes, no escape and no keyboard of a country, neither on Junos nor on ScreenOS. Without
# those that look like another, for an operator who has to type what he reads.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
# 185 bits, and far below the 128 characters of ScreenOS.
LENGTH = 32


def generate_key() -> str:
    """A key of LENGTH characters of ALPHABET, from the operating system's source of randomness."""
    return "".join(secrets.choice(ALPHABET) for _turn in range(LENGTH))
