# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Whether an ssh-agent answers at all. The libraries, like ssh, would wait for ever for one that does not."""

from __future__ import annotations

import functools
import socket
import time

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import login_error

_LONGEST = 10.0
# SSH_AGENTC_REQUEST_IDENTITIES with its length.
_LIST_KEYS = b"\0\0\0\1\x0b"
# One question for the devices that log in at about the same time.
_FRESH_SECONDS = 30


def require_answer(where: str, path: str | None, seconds: float) -> None:
    """Raise SessionError for an agent that takes a question and never answers. One that is gone has no keys."""
    seconds = min(seconds, _LONGEST)
    if path is not None and not _answers(path, seconds, int(time.monotonic() // _FRESH_SECONDS)):
        raise login_error(where, "agent", path=path, seconds=seconds)


@functools.lru_cache(maxsize=8)
def _answers(path: str, seconds: float, _now: int) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as agent:
            agent.settimeout(seconds)
            agent.connect(path)
            agent.sendall(_LIST_KEYS)
            agent.recv(1)
    except TimeoutError:
        return False
    except OSError:
        pass
    return True
