# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The plan digest: one number for all changes of a run, so that an approval holds for these changes only."""

from __future__ import annotations

import hashlib
import json
import typing as t


def digest(devices: t.Iterable[tuple[str, str, str]], keys: t.Mapping[str, str]) -> str:
    """Return 64 hexadecimal digits for the rendered text and the masked difference of each host, and the keys.

    Another key gives another digest. The digest is public, so scrypt makes every guess at a key slow.
    """
    seen = hashlib.sha256(json.dumps(sorted(devices)).encode()).digest()
    secret = json.dumps(sorted(keys.items())).encode()
    return hashlib.scrypt(secret, salt=seen, n=2**14, r=8, p=1, dklen=32).hex()
