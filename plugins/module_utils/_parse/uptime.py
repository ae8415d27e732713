# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show system uptime``: the time of the device, when it booted, when and by whom it was last configured."""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Uptime
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Rows, child_text, labelled, needed

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+)(?: \(.*\))?(?: by (\S+))?")


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    text = "\n".join(lines)
    configured, by = _moment(labelled(text, "Last configured"))
    uptime = Uptime(
        current_time=needed(_moment(labelled(text, "Current time"))[0], "Current time", text),
        booted=needed(_moment(labelled(text, "System booted"))[0], "System booted", text),
        last_configured=configured,
        last_configured_by=by,
        node=node,
    )
    return Rows([uptime])


def _moment(value: str | None) -> tuple[str | None, str | None]:
    found = _MOMENT.fullmatch(value or "")
    return (found.group(1), found.group(2)) if found else (None, None)


def _xml(root: ET.Element, node: str | None) -> Rows:
    uptime = Uptime(
        current_time=needed(child_text(root, "current-time/date-time"), "current-time", root.tag),
        booted=needed(child_text(root, "system-booted-time/date-time"), "system-booted-time", root.tag),
        last_configured=child_text(root, "last-configured-time/date-time"),
        last_configured_by=child_text(root, "last-configured-time/user"),
        node=node,
    )
    return Rows([uptime])


COMMAND = Command(
    rpc="get-system-uptime-information",
    roots=("system-uptime-information",),
    xml=_xml,
    text=_text,
)
