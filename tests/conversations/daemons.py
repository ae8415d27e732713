# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Let real daemons fail, and read their logs."""

from __future__ import annotations

import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.conversations.facts import Fact, conversation
from tests.oracle.cases import ENDS, PUBLIC, Case
from tests.oracle.certificates import Authorities
from tests.oracle.strongswan import swanctl
from tests.twin.daemon import Daemon
from tests.twin.namespace import Namespace, join

# Pairs of daemons that negotiate at the same time, and the seconds that a negotiation may take.
_PAIRS, _LONGEST = 4, 20
# How often a case is negotiated until its facts are the known ones.
_TRIES = 3
# Seconds in which a renewal is refused: the command does not wait for that.
_RENEWAL = 2
_WAN = {"hub": ("198.51.100.2/30", "198.51.100.1/30"), "spoke": ("203.0.113.2/30", "203.0.113.1/30")}


class _Place:
    """The namespaces of two ends, for one pair of daemons after the other: the logs of each begin with its case."""

    def __init__(self, number: int, folder: Path, authorities: Authorities) -> None:
        self._internet = Namespace(f"internet{number}")
        self._authorities = authorities
        self._folder = folder / str(number)
        self._ends = {end: Namespace(f"{end}{number}") for end in ENDS}
        for end, namespace in self._ends.items():
            address, gateway = _WAN[end]
            join((namespace, "wan", address), (self._internet, f"to-{end}", gateway))
            namespace.ip("route", "add", "default", "via", gateway.partition("/")[0])
            self._internet.ip("address", "add", PUBLIC[end], "dev", "lo")
        self._used = 0

    def facts(self, case: Case) -> list[Fact]:
        """Return what the two ends say in a case."""
        self._used += 1
        self._internet.run("nft", "-f", "-", text=_routers(case))
        daemons = {end: Daemon(one, self._folder / f"{self._used}-{end}", tries=2) for end, one in self._ends.items()}
        for end, daemon in daemons.items():
            daemon.wait()
            self._authorities.certify(daemon.folder, case, end)
            daemon.load(swanctl(case.lines[end]))
        if daemons[case.initiator].initiate("peer", _LONGEST):
            # What is up at first fails at its renewal.
            daemons[case.initiator].swanctl("--rekey", "--child", "peer")
            time.sleep(_RENEWAL)
        for daemon in daemons.values():
            # The last packet is on its way yet. What they say while they end is not of the case.
            daemon.swanctl("--stats")
        logs = {end: daemon.log() for end, daemon in daemons.items()}
        for daemon in daemons.values():
            daemon.stop()
        return conversation(logs, case.initiator)


def _routers(case: Case) -> str:
    """Return the rules of the routers in front of the ends, which hide their addresses."""
    if set(case.nat.values()) - {"hides"}:
        raise ValueError(f"{case.name}: expected routers that hide an address, actual others")
    rules = [f"ip saddr {_WAN[end][0].partition('/')[0]} snat to {PUBLIC[end]}" for end in case.nat]
    chain = ["    chain post {", "        type nat hook postrouting priority srcnat;", *rules, "    }"]
    return "\n".join(("flush ruleset", "table ip routers {", *chain, "}", ""))


def converse(cases: t.Sequence[Case], known: t.Mapping[str, t.Sequence[Fact]], folder: Path) -> dict[str, list[Fact]]:
    """Return the facts of each case, by its name.

    A busy machine loses packets or is late with them. So a case whose facts are not the known ones is tried again.
    """
    places: SimpleQueue[_Place] = SimpleQueue()
    authorities = Authorities()
    for number in range(_PAIRS):
        places.put(_Place(number, folder, authorities))

    def one_of(case: Case) -> list[Fact]:
        place = places.get()
        try:
            for _try in range(_TRIES - 1):
                if set(facts := place.facts(case)) == set(known.get(case.name, ())):
                    return facts
            return place.facts(case)
        finally:
            places.put(place)

    with ThreadPoolExecutor(_PAIRS) as pool:
        return dict(zip([case.name for case in cases], pool.map(one_of, cases), strict=True))
