# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show interfaces terse``: the states of interfaces, and their addresses."""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import InterfaceState
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Rows, child_text, fail, needed

_HEADER = re.compile(r"Interface\s+Admin\s+Link\s+Proto\s+Local\s+Remote")
_ROW = re.compile(r"(\S+)\s+(up|down)\s+(up|down)(?:\s+(\S+)(?:\s+(\S+))?.*)?")
# Each further family and address has a line of its own.
_MORE = re.compile(r"\s+(?:(inet6?|mpls|iso|tnp|aenet|multiservice|vpls)\s*)?([\d.:/a-fA-F]+\S*)?(?:\s+.*)?")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+(?:/\d+)?")


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    rows: list[InterfaceState] = []
    family = ""
    if lines and not _HEADER.match(lines[0].strip()):
        fail("the header of 'show interfaces terse'", lines[0])
    for line in lines[1:]:
        if not line.strip() or _HEADER.match(line.strip()):
            continue
        if found := _ROW.fullmatch(line.rstrip()):
            name, admin, link, family, address = found.groups()
            rows.append(InterfaceState(name, admin, link, _inet(family, address), node))
        elif rows and (found := _MORE.fullmatch(line.rstrip())):
            family = found.group(1) or family
            last = rows[-1]
            addresses = (*last.addresses, *_inet(family, found.group(2)))
            rows[-1] = InterfaceState(last.name, last.admin, last.link, addresses, node)
        else:
            fail("an interface with its states", line)
    return Rows(rows)


def _inet(family: str | None, address: str | None) -> tuple[str, ...]:
    return (address,) if family == "inet" and address and _ADDRESS.fullmatch(address) else ()


def _xml(root: ET.Element, node: str | None) -> Rows:
    rows = [
        _row(element, node) for element in root.iter() if element.tag in ("physical-interface", "logical-interface")
    ]
    if not rows and len(root):
        fail("interfaces", root[0].tag)
    return Rows(rows)


def _row(element: ET.Element, node: str | None) -> InterfaceState:
    name = needed(child_text(element, "name"), "name", element.tag)
    addresses = (
        child_text(address, "ifa-local")
        for family in element.findall("address-family")
        if child_text(family, "address-family-name") == "inet"
        for address in family.findall("interface-address")
    )
    # A physical interface contains its logical ones, which have their own states.
    return InterfaceState(
        name,
        needed(child_text(element, "admin-status"), "admin-status", name),
        needed(child_text(element, "oper-status"), "oper-status", name),
        tuple(address for address in addresses if address),
        node,
    )


COMMAND = Command(
    rpc="get-interface-information",
    roots=("interface-information",),
    xml=_xml,
    text=_text,
)
