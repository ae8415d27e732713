# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Mismatches between both ends of a tunnel, and which of the ends deviates from the plan."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot import parameters
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import Case, End, Fault
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.parameters import (
    KeyReader,
    Parameter,
    Parameters,
)

# Returns whether one end accepts a parameter of the other; None where that is unknown.
Match = t.Callable[[Parameters, Parameters], "bool | None"]


@dataclass(frozen=True)
class _ComparedEnd:
    """An end with its parameters in effect and its planned ones."""

    end: End
    now: Parameters
    planned: Parameters

    def deviates(self, name: str) -> bool:
        """Return whether a parameter differs from the planned one."""
        ours, planned = self.now.get(name), self.planned.get(name)
        return (ours.value if ours else None) != (planned.value if planned else None)


def phase1_faults(case: Case, key: KeyReader) -> list[Fault]:
    """Return the statements that prevent phase 1, in the order in which a negotiation uses them."""
    ends = [
        _ComparedEnd(end, parameters.phase1(end.now, end.tunnel, key), parameters.phase1(end.planned, end.tunnel, key))
        for end in case.readable
    ]
    missing = [
        Fault(one.end.host, f"security ike gateway {one.end.tunnel.gateway}", "set", "not set")
        for one in ends
        if not one.now
    ]
    if missing:
        return missing
    found = [fault for one in ends for fault in _own_fault(one, "external-interface")]
    for name, match in _PHASE1.items():
        # IKEv1 has no AES-GCM in phase 1: another version is the cause, and the proposals may be as planned.
        if name != "proposals" or not any(one.deviates("version") for one in ends):
            found += _mismatches(ends, name, match, "ike")
    return found or [fault for one in ends for fault in _lost_identity(one)]


def phase2_faults(case: Case) -> list[Fault]:
    """Return the statements that prevent phase 2."""
    ends = _phase2_ends(case)
    found = start_faults(case)
    if any(not one.now for one in ends):
        return found
    for name, match in _PHASE2.items():
        found += _mismatches(ends, name, match, "ipsec")
    return found


def start_faults(case: Case) -> list[Fault]:
    """Return the statements that keep an end from starting: VPN, gateway or bind-interface missing or different."""
    found: list[Fault] = []
    for one in _phase2_ends(case):
        if not one.now:
            found.append(Fault(one.end.host, f"security ipsec vpn {one.end.tunnel.vpn}", "set", "not set"))
            continue
        found += _own_fault(one, "gateway") + _own_fault(one, "bind-interface")
    return found


def unknown_keys(case: Case, key: KeyReader) -> list[Fault]:
    """Return the keys that only the device can decode: they may differ."""
    found: list[Fault] = []
    for end in case.readable:
        stored = parameters.phase1(end.now, end.tunnel, key).get("key")
        if stored is not None and stored.value is None:
            found.append(Fault(end.host, stored.statement, "the planned key", stored.shown, certain=False))
    return found


def _phase2_ends(case: Case) -> list[_ComparedEnd]:
    return [
        _ComparedEnd(end, parameters.phase2(end.now, end.tunnel), parameters.phase2(end.planned, end.tunnel))
        for end in case.readable
    ]


def _own_fault(one: _ComparedEnd, name: str) -> list[Fault]:
    """Return the fault of a parameter that concerns one end only, compared with its plan."""
    if not one.deviates(name):
        return []
    ours, planned = one.now[name], one.planned.get(name)
    return [Fault(one.end.host, ours.statement, planned.shown if planned else "not set", ours.shown)]


def _lost_identity(one: _ComparedEnd) -> list[Fault]:
    """Return the fault of an end that sends its address in place of its planned identity.

    Behind NAT its peer does not expect that address, which no comparison of the two configurations shows.
    """
    planned, now = (parameters["local-identity"] for parameters in (one.planned, one.now))
    if not planned.value[0] or now.value[0]:
        return []
    return [Fault(one.end.host, now.statement, planned.shown, now.shown)]


def _mismatches(ends: t.Sequence[_ComparedEnd], name: str, match: Match, phase: str) -> list[Fault]:
    """Return the faults of a parameter on the ends that deviate from the plan, or on both where neither does.

    Where the other end cannot be read, assume that it is as planned.
    """
    first, *rest = ends
    if not rest:
        return [_fault(first, None, name, phase)] if _deviates(first, name) and _is_known(first, name) else []
    [second] = rest
    if False not in (match(first.now, second.now), match(second.now, first.now)):
        return []
    pairs = ((first, second), (second, first))
    deviating = [pair for pair in pairs if _deviates(pair[0], name)]
    if not deviating and name == "address":
        # Both ends are as planned: a device between them may translate addresses.
        return []
    return [_fault(one, peer, name, phase) for one, peer in deviating or pairs]


