# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The root causes of a run: each finding that is not ok, and each host that failed, has exactly one.

A failed finding follows from another one that explains it: no phase 1, so no phase 2, no next-hop tunnel, no route and
no ping, at both ends of the tunnel; a device out of reach, so no tunnel to it. An unknown finding explains no failed
one, and none explains it: a refused question has a reason of its own. Faults with the same words are one cause.
"""

from __future__ import annotations

import re
import typing as t
from collections import Counter
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import Parts, Sentence
from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._report.conclusion import UNSETTLED

Pair = frozenset[str]
Entry = dict[str, t.Any]
Key = tuple[t.Any, ...]

# The layers of a tunnel from the lowest up, each check on its own. The error of a device is below all of them; a
# finding that belongs to no tunnel is apart from them.
_LAYERS = {
    "ike": 1,
    "ike_algorithms": 2,
    "ipsec": 3,
    "ipsec_algorithms": 4,
    "proxy_identities": 4,
    "lifetimes": 4,
    "monitoring": 4,
    "next_hop_tunnels": 5,
    "routes": 6,
    "statistics": 6,
    "pings": 8,
}
_ERROR, _APART = 0, 9
# Findings of a device as a whole: a spoke's route to the hub, which all else needs, and the policies.
_OF_SPOKE, _OF_DEVICE = {"internet_exit": _ERROR}, {"policies": 7}
# A failure of these leaves nothing above them in order. The others examine a tunnel that works.
_CARRYING = ("ike", "ipsec", "monitoring", "next_hop_tunnels")
# What a finding says of packets that a policy should let pass.
_DENIED = re.compile(r"(\S+) to (\S+) [^;:]*: policy [^;]*?, (?!permit)")
_MORE = re.compile(r" and \d+ more$")
# A tunnel has several objects of these: networks.
_OF_NETWORKS = ("routes", "pings")
_WRONG = ("failed", "unknown")
# What a device refuses at its commit check it explains in its own words.
_COMMIT_CHECK = "commit check"
_REFUSED = (
    "read the device's own message",
    "correct the inventory or the statement that it names",
    "run again with --check",
)
# Without an answer to it nothing tells what the device has done: it may have restarted.
_NO_REPLY = ("a reply", "none (")
_SILENT = ("see whether the device has restarted, and what its log says", "run again")
# A bastion fails for all devices behind it, whichever of them was to be reached.
_BEHIND_BASTION = re.compile(r"(bastion .*?) \([^()]* port \d+\)$")
# The second of a commit is another one on each device.
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
RUN = "run"
"""The check of a cause that lies with no device."""


@dataclass(frozen=True)
class Fault:
    """A finding that is not ok, the error of a device, or the reason that stopped the whole run.

    ``path`` are the tunnels in its way, as pairs of hosts; ``ends`` are the two hosts that it concerns. ``order`` is
    the position of the host in the plan. ``at_hub`` says that a ping is to a network of the hub: no other host of a
    tunnel pings it.
    """

    host: str
    check: str
    object: str
    state: str
    expected: str
    actual: str
    remedy: str = ""
    peer: str = ""
    tunnel: str = ""
    layer: int = _APART
    path: frozenset[Pair] = frozenset()
    ends: Pair = frozenset()
    is_away: bool = False
    order: int = 0
    at_hub: bool = False

    @property
    def key(self) -> Key:
        """The place among the faults, by what they are and not by the order in which they were found."""
        return (
            self.state != "failed",
            self.layer,
            self.order,
            self.host,
            self.check,
            self.object,
            self.actual,
            self.expected,
        )

    @property
    def words(self) -> Key:
        """The words that are the same at two hosts, or for two objects, with the same cause."""
        actual = _TIME.sub("", self.actual.replace(self.host, ""))
        if self.state == "unknown":
            return self.state, self.check, actual
        if self.at_hub:
            # Spokes that get no answer from a network of the hub have that in common.
            return self.state, self.check, actual, self.object
        is_of_network = self.check in _OF_NETWORKS and bool(self.tunnel)
        where = (self.host, self.tunnel) if is_of_network else (self.object,)
        return self.state, self.check, actual, self.expected.replace(self.host, ""), where


def add_causes(
    plan: FleetPlan,
    hosts: t.Sequence[Entry],
    outcomes: t.Mapping[str, t.Mapping[str, t.Any]],
    files: t.Mapping[str, str],
) -> list[Entry]:
    """Return the causes, and give each host and each finding of a report the index of its own.

    ``outcomes`` are those that the hosts were made of. In addition they may have ``stage`` (where
    a device failed by itself), ``because_of`` (the hosts because of which it failed) and ``stopped_by`` (why the whole
    run did not go on). ``files`` are the paths of the texts that operators enter, by host.
    """
    fleet = _Fleet(plan)
    found = [(finding, fleet.of_finding(finding)) for host in hosts for finding in host["findings"]]
    wrong = [(finding, fault) for finding, fault in found if fault.state in _WRONG]
    errors = {host["host"]: mine for host in hosts if (mine := fleet.of_host(host, outcomes[host["host"]]))}
    faults = [fault for _finding, fault in wrong] + [error for found in errors.values() for error in found]
    cause_of = grouped(faults, fleet.hub, fleet.owners)
    causes = sorted(set(cause_of.values()), key=lambda cause: cause.key)
    index = {cause: number for number, cause in enumerate(causes)}
    numbers = {fault: index[cause] for fault, cause in cause_of.items()}
    for finding, fault in wrong:
        finding["cause"] = numbers[fault]
    own: dict[str, list[Fault]] = {}
    for fault in faults:
        own.setdefault(fault.host, []).append(fault)
    own |= errors
    for host in hosts:
        if host["host"] in own:
            # A cause of its own comes first, then those of others, and the lowest layer before what is above.
            first = min(own[host["host"]], key=lambda fault: (cause_of[fault].host != fault.host, fault.key))
            host["cause"] = numbers[first]
    _refer(hosts, outcomes)
    follows = [Counter[str]() for _cause in causes]
    for fault in faults:
        follows[numbers[fault]][fault.check] += fault != causes[numbers[fault]]
    return [
        _entry(number, cause, fleet.fix(cause, files), follows[number], hosts) for number, cause in enumerate(causes)
    ]


def grouped(faults: t.Collection[Fault], hub: str, owners: t.Mapping[str, str]) -> dict[Fault, Fault]:
    """Return the cause of each fault, which is itself where nothing explains it."""
    explanations = _Explanations(faults, hub, owners)
    roots: dict[Fault, Fault] = {}
    # A cause comes before what follows from it.
    for fault in sorted(set(faults), key=lambda one: one.key):
        parent = explanations.of(fault)
        roots[fault] = fault if parent is None else roots[parent]
    same: dict[Key, Fault] = {}
    for root in roots.values():
        same.setdefault(root.words, root)
    return {fault: same[root.words] for fault, root in roots.items()}


class _Explanations:
    """The faults that may explain others, each found by what it breaks."""

    def __init__(self, faults: t.Iterable[Fault], hub: str, owners: t.Mapping[str, str]) -> None:
        self._hub = hub
        self._owners = owners
        self._networks: dict[str, list[str]] = {}
        for network, host in owners.items():
            self._networks.setdefault(host, []).append(network)
        self._first: dict[Key, Fault] = {}
        for fault in faults:
            if fault.state == "failed":
                for broken in self._broken_by(fault):
                    known = self._first.get(broken)
                    self._first[broken] = fault if known is None else min(known, fault, key=lambda one: one.key)

    def of(self, fault: Fault) -> Fault | None:
        """Return the lowest fault that explains this one, ``None`` without any."""
        if fault.state != "failed":
            return None
        found = [self._first[needed] for needed in self._needed_by(fault) if needed in self._first]
        before = [one for one in found if one.key < fault.key]
        return min(before, key=lambda one: one.key) if before else None

    def _broken_by(self, fault: Fault) -> t.Iterator[Key]:
        if fault.is_away:
            yield "device", fault.host
        elif fault.check == "internet_exit":
            yield "exit", fault.host
        elif fault.check == "policies":
            yield from (("packets", *networks) for networks in _DENIED.findall(fault.actual))
            if _MORE.search(fault.actual):
                yield "packets", fault.host
        elif fault.check == "routes":
            yield "route", fault.host, self._owners.get(fault.object, "")
        elif fault.check == "pings":
            yield "answer", fault.ends
        elif fault.ends:
            yield fault.check, fault.ends

    def _needed_by(self, fault: Fault) -> t.Iterator[Key]:
        if fault.layer == _ERROR:
            return
        for pair in fault.path:
            yield from (("device", host) for host in pair - {fault.host})
            yield from (("exit", host) for host in pair)
            yield from ((check, pair) for check in _CARRYING if _LAYERS[check] < fault.layer)
        if fault.check == "pings":
            for pair in fault.path:
                yield "answer", pair
            yield "answer", fault.ends
            yield from (("packets", source, fault.object) for source in self._networks.get(fault.host, ()))
            yield from (("packets", host) for host in frozenset().union(*fault.path))
            for host in fault.ends:
                yield from (("route", host, other) for other in (*(fault.ends - {host}), ""))
                yield "route", self._hub, host
        elif fault.ends:
            yield fault.check, fault.ends


class _Fleet:
    """The parts of a plan that tell which tunnels a finding depends on."""

    def __init__(self, plan: FleetPlan) -> None:
        self.hub = plan.hub.host
        self.owners = {lan.network: device.host for device in plan.devices for lan in device.site.networks}
        self._order = {device.host: number for number, device in enumerate(plan.devices)}

    def of_finding(self, finding: t.Mapping[str, t.Any]) -> Fault:
        host, peer, check = str(finding["host"]), str(finding["peer"]), str(finding["check"])
        owner = self.owners.get(str(finding["object"]), peer) if check == "pings" else peer
        path = {frozenset((host, peer))} if peer else set[Pair]()
        if peer == self.hub and owner not in (peer, host):
            path.add(frozenset((peer, owner)))
        of_device = _OF_DEVICE if host == self.hub else {**_OF_SPOKE, **_OF_DEVICE}
        return Fault(
            host=host,
            check=check,
            object=finding["object"],
            state=finding["state"],
            expected=finding["expected"],
            actual=finding["actual"],
            remedy=finding["remedy"],
            peer=peer,
            tunnel=finding["tunnel"],
            layer=(_LAYERS if peer else of_device).get(check, _APART),
            path=frozenset(path),
            ends=frozenset((host, owner)) if peer else frozenset(),
            order=self._order_of(host),
            at_hub=check == "pings" and owner == self.hub,
        )

    def of_host(self, host: t.Mapping[str, t.Any], outcome: t.Mapping[str, t.Any]) -> list[Fault]:
        """Return the errors of a device, or the reason that stopped it with the whole run; none without either.

        An error of several lines about the host is several: conflicts with its own statements, for instance.
        """
        stopped_by, name = str(outcome.get("stopped_by") or ""), str(host["host"])
        has_wrong = any(finding["state"] in _WRONG for finding in host["findings"])
        if not host["failed"] or outcome.get("because_of"):
            return []
        if stopped_by and not host["reason"]:
            return [self._error("", RUN, stopped_by, "failed")]
        if not host["reason"] and has_wrong:
            return []
        text = Parts(host["message"], host["remedy"], host["detail"]).whole
        state = "unknown" if host["state"] in UNSETTLED else "failed"
        stage = str(outcome.get("stage") or RUN)
        lines = text.splitlines()
        texts = lines if all(line.startswith(f"{name}: ") for line in lines) else [text]
        return [self._error(name, stage, one, state, is_away=host["unreachable"]) for one in texts]

    def _error(self, host: str, check: str, text: str, state: str, *, is_away: bool = False) -> Fault:
        sentence = Sentence.of(text, host)
        return Fault(
            host=host,
            check=check,
            object=_BEHIND_BASTION.sub(r"\1", sentence.object),
            state=state,
            expected=sentence.expected,
            actual=sentence.actual,
            remedy=sentence.remedy,
            layer=_ERROR,
            is_away=is_away,
            order=self._order_of(host),
        )

    def fix(self, cause: Fault, files: t.Mapping[str, str]) -> list[str]:
        """Return what to do about a cause, step by step: first what an operator does, last the diagnosis."""
        steps = [cause.remedy] if cause.remedy else list(_steps_without_remedy(cause))
        if not cause.tunnel:
            return steps
        spoke = cause.peer if cause.host == self.hub else cause.host
        if cause.state == "failed" and cause.check == "ike":
            steps = [f"compare the pre-shared keys and the IKE parameters of {self.hub} and {spoke}"]
        entered = [f"enter {files[spoke]} on {spoke}"] if spoke in files else []
        return [*entered, *steps, f"ansible-playbook hubspoke.srx.troubleshoot -l {spoke}"]

    def _order_of(self, host: str) -> int:
        return self._order.get(host, len(self._order))


def _steps_without_remedy(cause: Fault) -> tuple[str, ...]:
    if cause.object == _COMMIT_CHECK:
        return _REFUSED
    expected, actual = _NO_REPLY
    return _SILENT if cause.expected == expected and cause.actual.startswith(actual) else ()


def _refer(hosts: t.Sequence[Entry], outcomes: t.Mapping[str, t.Mapping[str, t.Any]]) -> None:
    """Give hosts that failed because of others the first cause of their tunnel there, else that of the first."""
    known = {host["host"]: host for host in hosts}
    for host in hosts:
        if host["failed"] and host["cause"] is None:
            because_of = outcomes[host["host"]].get("because_of") or ()
            others = [known[other] for other in because_of if other in known]
            found = [one for other in others for one in other["findings"] if one["peer"] == host["host"]]
            of_tunnel = sorted(one["cause"] for one in found if one["cause"] is not None)
            causes = [*of_tunnel, *(other["cause"] for other in others)]
            host["cause"] = next((cause for cause in causes if cause is not None), None)


def _entry(number: int, cause: Fault, fix: list[str], follows: Counter[str], hosts: t.Sequence[Entry]) -> Entry:
    order = {check: position for position, check in enumerate(CHECKS)}
    return {
        "host": cause.host,
        "peer": cause.peer,
        "tunnel": cause.tunnel,
        "check": cause.check,
        "object": cause.object,
        "state": cause.state,
        "expected": cause.expected,
        "actual": cause.actual,
        "remedy": fix,
        "follows": {
            check: follows[check] for check in sorted(+follows, key=lambda one: (order.get(one, len(order)), one))
        },
        "hosts": [host["host"] for host in hosts if host["failed"] and host["cause"] == number],
    }
