# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build a reply: XML elements as Junos prints them, text, and the wrapper of a cluster."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from datetime import datetime, timezone

from lxml import etree

from tests.lab.config.problems import SYNTAX_ERROR, Problem
from tests.lab.network import Network
from tests.lab.network.view import DeviceView

XNM = "http://xml.juniper.net/xnm/1.1/xnm"
Value = t.Union[str, int, "etree._Element", None, t.Iterable["etree._Element"]]


class OperationalError(Exception):
    """A failed RPC, with the content of its ``rpc-error``."""

    def __init__(self, message: str, bad_element: str | None = None, kind: str = "protocol") -> None:
        super().__init__(message)
        self.problem = Problem(message, bad_element=bad_element or "", error_type=kind)


def syntax_error(element: str) -> OperationalError:
    """Return the refusal of an RPC or argument that the device does not have."""
    return OperationalError(SYNTAX_ERROR, element)


@dataclass(frozen=True)
class Answer:
    """A reply in the requested format: one element, or text without the ``output`` element around it."""

    xml: etree._Element | None = None
    text: str | None = None


@dataclass
class Reply:
    """The result of an RPC's function, in both forms. ``nodes`` are the nodes of a cluster that have content."""

    xml: etree._Element | None
    text: str
    nodes: tuple[str, ...] = ("node0",)
    padded: bool = True
    wrapped: bool = True


@dataclass(frozen=True)
class Request:
    """One RPC to one device."""

    network: Network
    host: str
    rpc: str
    arguments: t.Mapping[str, str | bool]

    @property
    def view(self) -> DeviceView:
        return self.network.view(self.host)

    @property
    def device(self) -> t.Any:
        return self.network.devices[self.host]

    def own(self, name: str) -> t.Any:
        """Return an attribute that a device of the lab has and a device of a test of the network lacks, or ``None``."""
        return getattr(self.device, name, None)

    @property
    def options(self) -> t.Any:
        return self.device.options

    @property
    def iked(self) -> bool:
        return bool(self.options.flavour == "iked")

    @property
    def cluster(self) -> bool:
        return bool(self.options.cluster)

    @property
    def release(self) -> tuple[int, int]:
        """Return year and number of the release: ``(24, 4)``."""
        found = re.match(r"(\d+)\.(\d+)", self.options.release)
        return (int(found[1]), int(found[2])) if found else (0, 0)

    @property
    def now(self) -> float:
        return self.network.clock.now()

    @property
    def namespaces(self) -> Namespaces:
        return Namespaces(self.options.release, self.release)

    def text(self, *names: str) -> str | None:
        """Return the value of an argument under any of its names."""
        for name in names:
            value = self.arguments.get(name)
            if isinstance(value, str) and value.strip():
                return value.strip()
        return None

    def number(self, *names: str) -> int | None:
        """Return the value as a number. Raise ``OperationalError`` if it is not one."""
        text = self.text(*names)
        if text is None:
            return None
        if not re.fullmatch(r"[0-9]{1,20}", text):
            raise OperationalError(f"Invalid numeric value: '{text}'", names[0])
        return int(text)

    def flag(self, *names: str) -> bool:
        """Return whether an empty argument such as ``detail`` is present."""
        return any(name in self.arguments and self.arguments[name] is not False for name in names)


@dataclass(frozen=True)
class Namespaces:
    """The namespaces of a release."""

    release: str
    number: tuple[int, int]

    @property
    def junos(self) -> str:
        return f"http://xml.juniper.net/junos/{self.release}/junos"

    def of(self, family: str) -> str:
        """Return the namespace of a reply family such as ``routing``: newer devices have R0 for every release."""
        year, part = self.number
        base = f"{year}.{part}R0" if year >= 20 else re.sub(r"\.\d+$", "", self.release)
        return f"http://xml.juniper.net/junos/{base}/junos-{family}"


