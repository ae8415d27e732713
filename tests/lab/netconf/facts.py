# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The replies about hardware that client libraries read when they gather facts."""

from __future__ import annotations

import typing as t
import zlib

from lxml import etree

from tests.lab.clock import stamp

if t.TYPE_CHECKING:
    from tests.lab.device import Device

Arguments = t.Mapping[str, "str | bool"]


def _namespace(device: Device, part: str) -> str:
    """Return the namespace of a reply, with the release's first build: 24.4R0 for every 24.4."""
    release = device.options.release.partition("R")[0]
    return f"http://xml.juniper.net/junos/{release}R0/{part}"


def _tree(tag: str, *children: tuple[str, t.Any]) -> etree._Element:
    element = etree.Element(tag)
    for name, content in children:
        if isinstance(content, list):
            element.append(_tree(name, *content))
        else:
            etree.SubElement(element, name).text = str(content)
    return element


def _with_namespace(element: etree._Element, namespace: str) -> etree._Element:
    declared: t.Any = {None: namespace}
    root = etree.Element(f"{{{namespace}}}{element.tag}", nsmap=declared)
    for name, value in element.attrib.items():
        root.set(name, value)
    for child in element.iter():
        if child is not element:
            child.tag = f"{{{namespace}}}{child.tag}"
    root.extend(list(element))
    return root


def _per_node(device: Device, element: etree._Element) -> etree._Element:
    """Return the reply of a device; that of a cluster contains it once per node, each with its name."""
    if not device.options.cluster:
        return element
    results = etree.Element("multi-routing-engine-results")
    for node in ("node0", "node1"):
        item = etree.SubElement(results, "multi-routing-engine-item")
        etree.SubElement(item, "re-name").text = node
        item.append(etree.fromstring(etree.tostring(element)))
    return results


def serial_number(device: Device) -> str:
    """Return a serial number that is unique to the device and the same at every start."""
    return f"LAB{zlib.crc32(device.host.encode()):08X}"


def _chassis_inventory(device: Device, arguments: Arguments) -> etree._Element:
    chassis = _tree(
        "chassis-inventory",
        (
            "chassis",
            [
                ("name", "Chassis"),
                ("serial-number", serial_number(device)),
                ("description", device.options.model.upper()),
                ("chassis-module", [("name", "Midplane")]),
                (
                    "chassis-module",
                    [("name", "Routing Engine 0"), ("description", f"{device.options.model.upper()} RE")],
                ),
            ],
        ),
    )
    return _per_node(device, _with_namespace(chassis, _namespace(device, "junos-chassis")))


def _route_engine(device: Device, arguments: Arguments) -> etree._Element:
    up = int(device.clock.now() - device.booted_at)
    engine = _tree(
        "route-engine-information",
        (
            "route-engine",
            [
                ("status", "OK"),
                ("model", f"{device.options.model.upper()} RE"),
                ("start-time", stamp(device.booted_at)),
                (
                    "up-time",
                    f"{up // 86400} days, {up % 86400 // 3600} hours, {up % 3600 // 60} minutes, {up % 60} seconds",
                ),
                ("last-reboot-reason", device.last_reboot_reason),
            ],
        ),
    )
    return _per_node(device, _with_namespace(engine, _namespace(device, "junos-chassis")))


def _memory(device: Device, arguments: Arguments) -> etree._Element:
    summary = [
        ("system-memory-total", 4084368),
        ("system-memory-total-percent", 100),
        ("system-memory-free", 1421344),
        ("system-memory-free-percent", 34),
    ]
    memory = _tree("system-memory-information", ("system-memory-summary-information", summary))
    return _per_node(device, _with_namespace(memory, _namespace(device, "junos-memory")))


# The interfaces between the parts of a device, in a routing instance that configurations do not show. Clients read from
# them the name of the routing engine they are connected to: 129 and the cluster's number is node 0, 143 the primary.
_INTERNAL = {False: ("128.0.0.1/2", "128.0.0.4/2"), True: ("129.16.0.1/2", "143.16.0.1/2")}
_HOSTS = "128.0.0.1 master\n128.0.0.4 re0\n"


def _internal_interfaces(device: Device, arguments: Arguments) -> etree._Element:
    addresses: list[tuple[str, t.Any]] = [
        ("interface-address", [("ifa-local", address)]) for address in _INTERNAL[device.options.cluster]
    ]
    unit = [
        ("name", "em0.0"),
        ("admin-status", "up"),
        ("oper-status", "up"),
        ("address-family", [("address-family-name", "inet"), *addresses]),
    ]
    interface = [("name", "em0"), ("admin-status", "up"), ("oper-status", "up"), ("logical-interface", unit)]
    reply = _tree("interface-information", ("physical-interface", interface))
    return _with_namespace(reply, _namespace(device, "junos-interface"))


def _internal_names(device: Device, arguments: Arguments) -> etree._Element:
    content = _tree("file-content")
    content.text = f"\n{_HOSTS}"
    return content


def _home(device: Device, arguments: Arguments) -> etree._Element:
    listing = _tree("directory-list")
    listing.set("root-path", f"/var/home/{device.user or 'remote'}/")
    etree.SubElement(listing, "directory")
    return _with_namespace(listing, _namespace(device, "junos-filelist"))


_Answer = t.Callable[["Device", Arguments], etree._Element]

# The RPC, an argument that it requires with its value, and its handler.
_ANSWERS: tuple[tuple[str, str, str, _Answer], ...] = (
    ("get-chassis-inventory", "", "", _chassis_inventory),
    ("get-route-engine-information", "", "", _route_engine),
    ("get-system-memory-information", "", "", _memory),
    ("get-interface-information", "routing-instance", "__juniper_private1__", _internal_interfaces),
    ("file-show", "filename", "/etc/hosts.junos", _internal_names),
    ("file-list", "path", "~", _home),
)


def answer(device: Device, name: str, arguments: Arguments) -> etree._Element | None:
    """Return the reply to an RPC about the device itself, or None for any other."""
    for rpc, argument, value, make in _ANSWERS:
        if rpc == name and (not argument or arguments.get(argument) == value):
            return make(device, arguments)
    return None
