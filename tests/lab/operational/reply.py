# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a reply is put together: XML elements as Junos prints them, text, and the wrapping of a cluster."""

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
    """An RPC that fails: what the C(rpc-error) of the reply says."""

    def __init__(self, message: str, bad_element: str | None = None, kind: str = "protocol") -> None:
        super().__init__(message)
        self.problem = Problem(message, bad_element=bad_element or "", error_type=kind)


def syntax_error(element: str) -> OperationalError:
    """The refusal of an RPC or argument that the device does not have."""
    return OperationalError(SYNTAX_ERROR, element)


@dataclass(frozen=True)
class Answer:
    """A reply in the format asked for: one element, or text without the C(output) element around it."""

    xml: etree._Element | None = None
    text: str | None = None


@dataclass
class Reply:
    """What an RPC's function returns: both forms. C(nodes) are those of a cluster that have something to say."""

    xml: etree._Element | None
    text: str
    nodes: tuple[str, ...] = ("node0",)
    padded: bool = True
    wrapped: bool = True


@dataclass(frozen=True)
class Asked:
    """One question to one device."""

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
        """What the device may tell beyond what the network needs of it, or C(None)."""
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
        """Year and number of the release: C((24, 4))."""
        found = re.match(r"(\d+)\.(\d+)", self.options.release)
        return (int(found[1]), int(found[2])) if found else (0, 0)

    @property
    def now(self) -> float:
        return self.network.clock.now()

    @property
    def namespaces(self) -> Namespaces:
        return Namespaces(self.options.release, self.release)

    def text(self, *names: str) -> str | None:
        """The value of an argument under any of its names."""
        for name in names:
            value = self.arguments.get(name)
            if isinstance(value, str) and value.strip():
                return value.strip()
        return None

    def number(self, *names: str) -> int | None:
        """The same as a number. Raises C(OperationalError) for anything else."""
        text = self.text(*names)
        if text is None:
            return None
        if not text.isdigit():
            raise OperationalError(f"Invalid numeric value: '{text}'", names[0])
        return int(text)

    def flag(self, *names: str) -> bool:
        """Whether an empty argument such as C(detail) was given."""
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
        """That of a reply family such as C(routing): newer devices say R0 whatever their release is."""
        year, part = self.number
        base = f"{year}.{part}R0" if year >= 20 else re.sub(r"\.\d+$", "", self.release)
        return f"http://xml.juniper.net/junos/{base}/junos-{family}"


class Maker:
    """Makes elements, all in the namespace of one reply family (or in none)."""

    def __init__(self, asked: Asked, family: str | None = None) -> None:
        self._junos = asked.namespaces.junos
        self._prefix = f"{{{asked.namespaces.of(family)}}}" if family else ""
        self._nsmap = {"junos": self._junos}
        if family:
            self._nsmap[None] = asked.namespaces.of(family)  # type: ignore[index]

    def __call__(self, name: str, *values: Value, **junos: object) -> etree._Element:
        """An element. C(values) are its text, its children, or C(None) for nothing; keywords are junos: attributes."""
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
        """Leaves from names and values; those without a value are left out."""
        return [self(name, value) for name, value in pairs if value is not None]


def pad(element: etree._Element) -> etree._Element:
    """Every value on a line of its own, as recent releases print many replies."""
    for child in element.iter():
        if not len(child) and child.text:
            child.text = f"\n{child.text}\n"
    return element


def spread(element: etree._Element) -> etree._Element:
    """One element a line, without indentation."""
    for child in element.iter():
        if len(child):
            child.text = "\n"
        child.tail = "\n"
    return element


def wrap(asked: Asked, reply: Reply) -> Answer:
    """A reply as the device sends it, within the envelope of a cluster where it is one."""
    if reply.xml is not None and reply.padded and asked.options.padded:
        pad(reply.xml)
    nodes = _nodes(asked, reply)
    if nodes is None:
        return Answer(spread(reply.xml) if reply.xml is not None else None, reply.text)
    make = Maker(asked)
    items = []
    text = []
    for node in nodes:
        # What only the primary has is empty on the other node: the reply's root, and nothing in it.
        present = node in reply.nodes
        copy = etree.fromstring(etree.tostring(reply.xml)) if reply.xml is not None else None
        if copy is not None and not present:
            del copy[:]
        items.append(make("multi-routing-engine-item", make("re-name", node), copy))
        text.append(f"{node}:\n{'-' * 74}\n{reply.text if present else ''}")
    return Answer(spread(make("multi-routing-engine-results", items)), "\n".join(text))


def _nodes(asked: Asked, reply: Reply) -> tuple[str, ...] | None:
    if not (asked.cluster and reply.wrapped):
        return None
    wanted = asked.text("node")
    if asked.flag("local") or wanted in ("0", "local", "primary"):
        return ("node0",)
    return ("node1",) if wanted == "1" else reply.nodes


def xnm_error(asked: Asked, daemon: str, message: str) -> etree._Element:
    """An error that a daemon reports inside a successful reply."""
    element = etree.Element(f"{{{XNM}}}error", nsmap={None: XNM, "xnm": XNM})  # type: ignore[dict-item]
    for name, value in (("source-daemon", daemon), ("message", message)):
        etree.SubElement(element, f"{{{XNM}}}{name}").text = value
    return element


def joined(lines: t.Iterable[str]) -> str:
    """Lines as a text."""
    return "".join(f"{line}\n" for line in lines)


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, timezone.utc)


def duration(seconds: float) -> str:
    """An age as routes print it: C(01:49:14), C(2d 03:04:05), C(3w1d 00:00:01)."""
    rest = int(max(0.0, seconds))
    days, rest = divmod(rest, 86400)
    clock = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    weeks, days = divmod(days, 7)
    if weeks:
        return f"{weeks}w{days}d {clock}"
    return f"{days}d {clock}" if days else clock
