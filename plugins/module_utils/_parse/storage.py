# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show system storage``: size and use of each file system."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import Filesystem
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import (
    Rows,
    fail,
    number,
)

_HEADER = re.compile(r"Filesystem\s+Size\s+Used\s+Avail\s+Capacity\s+Mounted on")
_SIZE = r"(\d+(?:\.\d+)?[BKMGTP]?)"
_ROW = re.compile(rf"(\S+)\s+{_SIZE}\s+{_SIZE}\s+(-?\d+(?:\.\d+)?[BKMGTP]?)\s+(\d+)%\s+(/.*)")


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    rows: list[Filesystem] = []
    header = False
    for line in (line.strip() for line in lines):
        if _HEADER.fullmatch(line):
            header = True
            continue
        row = _ROW.fullmatch(line)
        if row is None or not header:
            fail("a file system under its header", line)
        name, size, used, available, percent, mounted_on = row.groups()
        rows.append(Filesystem(name, mounted_on, size, used, available, number(percent, "Capacity"), node=node))
    return Rows(rows)


def _xml(root: Element, node: str | None) -> Rows:
    return Rows([_filesystem(element, node) for element in root.children("filesystem")])


def _filesystem(element: Element, node: str | None) -> Filesystem:
    name = element.needed("filesystem-name")

    def size(tag: str) -> str:
        blocks = element.child(tag)
        return (blocks.attribute("format") if blocks else None) or element.needed(tag, name)

    return Filesystem(
        name=name,
        mounted_on=element.needed("mounted-on", name),
        size=size("total-blocks"),
        used=size("used-blocks"),
        available=size("available-blocks"),
        used_percent=number(element.needed("used-percent", name), "used-percent"),
        total_blocks=element.number("total-blocks"),
        used_blocks=element.number("used-blocks"),
        available_blocks=element.number("available-blocks"),
        node=node,
    )


COMMAND = Command(
    rpc="get-system-storage",
    roots=("system-storage-information",),
    xml=_xml,
    text=_text,
    unused=frozenset(("device-size", "host-storage-group", "jdm-storage-group", "per-vnf-storage-group")),
)
