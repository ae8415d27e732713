# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An encoding of keys that a reader of a test can decode."""

from __future__ import annotations


class Codec:
    """``$9$`` and the plain words after it."""

    def encode(self, plain: str) -> str:
        return f"$9${plain}"

    def decode(self, encoded: str) -> str:
        return encoded.removeprefix("$9$")
