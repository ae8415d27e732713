# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show version``: model, release and host name of a device."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import Software
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Doubt, Rows, excerpt, needed
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.labels import Labels

# Before Junos 15.1 only the comment of the package has the release.
_PACKAGE = re.compile(r"JUNOS\b[^\[]{0,200}\[([^\]\s]{1,100})\]")

_ONLY_PACKAGE = re.compile(r"\s*JUNOS\b[^\[]{0,200}\[[^\]\s]{1,100}\]")
_UNUSED_LABELS = {"Family": r"[\w-]+"}


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    packages = [_PACKAGE.search(line) for line in lines]
    block = Labels(line for line, package in zip(lines, packages, strict=True) if package is None)
    release = block.get("Junos") or next((found.group(1) for found in packages if found), None)
    software = Software(
        release=needed(release, "a release", "\n".join(lines)),
        model=block.get("Model"),
        host_name=block.get("Hostname"),
        node=node,
    )
    others = [line for line, found in zip(lines, packages, strict=True) if found and not _ONLY_PACKAGE.fullmatch(line)]
    notes = [Doubt(f"the line {excerpt(line)} is not known") for line in others]
    return Rows([software], [*block.unread(_UNUSED_LABELS), *notes])


def _xml(root: Element, node: str | None) -> Rows:
    comments = (package.text("comment") or "" for package in root.children("package-information"))
    packages = [found.group(1) for comment in comments if (found := _PACKAGE.search(comment))]
    names = root.text("product-model"), root.text("product-name")
    software = Software(
        release=needed(root.text("junos-version") or next(iter(packages), None), "a release", root.tag),
        model=names[0] or names[1],
        host_name=root.text("host-name"),
        node=node,
    )
    return Rows([software])


COMMAND = Command(
    rpc="get-software-information",
    roots=("software-information",),
    xml=_xml,
    text=_text,
    unused=frozenset(("name", "host-number")),
)