def _deviates(one: _ComparedEnd, name: str) -> bool:
    return any(one.deviates(part) for part in _PARTS.get(name, (name,)))


def _is_known(one: _ComparedEnd, name: str) -> bool:
    return all(one.now[part].value is not None for part in _PARTS.get(name, (name,)))


def _fault(one: _ComparedEnd, peer: _ComparedEnd | None, name: str, phase: str) -> Fault:
    parts = _PARTS.get(name, (name,))
    part = next((part for part in parts if one.deviates(part)), parts[0])
    ours, planned = one.now[part], one.planned.get(part)
    return Fault(
        host=one.end.host,
        statement=_statement(one, part, ours, phase),
        expected="the planned key" if part == "key" else planned.shown if planned else "not set",
        actual=ours.shown,
        counterpart=_counterpart(peer, part) if peer else "",
    )


def _statement(one: _ComparedEnd, name: str, ours: Parameter, phase: str) -> str:
    """Return the statement that differs from the plan: the reference to a policy before a statement of the policy."""
    reference = "ike-policy" if phase == "ike" else "ipsec-policy"
    if name in ("proposals", "key", "mode", "pfs") and one.deviates(reference):
        return one.now[reference].statement
    if name == "proposals":
        policy = str(one.now[reference].value)
        return parameters.differing_proposal(one.end.now, one.end.planned, phase, policy)
    if name == "local" and not one.end.now.has(*ours.statement.split()):
        unit = parameters.unit_of(str(one.now["external-interface"].value))
        return " ".join(("interfaces", *unit, "family", "inet", "address"))
    return ours.statement


def _counterpart(peer: _ComparedEnd, name: str) -> str:
    mirrored = {
        "address": "local",
        "local": "address",
        "local-identity": "remote-identity",
        "remote-identity": "local-identity",
    }
    return f"{peer.end.host}: {peer.now[mirrored.get(name, name)].statement}"


def _same(name: str) -> Match:
    return lambda one, other: one[name].value == other[name].value


def _common(one: Parameters, other: Parameters) -> bool | None:
    ours, theirs = one["proposals"].value, other["proposals"].value
    return None if ours is None or theirs is None else bool(set(ours) & set(theirs))


def _mode(one: Parameters, other: Parameters) -> bool:
    # IKEv2 has no modes.
    return bool(one["version"].value == "v2-only" or one["mode"].value == other["mode"].value)


def _key(one: Parameters, other: Parameters) -> bool | None:
    ours, theirs = one["key"].value, other["key"].value
    return None if ours is None or theirs is None else bool(ours == theirs)


def _address(one: Parameters, other: Parameters) -> bool | None:
    peers, local = one["address"].value, other["local"].value
    return None if peers is None or local is None else bool(local in peers)


def _identity(one: Parameters, other: Parameters) -> bool | None:
    (configured, sent), (required, accepted) = one["local-identity"].value, other["remote-identity"].value
    # Without configuration both follow from the addresses, which are compared already.
    return bool(sent == accepted) if configured or required else None


def _mirrored(one: Parameters, other: Parameters) -> bool:
    ours, theirs = one["selectors"].value, other["selectors"].value
    # Junos requires equality, it does not narrow.
    return any((local, remote, service) in theirs for remote, local, service in ours)


def _one_end_starts(one: Parameters, other: Parameters) -> bool:
    return not (one["establish"].value and other["establish"].value)


_PHASE1: t.Mapping[str, Match] = {
    "address": _address,
    "version": _same("version"),
    "mode": _mode,
    "proposals": _common,
    "key": _key,
    "identity": _identity,
}
_PHASE2: t.Mapping[str, Match] = {
    "proposals": _common,
    "pfs": _same("pfs"),
    "selectors": _mirrored,
    "establish": _one_end_starts,
}
# Comparisons of one parameter of one end with another parameter of the other end.
_PARTS: t.Mapping[str, tuple[str, ...]] = {
    "address": ("address", "local"),
    "identity": ("local-identity", "remote-identity"),
}
