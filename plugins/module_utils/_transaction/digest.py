# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One number for what a run is about to do, so that an approval can be held to it."""

from __future__ import annotations

import hashlib
import json
import typing as t


def digest(devices: t.Iterable[tuple[str, str, str]], keys: t.Mapping[str, str]) -> str:
    """64 hexadecimal digits for the rendered text and the masked difference of each host.

    Another key gives another digest, and a guess at the key costs scrypt's time: the digest is meant to be shown.
    """
    seen = hashlib.sha256(json.dumps(sorted(devices)).encode()).digest()
    secret = json.dumps(sorted(keys.items())).encode()
    return hashlib.scrypt(secret, salt=seen, n=2**14, r=8, p=1, dklen=32).hex()
