# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``show security`` with ``policies``, ``match-policies``, ``zones`` and ``flow session``."""

from __future__ import annotations

import typing as t

from lxml import etree

from tests.lab.network.applications import of_packet
from tests.lab.network.filtering import decided
from tests.lab.network.results import Session
from tests.lab.network.view import Policy
from tests.lab.operational.reply import Maker, OperationalError, Reply, Request, joined

# Junos numbers configured policies from here: the first ones are its own.
FIRST_POLICY = 4


class _Numbered(t.NamedTuple):
    identifier: int
    sequence: int
    policy: Policy


def numbered(request: Request) -> dict[tuple[str, str], list[_Numbered]]:
    """Return every policy with its identifier and its position in its context."""
    identifier = FIRST_POLICY
    contexts: dict[tuple[str, str], list[_Numbered]] = {}
    for context, policies in request.view.policies.items():
        rows = contexts.setdefault(context, [])
        for sequence, policy in enumerate(policies, 1):
            rows.append(_Numbered(identifier, sequence, policy))
            identifier += 1
    return contexts


def policies(request: Request) -> Reply:
    source, target, name = request.text("from-zone"), request.text("to-zone"), request.text("policy-name")
    contexts = {
        context: [row for row in rows if name in (None, row.policy.name)]
        for context, rows in numbered(request).items()
        if source in (None, context[0]) and target in (None, context[1])
    }
    contexts = {context: rows for context, rows in contexts.items() if rows}
    make = Maker(request)
    default = "permit-all" if request.view.default_permit else "deny-all"
    root = make("security-policies", style="detail" if request.flag("detail") else "brief")
    if source is None and target is None and name is None:
        root.append(make("default-policy", default))
    root.extend(_context_xml(make, context, rows) for context, rows in contexts.items())
    lines = [f"Default policy: {default}"] if source is None and target is None and name is None else []
    for context, rows in contexts.items():
        lines.append(f"From zone: {context[0]}, To zone: {context[1]}")
        lines += [line for row in rows for line in _policy_text(row)]
    return Reply(root, joined(lines), padded=False)


def match_policies(request: Request) -> Reply:
    """Return the policy of a context that decides about a packet, or the default policy. Global ones are not asked."""
    needed = ("from-zone", "to-zone", "source-ip", "destination-ip", "source-port", "destination-port", "protocol")
    values = {name: request.text(name) for name in needed}
    for name, value in values.items():
        if value is None:
            raise OperationalError(f"missing mandatory argument: {name}", name)
    zones = (values["from-zone"] or "", values["to-zone"] or "")
    for zone in zones:
        if zone not in (*request.view.zones, "junos-host"):
            raise OperationalError(f"Zone {zone} not found", kind="application")
    port = values["destination-port"] or ""
    if not port.isdigit():
        raise OperationalError(f"invalid value: {port}", "destination-port")
    matched = of_packet(values["protocol"] or "", int(port))
    found = decided(request.view, zones, values["source-ip"] or "", values["destination-ip"] or "", matched)
    row = next((one for one in numbered(request).get(zones, ()) if one.policy == found), None)
    default = "permit-all" if request.view.default_permit else "deny-all"
    name = "Default-Policy" if row is None else row.policy.name
    identifier, sequence = (2, 2) if row is None else (row.identifier, row.sequence)
    action = default if row is None else row.policy.action
    make = Maker(request)
    root = make("security-policy-match", make(
        "policy-information",
        make.rows((("policy-name", name), ("policy-state", "enabled"), ("policy-identifier", identifier),
                   ("policy-sequence-number", sequence))),
        make("policy-action", make("action-type", action)),
    ))  # fmt: skip
    lines = [f"Policy: {name}, action-type: {action}, State: enabled, Index: {identifier}",
             f"  Sequence number: {sequence}"]  # fmt: skip
    return Reply(root, joined(lines), padded=False)


