# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show system uptime``: the time of the device, when it booted, when and by whom it was last configured."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import Uptime
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Doubt, Rows, fail, needed, number
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.labels import Labels

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+)(?: \(.*\))?(?: by (\S+))?")
_LOAD = re.compile(r"\s*\d+:\d\d(?::\d\d)?\s?(?:[AP]M)?\s+up .*load averages?: [\d., ]+")
_UNUSED_LABELS = {"Time Source": r"[\w -]+", "Protocols started": _MOMENT.pattern, "Node booted": _MOMENT.pattern}


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    block = Labels(line for line in lines if not _LOAD.fullmatch(line))
    where = "\n".join(lines)
    configured, by = _moment(block, "Last configured")
    uptime = Uptime(
        current_time=needed(_moment(block, "Current time")[0], "Current time", where),
        booted=needed(_moment(block, "System booted")[0], "System booted", where),
        last_configured=configured,
        last_configured_by=by,
        node=node,
    )
    loads = sum(_LOAD.fullmatch(line) is not None for line in lines)
    return Rows([uptime], [*block.unread(_UNUSED_LABELS), *([Doubt("several load averages")] if loads > 1 else [])])


def _moment(block: Labels, label: str) -> tuple[str | None, str | None]:
    value = block.get(label)
    found = _MOMENT.fullmatch(value or "")
    if value and not found:
        fail(f"YYYY-MM-DD HH:MM:SS ZONE as {label}", value)
    return (found.group(1), found.group(2)) if found else (None, None)


def _xml(root: Element, node: str | None) -> Rows:
    now = root.child("current-time/date-time")
    epoch = now.attribute("seconds") if now else None
    uptime = Uptime(
        current_time=root.needed("current-time/date-time"),
        booted=root.needed("system-booted-time/date-time"),
        last_configured=root.text("last-configured-time/date-time"),
        last_configured_by=root.text("last-configured-time/user"),
        epoch_seconds=number(epoch, "seconds") if epoch else None,
        node=node,
    )
    return Rows([uptime])


COMMAND = Command(
    rpc="get-system-uptime-information",
    roots=("system-uptime-information",),
    xml=_xml,
    text=_text,
    unused=frozenset(
        (
            "time-source",
            "system-uptime-information-brief",
            "node-booted-time",
            "protocols-started-time",
            "uptime-information",
            "time-length",
        )
    ),
)
