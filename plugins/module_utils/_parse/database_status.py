# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The users of the candidate, whom Junos names behind the configuration in a reply to ``get-config``."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import LockHolder
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import child_text
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.reply import tree

_STATUS = "database-status-information"


def exclusive_user(reply: str) -> LockHolder | None:
    """Return the user who has the candidate locked, ``None`` where it is free. Raise ReplyNotUnderstood.

    A reply without the element tells neither. A user without the mark edits the shared candidate and locks nobody out.
    """
    found = tree(reply).find(f".//{_STATUS}")
    if found is None:
        raise ReplyNotUnderstood(f"get-config: expected {_STATUS}, actual a reply without it.")
    users = [one for one in found.iter("database-status") if one.find("exclusive") is not None]
    return _holder(users[0]) if users else None


def _holder(user: ET.Element) -> LockHolder:
    pid = child_text(user, "pid") or ""
    return LockHolder(
        user=child_text(user, "user") or "another user",
        terminal=child_text(user, "terminal") or None,
        pid=int(pid) if pid.isdecimal() else None,
        since=child_text(user, "start-time") or None,
        idle=child_text(user, "idle-time") or None,
    )