def _context_xml(make: Maker, context: tuple[str, str], rows: t.Sequence[_Numbered]) -> etree._Element:
    head = make(
        "context-information", make.rows((("source-zone-name", context[0]), ("destination-zone-name", context[1])))
    )
    shown = [make("policies", _policy_xml(make, row)) for row in rows]
    return make("security-context", head, shown)


def _policy_xml(make: Maker, row: _Numbered) -> etree._Element:
    policy = row.policy

    def names(outer: str, inner: str, leaf: str, values: t.Iterable[str]) -> etree._Element:
        return make(outer, [make(inner, make(leaf, value)) for value in values], style="brief")

    return make(
        "policy-information",
        make.rows((
            ("policy-name", policy.name), ("policy-state", "enabled"), ("policy-identifier", row.identifier),
            ("policy-sequence-number", row.sequence),
        )),
        names("source-addresses", "source-address", "address-name", policy.sources),
        names("destination-addresses", "destination-address", "address-name", policy.destinations),
        names("applications", "application", "application-name", policy.applications),
        make("policy-action", make("action-type", policy.action)),
    )  # fmt: skip


def _policy_text(row: _Numbered) -> list[str]:
    policy = row.policy
    return [
        f"  Policy: {policy.name}, State: enabled, Index: {row.identifier}, Scope Policy: 0, "
        f"Sequence number: {row.sequence}",
        f"    Source addresses: {', '.join(policy.sources)}",
        f"    Destination addresses: {', '.join(policy.destinations)}",
        f"    Applications: {', '.join(policy.applications)}",
        f"    Action: {policy.action}",
    ]


def zones(request: Request) -> Reply:
    wanted = request.text("get-zones-named-information", "zone-name")
    names = [zone for zone in request.view.zones if wanted in (None, zone)]
    if wanted is not None and not names:
        raise OperationalError(f"Zone {wanted} not found", kind="application")
    make = Maker(request, "zones")
    style = "terse" if request.flag("terse") else "detail"
    root = make("zones-information", style=style)
    lines: list[str] = []
    # The device's own zone always exists, without interfaces.
    for zone in (*names, *(("junos-host",) if wanted is None else ())):
        interfaces = request.view.zones.get(zone, ())
        root.append(make(
            "zones-security",
            make.rows((
                ("zones-security-zonename", zone), ("zones-security-send-reset", "Off"),
                ("zones-security-policy-configurable", "Yes"), ("zones-security-interfaces-bound", len(interfaces)),
            )),
            make("zones-security-interfaces", [make("zones-security-interface-name", name) for name in interfaces]),
        ))  # fmt: skip
        lines += ["", f"Security zone: {zone}", "  Send reset for non-SYN session TCP packets: Off",
                  "  Policy configurable: Yes  ", f"  Interfaces bound: {len(interfaces)}", "  Interfaces:",
                  *(f"    {name}" for name in interfaces)]  # fmt: skip
    return Reply(root, joined(lines), padded=False)


def flow_sessions(request: Request) -> Reply:
    sessions = [
        session
        for session in _tunnel_sessions(request) + request.network.sessions(request.host)
        if _fits(request, session)
    ]
    make = Maker(request, "flow")
    if request.flag("summary"):
        return _summary(request, len(sessions))
    identifiers = {row.policy.name: row.identifier for rows in numbered(request).values() for row in rows}
    shown = [_session_xml(request, make, session, identifiers) for session in sessions]
    count = make("displayed-session-count", len(sessions))
    lines = [line for session in sessions for line in _session_text(request, session, identifiers)]
    lines.append(f"Total sessions: {len(sessions)}")
    return Reply(make("flow-session-information", shown, count), joined(lines), padded=False)


def _fits(request: Request, session: Session) -> bool:
    source, destination = request.text("source-prefix"), request.text("destination-prefix")
    protocol, interface = request.text("protocol"), request.text("interface")
    if request.flag("tunnel") and session.protocol not in ("esp", "ah"):
        return False
    return (
        (source is None or source.split("/")[0] == session.source)
        and (destination is None or destination.split("/")[0] == session.destination)
        and protocol in (None, session.protocol)
        and interface in (None, session.ingress, session.egress)
    )


