# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show interfaces terse``: the states of interfaces, and their addresses."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import InterfaceState
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Doubt, Rows, excerpt, fail

_HEADER = re.compile(r"\s*Interface\s+Admin\s+Link\s+Proto\s+Local\s+Remote")
_ROW = re.compile(r"(\S+)\s+(up|down)\s+(up|down)(?:\s+(.*))?")
_PROTOCOLS = ("inet", "inet6", "mpls", "iso", "tnp", "aenet", "multiservice", "vpls", "eth-switch", "ccc", "tcc")
# Addresses of the families, and the remote end of a point-to-point interface: "--> 0/0", "0x15000024".
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+(?:/\d+)?")
_OTHER = re.compile(r"[\da-fA-F:.]+(?:/\d+)?|0x[\da-fA-F]+|-->|[a-z]+\d+\.\d+")


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    if not _HEADER.fullmatch(lines[0]):
        fail("the header of 'show interfaces terse'", lines[0])
    # A saved reply may be indented as a whole.
    margin = len(lines[0]) - len(lines[0].lstrip())
    rows: list[InterfaceState] = []
    notes: list[str] = []
    family = ""
    for line in (line[margin:] if not line[:margin].strip() else line for line in lines[1:]):
        if _HEADER.fullmatch(line):
            continue
        if found := _ROW.fullmatch(line):
            rows.append(InterfaceState(found.group(1), found.group(2), found.group(3), (), node))
            rest, family = (found.group(4) or "").split(), ""
        elif rows and line[:1].isspace():
            # Each further family and address has a line of its own.
            rest = line.split()
        else:
            fail("an interface with its states", line)
        if rest and rest[0] in _PROTOCOLS:
            family = rest.pop(0)
        addresses = [word for word in rest if family == "inet" and _ADDRESS.fullmatch(word)]
        unknown = [word for word in rest if not _OTHER.fullmatch(word)]
        if unknown or (rest and not family):
            notes.append(Doubt(f"the end of the line {excerpt(line)} is not known"))
        # A remote address follows an arrow.
        own = addresses[: 1 if "-->" in rest else None]
        rows[-1] = replace(rows[-1], addresses=(*rows[-1].addresses, *own))
    return Rows(rows, notes)


def _xml(root: Element, node: str | None) -> Rows:
    if (style := root.attribute("style")) not in (None, "terse"):
        fail("the terse reply of 'show interfaces'", f"the reply in the style '{style}'")
    rows: list[InterfaceState] = []
    notes: list[str] = []
    for element in root.children("physical-interface", "logical-interface"):
        rows.append(_row(element, node, notes))
        # A physical interface contains its logical ones, which have their own states.
        rows += [_row(logical, node, notes) for logical in element.children("logical-interface")]
    return Rows(rows, notes)


def _row(element: Element, node: str | None, notes: list[str]) -> InterfaceState:
    name = element.needed("name")
    addresses: list[str] = []
    for family in element.children("address-family"):
        protocol = family.needed("address-family-name", name)
        if protocol not in _PROTOCOLS:
            notes.append(Doubt(f"the address family {excerpt(protocol)} of {name} is not known"))
        inet = protocol == "inet"
        local = [address.text("ifa-local") for address in family.children("interface-address")]
        addresses += [one for one in local if one and inet]
    return InterfaceState(
        name, element.needed("admin-status", name), element.needed("oper-status", name), tuple(addresses), node
    )


COMMAND = Command(
    rpc="get-interface-information",
    roots=("interface-information",),
    xml=_xml,
    text=_text,
    unused=frozenset(("ifa-destination", "ifa-broadcast", "ifa-flags", "filter-information", "ae-bundle-name")),
)
