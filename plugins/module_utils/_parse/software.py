# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show version``: model, release and host name of a device."""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Software
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Rows, child_text, labelled, needed

# Before Junos 15.1 only the comment of the package has the release.
_PACKAGE = re.compile(r"JUNOS\b[^\[]{0,200}\[([^\]\s]{1,100})\]")


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    text = "\n".join(lines)
    package = _PACKAGE.search(text)
    release = labelled(text, "Junos") or (package.group(1) if package else None)
    software = Software(
        release=needed(release, "a release", text),
        model=labelled(text, "Model"),
        host_name=labelled(text, "Hostname"),
        node=node,
    )
    return Rows([software])


def _xml(root: ET.Element, node: str | None) -> Rows:
    comments = (child_text(package, "comment") or "" for package in root.findall("package-information"))
    package = next((found.group(1) for comment in comments if (found := _PACKAGE.search(comment))), None)
    software = Software(
        release=needed(child_text(root, "junos-version") or package, "a release", root.tag),
        model=child_text(root, "product-model") or child_text(root, "product-name"),
        host_name=child_text(root, "host-name"),
        node=node,
    )
    return Rows([software])


COMMAND = Command(
    rpc="get-software-information",
    roots=("software-information",),
    xml=_xml,
    text=_text,
)