def _tunnel_sessions(request: Request) -> list[Session]:
    """Return the sessions of ESP itself, one in each direction, for every tunnel that is up."""
    found = []
    for row in request.network.tunnel_rows(request.host):
        if not row.up or row.gateway is None:
            continue
        interface = row.gateway.external_interface or ""
        for step, (source, destination) in enumerate(((row.remote, row.local), (row.local, row.remote))):
            found.append(Session(
                identifier=100000 + 2 * row.index + step, policy="N/A", source=source, destination=destination,
                ingress=interface, egress="", protocol="esp", started=row.events[0].at, timeout=0,
                packets=(row.counters.decrypted_packets, row.counters.encrypted_packets),
                ports=_halves(row.pairs[0].inbound if step == 0 else row.pairs[0].outbound),
            ))  # fmt: skip
    return found


def _halves(spi: str) -> tuple[int, int]:
    """Return the two halves of an SPI, which Junos shows as ports: ESP has none."""
    return int(spi[:4], 16), int(spi[4:], 16)


def _wings(session: Session) -> list[tuple[str, str, str, str, int]]:
    wings = [("In", session.source, session.destination, session.ingress, session.packets[0])]
    if session.protocol == "icmp":
        wings.append(("Out", session.destination, session.source, session.egress, session.packets[1]))
    return wings


def _policy_name(session: Session, identifiers: t.Mapping[str, int]) -> str:
    return f"{session.policy}/{identifiers.get(session.policy, 1)}" if session.policy != "N/A" else "N/A"


def _remaining(request: Request, session: Session) -> int:
    return int(session.timeout - (request.now - session.started)) if session.timeout else 0


def _session_xml(request: Request, make: Maker, session: Session, identifiers: t.Mapping[str, int]) -> etree._Element:
    wings = [
        make("flow-information", make.rows((
            ("direction", way),
            ("source-address", source), ("source-port", session.ports[0]),
            ("destination-address", destination), ("destination-port", session.ports[1]),
            ("protocol", session.protocol),
            ("interface-name", interface), ("pkt-cnt", packets), ("byte-cnt", packets * 84),
        )), style="brief")
        for way, source, destination, interface, packets in _wings(session)
    ]  # fmt: skip
    head = make.rows((
        ("session-identifier", session.identifier), ("status", "Normal"), ("sess-state", "Valid"),
        ("policy", _policy_name(session, identifiers)), ("timeout", _remaining(request, session)),
    ))  # fmt: skip
    return make("flow-session", head, wings, style="brief")


def _session_text(request: Request, session: Session, identifiers: t.Mapping[str, int]) -> list[str]:
    timeout = _remaining(request, session) if session.timeout else "N/A"
    lines = [f"Session ID: {session.identifier}, Policy name: {_policy_name(session, identifiers)}, "
             f"Timeout: {timeout}, Valid"]  # fmt: skip
    for way, source, destination, interface, packets in _wings(session):
        flow = f"{source}/{session.ports[0]} --> {destination}/{session.ports[1]};{session.protocol}"
        lines.append(f"  {way}: {flow}, If: {interface}, "
                     f"Pkts: {packets}, Bytes: {packets * 84}")  # fmt: skip
    return [*lines, ""]


def _summary(request: Request, count: int) -> Reply:
    make = Maker(request)
    names = ("displayed-session-valid", "displayed-session-pending", "displayed-session-invalidated",
             "displayed-session-other", "displayed-session-count")  # fmt: skip
    values = (count, 0, 0, 0, count)
    inner = make("flow-session-information", make.rows(zip(names, values, strict=True)))
    words = ("Valid sessions", "Pending sessions", "Invalidated sessions", "Sessions in other states", "Total sessions")
    text = "".join(f"{word}: {value}\n" for word, value in zip(words, values, strict=True))
    return Reply(make("security-flow-information", inner), text, padded=False)
