# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Both ends of a tunnel laid side by side: on what they cannot agree, and which of them has left the plan."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot import parameters
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import Case, End, Fault
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.parameters import KeyReader, Term, Terms

# Whether two ends agree on a term; None where that cannot be told.
Agreement = t.Callable[[Terms, Terms], "bool | None"]


@dataclass(frozen=True)
class _Side:
    """An end with its terms, in effect and planned."""

    end: End
    terms: Terms
    planned: Terms

    def off_plan(self, name: str) -> bool:
        ours, wanted = self.terms.get(name), self.planned.get(name)
        return (ours.value if ours else None) != (wanted.value if wanted else None)


def phase1_faults(case: Case, key: KeyReader) -> list[Fault]:
    """Why phase 1 cannot come up, by configuration: in the order in which a negotiation meets it."""
    sides = [
        _Side(end, parameters.phase1(end.now, end.tunnel, key), parameters.phase1(end.planned, end.tunnel, key))
        for end in case.readable
    ]
    missing = [
        Fault(side.end.host, f"security ike gateway {side.end.tunnel.gateway}", "set", "not set")
        for side in sides
        if not side.terms
    ]
    if missing:
        return missing
    found = [fault for side in sides for fault in _own(side, "external-interface")]
    for name, agree in _PHASE1.items():
        found += _faults(sides, name, agree, "ike")
    return found


def phase2_faults(case: Case) -> list[Fault]:
    """Why phase 2 cannot come up, by configuration."""
    sides = _phase2_sides(case)
    found = start_faults(case)
    if any(not side.terms for side in sides):
        return found
    for name, agree in _PHASE2.items():
        found += _faults(sides, name, agree, "ipsec")
    return found


def start_faults(case: Case) -> list[Fault]:
    """What keeps an end from even starting: no VPN, none of its gateway, or no interface that leads into it."""
    found: list[Fault] = []
    for side in _phase2_sides(case):
        if not side.terms:
            found.append(Fault(side.end.host, f"security ipsec vpn {side.end.tunnel.vpn}", "set", "not set"))
            continue
        found += _own(side, "gateway") + _own(side, "bind-interface")
    return found


def unknown_keys(case: Case, key: KeyReader) -> list[Fault]:
    """Keys that nobody but the device can decode: they may differ."""
    found: list[Fault] = []
    for end in case.readable:
        term = parameters.phase1(end.now, end.tunnel, key).get("key")
        if term is not None and term.value is None:
            found.append(Fault(end.host, term.place, "the planned key", term.shown, False))
    return found


def _phase2_sides(case: Case) -> list[_Side]:
    return [
        _Side(end, parameters.phase2(end.now, end.tunnel), parameters.phase2(end.planned, end.tunnel))
        for end in case.readable
    ]


def _own(side: _Side, name: str) -> list[Fault]:
    """A term that concerns one end alone, so that the plan is all it can be compared with."""
    if not side.off_plan(name):
        return []
    ours, wanted = side.terms[name], side.planned.get(name)
    return [Fault(side.end.host, ours.place, wanted.shown if wanted else "not set", ours.shown)]


def _faults(sides: t.Sequence[_Side], name: str, agree: Agreement, phase: str) -> list[Fault]:
    if len(sides) < 2:
        # The other end cannot be read: it is taken to be as planned.
        return [_blame(side, None, name, phase) for side in sides if _left(side, name) and _told(side, name)]
    one, other = sides
    verdicts = (agree(one.terms, other.terms), agree(other.terms, one.terms))
    if False not in verdicts:
        return []
    blamed = [pair for pair in ((one, other), (other, one)) if _left(pair[0], name)]
    if not blamed and name == "address":
        # As planned at both ends: whatever stands between them may well translate addresses.
        return []
    return [_blame(side, peer, name, phase) for side, peer in blamed or ((one, other), (other, one))]


