# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What the package needs to know about one command."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Rows


@dataclass(frozen=True)
class Command:
    """A command, the RPC behind it, the elements its XML reply may have as root, and its two readers.

    ``silent_text`` says that Junos prints nothing at all where there is nothing to show, ``silent_xml`` that
    its XML may come without the root element then. ``prose`` says that the text is made of lines that others have
    written: one that looks like an error is one of them, unless it is all there is.
    """

    rpc: str
    roots: tuple[str, ...]
    xml: t.Callable[[ET.Element, str | None], Rows]
    text: t.Callable[[t.Sequence[str], str | None], Rows]
    silent_text: bool = False
    silent_xml: bool = False
    prose: bool = False
