# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replies of a lab in this process: the text, the XML, and the values of one element."""

from __future__ import annotations

import typing as t

from tests.lab import operational
from tests.lab_tests.network.support import (
    HUB,
    Lab,
)

JUNOS = "{http://xml.juniper.net/junos/24.4R1.9/junos}"


def text_of(lab: Lab, rpc: str, at: str = HUB, /, **arguments: str | bool) -> str:
    given = {name.replace("_", "-"): value for name, value in arguments.items()}
    text = operational.answer(lab.network, at, rpc, given, "text").text
    assert text is not None
    return text


def xml_of(lab: Lab, rpc: str, at: str = HUB, /, **arguments: str | bool) -> t.Any:
    given = {name.replace("_", "-"): value for name, value in arguments.items()}
    return operational.answer(lab.network, at, rpc, given, "xml").xml


def values_of(element: t.Any, name: str) -> list[str]:
    return [(found.text or "").strip() for found in element.iter(f"{{*}}{name}")]
