# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The part of a reply that one routing engine sent."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """The reply of one routing engine: an ``element``, ``lines``, or the message of a ``refusal``.

    All three are ``None`` where an XML reply has no table.
    """

    node: str | None = None
    element: ET.Element | None = None
    lines: tuple[str, ...] | None = None
    refusal: str | None = None
    notes: tuple[str, ...] = ()
