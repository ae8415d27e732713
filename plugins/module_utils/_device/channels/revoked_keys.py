# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The file of RevokedHostKeys: a list of keys, or a revocation list (KRL), which ``ssh-keygen`` reads."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile

_SECONDS = 20
_KRL = b"SSHKRL\n\0"


def is_revoked(file: str, key: str) -> bool:
    """Whether a file revokes a key, given as its type and data. As for ssh, a file that cannot be read revokes all."""
    try:
        return _is_revoked(file, os.stat(file).st_mtime_ns, key)
    except OSError:
        return True


@functools.lru_cache(maxsize=4096)
def _is_revoked(file: str, _changed: int, key: str) -> bool:
    with open(file, "rb") as handle:
        content = handle.read()
    if content.startswith(_KRL):
        return _is_in_krl(file, key)
    return any(line.split()[:2] == key.split() for line in content.decode("utf-8", "replace").splitlines())


def _is_in_krl(file: str, key: str) -> bool:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise FileNotFoundError("ssh-keygen")
    with tempfile.NamedTemporaryFile("w", prefix="hubspoke-", suffix=".pub") as public:
        public.write(f"{key}\n")
        public.flush()
        try:
            done = subprocess.run(  # noqa: S603 (the file is the operator's own, and no shell reads its name)
                [program, "-Q", "-f", file, public.name], capture_output=True, timeout=_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return True
    return done.returncode != 0
