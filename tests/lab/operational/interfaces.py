# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``show interfaces``."""

from __future__ import annotations

import typing as t

from lxml import etree

from tests.lab.network.associations import number
from tests.lab.network.view import Interface
from tests.lab.operational.reply import Maker, OperationalError, Reply, Request, joined

TUNNEL_MTU, ETHERNET_MTU = 9192, 1500


def information(request: Request) -> Reply:
    name = request.text("interface-name")
    units = sorted(request.view.interfaces.values(), key=lambda unit: (not unit.name.startswith("ge-"), unit.name))
    if name is not None and "*" not in name:
        units = [unit for unit in units if name in (unit.name, _device(unit))]
        if not units:
            raise OperationalError(f"device {name} not found", kind="application")
    elif name is not None:
        units = [unit for unit in units if unit.name.startswith(name.split("*")[0])]
    terse = request.flag("terse")
    make = Maker(request, "interface")
    one_unit = name is not None and "." in name
    root = make("interface-information", style="terse" if terse else "normal")
    logical = _terse_unit if terse else _full_unit
    if one_unit:
        # For a unit alone the device does not show the physical interface.
        root.extend(logical(request, make, unit) for unit in units)
    else:
        for device in dict.fromkeys(_device(unit) for unit in units):
            own = [unit for unit in units if _device(unit) == device]
            root.append(_physical(make, device, terse, (logical(request, make, unit) for unit in own)))
    text = _terse_text(request, units, one_unit) if terse else "\n".join(_full_text(request, unit) for unit in units)
    return Reply(root, text, wrapped=False)


def _device(unit: Interface) -> str:
    return unit.name.rpartition(".")[0]


def _status(request: Request, unit: Interface) -> tuple[str, str]:
    up = request.network.rows.interface_up(request.host, unit)
    return ("up" if unit.enabled else "down"), ("up" if up else "down")


def _physical(make: Maker, device: str, terse: bool, units: t.Iterable[etree._Element]) -> etree._Element:
    head = make.rows((("name", device), ("admin-status", "up"), ("oper-status", "up")))
    if not terse and device == "st0":
        head += make.rows((("if-type", "Secure-Tunnel"), ("link-level-type", "Secure-Tunnel"), ("mtu", TUNNEL_MTU)))
    elif not terse:
        head += make.rows((("link-level-type", "Ethernet"), ("mtu", ETHERNET_MTU + 14)))
    return make("physical-interface", head, units)


def _terse_unit(request: Request, make: Maker, unit: Interface) -> etree._Element:
    admin, link = _status(request, unit)
    head = make.rows((("name", unit.name), ("admin-status", admin), ("oper-status", link)))
    return make("logical-interface", head, _family(make, unit, None))


def _family(make: Maker, unit: Interface, mtu: int | None) -> etree._Element | None:
    if not unit.inet:
        return None
    addresses = []
    for address in unit.addresses:
        # The terse form prints the prefix length with the address, the full form separately.
        local = str(address) if mtu is None else str(address.ip)
        destination = None if mtu is None else str(address.network)
        addresses.append(make("interface-address", make.rows((("ifa-destination", destination), ("ifa-local", local)))))
    return make("address-family", make.rows((("address-family-name", "inet"), ("mtu", mtu))), addresses)


def _full_unit(request: Request, make: Maker, unit: Interface) -> etree._Element:
    flags = make("if-config-flags", make("iff-up"), make("iff-point-to-point") if _point_to_point(unit) else None,
                 make("iff-snmp-traps"))  # fmt: skip
    packets = _packets(request, unit)
    return make(
        "logical-interface",
        make.rows((("name", unit.name), ("local-index", _index(unit)), ("snmp-index", 500 + _index(unit)))),
        flags,
        make("encapsulation", "Secure-Tunnel" if unit.tunnel else "ENET2"),
        make("traffic-statistics", make.rows((("input-packets", packets[0]), ("output-packets", packets[1])))),
        make("logical-interface-zone-name", unit.zone or "Null"),
        _family(make, unit, _mtu(unit)),
    )


def _mtu(unit: Interface) -> int:
    return unit.mtu or (TUNNEL_MTU if unit.tunnel else ETHERNET_MTU)


def _point_to_point(unit: Interface) -> bool:
    return unit.tunnel and not unit.multipoint


def _index(unit: Interface) -> int:
    return 70 + number(200, "ifl", unit.name)


def _packets(request: Request, unit: Interface) -> tuple[int, int]:
    rows = [row for row in request.network.tunnel_rows(request.host) if row.vpn.bind_interface == unit.name]
    return (sum(row.counters.decrypted_packets for row in rows), sum(row.counters.encrypted_packets for row in rows))


# --- text ----------------------------------------------------------------------------------------


def _terse_text(request: Request, units: t.Sequence[Interface], one_unit: bool) -> str:
    lines = ["Interface               Admin Link Proto    Local                 Remote"]
    device = ""
    for unit in units:
        if _device(unit) != device and not one_unit:
            device = _device(unit)
            lines.append(f"{device:<24}up    up")
        admin, link = _status(request, unit)
        first = f"{unit.name:<24}{admin:<6}{link:<5}"
        shown = [f"{'inet':<9}{address}" for address in unit.addresses] or (["inet"] if unit.inet else [""])
        lines.append(f"{first}{shown[0]}")
        lines += [" " * 44 + str(address) for address in unit.addresses[1:]]
    return joined(lines)


def _full_text(request: Request, unit: Interface) -> str:
    words = ["Up"] + (["Point-To-Point"] if _point_to_point(unit) else []) + ["SNMP-Traps"]
    packets = _packets(request, unit)
    services = " ".join(sorted(unit.services - unit.refused))
    lines = [
        f"  Logical interface {unit.name} (Index {_index(unit)}) (SNMP ifIndex {500 + _index(unit)})",
        f"    Flags: {' '.join(words)} Encapsulation: {'Secure-Tunnel' if unit.tunnel else 'ENET2'}",
        f"    Input packets : {packets[0]}",
        f"    Output packets: {packets[1]}",
        f"    Security: Zone: {unit.zone or 'Null'}",
        f"    Allowed host-inbound traffic : {services}" if services else "",
    ]
    if unit.inet:
        lines.append(f"    Protocol inet, MTU: {_mtu(unit)}")
        for address in unit.addresses:
            lines += ["      Addresses, Flags: Is-Preferred Is-Primary",
                      f"        Destination: {address.network}, Local: {address.ip}"]  # fmt: skip
    return "".join(f"{line}\n" for line in lines if line)