def _left(side: _Side, name: str) -> bool:
    """Whether a side has left the plan in what an agreement is made of."""
    return any(side.off_plan(part) for part in _PARTS.get(name, (name,)))


def _told(side: _Side, name: str) -> bool:
    return all(side.terms[part].value is not None for part in _PARTS.get(name, (name,)))


def _blame(side: _Side, peer: _Side | None, name: str, phase: str) -> Fault:
    part = next((part for part in _PARTS.get(name, (name,)) if side.off_plan(part)), _PARTS.get(name, (name,))[0])
    ours, wanted = side.terms[part], side.planned.get(part)
    place = _place(side, part, ours, phase)
    theirs = _counterpart(peer, name, part) if peer else ""
    expected = "the planned key" if part == "key" else wanted.shown if wanted else "not set"
    return Fault(side.end.host, place, expected, ours.shown, counterpart=theirs)


def _place(side: _Side, name: str, term: Term, phase: str) -> str:
    """Where exactly an end differs from its plan: which policy it uses comes before what stands in the policy."""
    reference = "ike-policy" if phase == "ike" else "ipsec-policy"
    if name in ("proposals", "key", "mode", "pfs") and side.off_plan(reference):
        return side.terms[reference].place
    if name == "proposals":
        return parameters.proposal_place(side.end.now, side.end.planned, phase, str(side.terms[reference].value))
    if name == "selectors" and side.off_plan(name):
        return term.place
    if name == "local" and not side.end.now.has(*term.place.split()):
        device = parameters.unit_of(str(side.terms["external-interface"].value))
        return " ".join(("interfaces", *device, "family", "inet", "address"))
    return term.place


def _counterpart(peer: _Side, name: str, part: str) -> str:
    mirrored = {"address": "local", "local": "address", "local-identity": "remote-identity"}
    mirrored["remote-identity"] = "local-identity"
    term = peer.terms[mirrored.get(part, part)]
    return f"{peer.end.host}: {term.place}"


def _same(name: str) -> Agreement:
    return lambda one, other: one[name].value == other[name].value


def _common(one: Terms, other: Terms) -> bool | None:
    ours, theirs = one["proposals"].value, other["proposals"].value
    return None if ours is None or theirs is None else bool(set(ours) & set(theirs))


def _mode(one: Terms, other: Terms) -> bool:
    # IKEv2 has no modes.
    return bool(one["version"].value == "v2-only" or one["mode"].value == other["mode"].value)


def _key(one: Terms, other: Terms) -> bool | None:
    ours, theirs = one["key"].value, other["key"].value
    return None if ours is None or theirs is None else bool(ours == theirs)


def _address(one: Terms, other: Terms) -> bool | None:
    peers, local = one["address"].value, other["local"].value
    return None if peers is None or local is None else bool(local in peers)


def _identity(one: Terms, other: Terms) -> bool | None:
    (written, says), (demanded, wants) = one["local-identity"].value, other["remote-identity"].value
    # Where neither is written both follow from the addresses, which are compared already.
    return bool(says == wants) if written or demanded else None


def _mirrored(one: Terms, other: Terms) -> bool:
    ours, theirs = one["selectors"].value, other["selectors"].value
    # Junos demands equality here, it does not narrow.
    return any((local, remote, service) in theirs for remote, local, service in ours)


def _somebody_starts(one: Terms, other: Terms) -> bool:
    return not (one["establish"].value and other["establish"].value)


_PHASE1: t.Mapping[str, Agreement] = {
    "address": _address,
    "version": _same("version"),
    "mode": _mode,
    "proposals": _common,
    "key": _key,
    "identity": _identity,
}
_PHASE2: t.Mapping[str, Agreement] = {
    "proposals": _common,
    "pfs": _same("pfs"),
    "selectors": _mirrored,
    "establish": _somebody_starts,
}
# Agreements made of one term of one end and another of the other end.
_PARTS: t.Mapping[str, tuple[str, ...]] = {
    "address": ("address", "local"),
    "identity": ("local-identity", "remote-identity"),
}
