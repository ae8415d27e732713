# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cases: a base network, a change at one end or at both, the end that starts, and an event."""

from __future__ import annotations

import hashlib
import json
import typing as t
from functools import cache
from pathlib import Path

import yaml

from tests.oracle.strongswan import is_passive

ENDS = ("hub", "spoke")
BOTH = "both"
# What the router in front of an end shows.
PUBLIC = {"hub": "192.0.2.1", "spoke": "192.0.2.2"}
_FILE = Path(__file__).parent / "cases.yml"

Lines = tuple[str, ...]
# What differs from a certificate of the authority that both ends trust, with the host name of the end.
Certificate = t.Mapping[str, str]
NOTHING: t.Mapping[str, t.Any] = {}
_Table = t.Mapping[str, t.Any]


class Case(t.NamedTuple):
    """Two configurations as ``set`` and ``delete`` lines by end, and the end that starts: ``both`` do at once.

    ``nat`` says per end what the router in front of it does: it ``forwards`` IKE to the device, or ``hides`` it.
    ``certificates`` says per end what differs from a good certificate. ``dies`` is the end whose daemon is killed once
    the tunnel is up.
    """

    name: str
    lines: t.Mapping[str, Lines]
    initiator: str
    nat: t.Mapping[str, str] = NOTHING
    certificates: t.Mapping[str, Certificate] = NOTHING
    dies: str = ""

    @property
    def digest(self) -> str:
        """Return what tells whether a recorded verdict is of this case as it is now."""
        parts: list[object] = [dict(self.lines), self.initiator]
        more = [dict(self.nat), {end: dict(one) for end, one in self.certificates.items()}, self.dies]
        content = json.dumps([*parts, *more] if any(more) else parts, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]


@cache
def cases() -> tuple[Case, ...]:
    """Return every case of the file."""
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(case for base in data["bases"] for case in _of_base(data, base))


def _of_base(data: _Table, base: str) -> t.Iterator[Case]:
    common = data["bases"][base]
    whole = {end: (*_lines(data["common"], end), *_lines(common, end)) for end in ENDS}
    certificates = dict.fromkeys(ENDS, NOTHING) if common.get("certificates") else {}
    for name, change in data["changes"].items():
        if base not in change.get("bases", _usual(data)):
            continue
        # Without a change the two ends are alike.
        for changed in ENDS if change["lines"] or change.get("certificate") else ENDS[:1]:
            lines = {end: (*whole[end], *(change["lines"] if end == changed else ())) for end in ENDS}
            where = f"{base}: {name} at the {changed}" if name != "none" else f"{base}: no change"
            own = certificates | {changed: change["certificate"]} if "certificate" in change else certificates
            yield from _started(Case(where, lines, "", certificates=own))
    for name, change in data["pairs"].items():
        if base in change.get("bases", _usual(data)):
            lines = {end: (*whole[end], *change.get("both", ()), *change.get(end, ())) for end in ENDS}
            case = Case(f"{base}: {name}", lines, "", change.get("nat", NOTHING), certificates)
            yield from _with_events(case, change)


def _usual(data: _Table) -> list[str]:
    """Return the bases of a change that names none."""
    return [name for name, base in data["bases"].items() if not base.get("alone")]


def _with_events(case: Case, change: _Table) -> t.Iterator[Case]:
    if "dies" in change:
        for dead in ENDS:
            name = f"{case.name}, the {dead} dies"
            yield case._replace(name=name, initiator=change["dies"], dies=dead)
    elif change.get("at_once"):
        yield case._replace(name=f"{case.name}, both start", initiator=BOTH)
    else:
        yield from _started(case)


def _started(case: Case) -> t.Iterator[Case]:
    for one in ENDS:
        if not is_passive(case.lines[one]):
            yield case._replace(name=f"{case.name}, the {one} starts", initiator=one)


def _lines(part: t.Mapping[str, t.Sequence[str]], end: str) -> Lines:
    return (*part.get("both", ()), *part.get(end, ()))