class Maker:
    """Makes elements, all in the namespace of one reply family, or in none."""

    def __init__(self, request: Request, family: str | None = None) -> None:
        self._junos = request.namespaces.junos
        self._prefix = f"{{{request.namespaces.of(family)}}}" if family else ""
        self._nsmap = {"junos": self._junos}
        if family:
            self._nsmap[None] = request.namespaces.of(family)  # type: ignore[index]

    def __call__(self, name: str, *values: Value, **junos: object) -> etree._Element:
        """Return an element. ``values`` are text, children, or ``None`` for no content; keywords junos: attributes."""
        element = etree.Element(f"{self._prefix}{name}", nsmap=self._nsmap)
        for key, value in junos.items():
            element.set(f"{{{self._junos}}}{key}", str(value))
        for value in values:
            if isinstance(value, (str, int)):
                element.text = str(value)
            elif isinstance(value, etree._Element):
                element.append(value)
            elif value is not None:
                element.extend(value)
        return element

    def rows(self, pairs: t.Iterable[tuple[str, str | int | None]]) -> list[etree._Element]:
        """Return leaves of names and values, without those whose value is ``None``."""
        return [self(name, value) for name, value in pairs if value is not None]


def pad(element: etree._Element) -> etree._Element:
    """Put every value on a line of its own, as recent releases do in many replies."""
    for child in element.iter():
        if not len(child) and child.text:
            child.text = f"\n{child.text}\n"
    return element


def spread(element: etree._Element) -> etree._Element:
    """Put one element on a line, without indentation."""
    for child in element.iter():
        if len(child):
            child.text = "\n"
        child.tail = "\n"
    return element


def wrap(request: Request, reply: Reply) -> Answer:
    """Return a reply as the device sends it, in the envelope of a cluster if it is one."""
    if reply.xml is not None and reply.padded and request.options.padded:
        pad(reply.xml)
    nodes = _nodes(request, reply)
    if nodes is None:
        return Answer(spread(reply.xml) if reply.xml is not None else None, reply.text)
    make = Maker(request)
    items = []
    text = []
    for node in nodes:
        # The other node has no content of its own: it sends the reply's root, empty.
        present = node in reply.nodes
        copy = etree.fromstring(etree.tostring(reply.xml)) if reply.xml is not None else None
        if copy is not None and not present:
            del copy[:]
        items.append(make("multi-routing-engine-item", make("re-name", node), copy))
        text.append(f"{node}:\n{'-' * 74}\n{reply.text if present else ''}")
    return Answer(spread(make("multi-routing-engine-results", items)), "\n".join(text))


def _nodes(request: Request, reply: Reply) -> tuple[str, ...] | None:
    if not (request.cluster and reply.wrapped):
        return None
    wanted = request.text("node")
    if request.flag("local") or wanted in ("0", "local", "primary"):
        return ("node0",)
    return ("node1",) if wanted == "1" else reply.nodes


def xnm_error(daemon: str, message: str) -> etree._Element:
    """Return an error that a daemon reports inside a successful reply."""
    element = etree.Element(f"{{{XNM}}}error", nsmap={None: XNM, "xnm": XNM})  # type: ignore[dict-item]
    for name, value in (("source-daemon", daemon), ("message", message)):
        etree.SubElement(element, f"{{{XNM}}}{name}").text = value
    return element


def joined(lines: t.Iterable[str]) -> str:
    """Return lines as a text."""
    return "".join(f"{line}\n" for line in lines)


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, timezone.utc)


def duration(seconds: float) -> str:
    """Return an age as routes print it: ``01:49:14``, ``2d 03:04:05``, ``3w1d 00:00:01``."""
    rest = int(max(0.0, seconds))
    days, rest = divmod(rest, 86400)
    clock = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    weeks, days = divmod(days, 7)
    if weeks:
        return f"{weeks}w{days}d {clock}"
    return f"{days}d {clock}" if days else clock
