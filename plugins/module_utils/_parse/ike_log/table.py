# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The messages of the IKE daemons: pattern, kind of event, cause and remedy of each."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

# Blanks are optional: old releases, and text typed from their output, lack them.
_NAME = re.compile(r"(?P<message>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?::|\s*\[junos@[^\]]*\])\s*")
_PHASE2 = 2
_PHASE = r"[Pp]hase\s?-?\s?"
_ROLE = r"\s*\[?\(?(?P<role>[Ii]nitiator|[Rr]esponder)\)?\]?\s*"
_PACKET = (
    r"(?P<local_address>[\w.:]+):(?P<local_port>\d{1,5})\s\((?P<role>Initiator|Responder)\)\s<->\s"
    r"(?P<remote_address>[\w.:]+):(?P<remote_port>\d{1,5})\s\{[^{}]*\}\s?"
)
# The two ends in a message of iked, such as IKE_GATEWAY_PEER_FAILED and IKE_GATEWAY_PEER_BLOCKED.
_IKED_ENDS = (
    r"L:(?P<local_address>[\w.:]{2,45}):(?P<local_port>\d{1,5}),\s"
    r"R:(?P<remote_address>[\w.:]{2,45}):(?P<remote_port>\d{1,5}),"
)
# The two ends in a trace.
_TRACED = r"local:\s?(?P<local_address>[\w.:]+),\s+remote:\s?(?P<remote_address>[\w.:]+)\s+IKEv(?P<ike_version>\d)"


@dataclass(frozen=True)
class Form:
    """One message, without its name.

    ``cause`` is empty where the text in the group ``reason`` determines it, and for an event that is no failure.
    """

    kind: str
    pattern: re.Pattern[str]
    phase: int | None = None
    cause: str = ""


def _form(kind: str, pattern: str, phase: int | None = None, cause: str = "") -> Form:
    return Form(kind, re.compile(pattern), phase, cause)


# The first pattern that matches applies. The messages of kmd that begin with "Phase-", "Unable", "Failed" and an
# address are in the document, and kmd still writes them to its trace file; current releases log the one-line messages.
# No recording of KMD_VPN_PV_PHASE*, "IKE Phase-*: ...", *_TS_MISMATCH, KMD_DPD_PEER_DOWN and "failed with error" is
# public: their patterns are those of published programs that read them, and require no more. Messages with "local:"
# are lines of traceoptions.
FORMS: t.Sequence[Form] = (
    _form("phase1_up", rf"{_PHASE}1{_ROLE}done\b", 1),
    _form("phase2_up", rf"{_PHASE}2{_ROLE}done\b", 2),
    _form("phase1_failed", rf"{_PHASE}1{_ROLE}failed with error\s?\((?P<reason>[^)]*)\)", 1),
    _form("phase2_failed", rf"{_PHASE}2{_ROLE}failed with error\s?\((?P<reason>[^)]*)\)", 2),
    _form("phase1_failed", r"(?P<reason>Unable to find phase-1 policy\b(?:.*? peer:(?P<remote_address>\S+))?.*)", 1,
          "peer_not_recognized"),
    _form("phase1_failed", rf"(?P<reason>Policy\s?lookup for {_PHASE}1{_ROLE}failed)", 1, "peer_not_recognized"),
    _form("phase2_failed", rf"(?P<reason>Policy\s?lookup for {_PHASE}2{_ROLE}failed)", 2, "proxy_id"),
    _form("phase2_failed", r"(?P<reason>Failed to match the peer proxy ids)", 2, "proxy_id"),
    _form("packet", rf"{_PACKET}(?:IP|Aggr|AG|AO|Base)[;,]\s?(?:Error = )?(?P<reason>.*)", 1),
    _form("packet", rf"{_PACKET}QM[;,]\s?(?:Error = )?(?P<reason>.*)", 2),
    _form("packet", rf"{_PACKET}\w+[;,]\s?(?:Error = )?(?P<reason>.*)"),
    _form("phase1_failed", rf"IKE {_PHASE}1:{_ROLE}(?P<reason>Policy lookup failed)", 1, "peer_not_recognized"),
    _form("phase2_failed", rf"IKE {_PHASE}2:(?:{_ROLE})?\s?(?P<reason>Policy lookup failed)", 2, "proxy_id"),
    _form("phase2_failed", rf"IKE {_PHASE}2:\s?(?P<reason>Failed to match[^\[]*)", 2, "proxy_id"),
    _form("phase1_failed", rf"IKE {_PHASE}1:\s?(?P<reason>Negotiations? failed.*?)(?=[.,]? Local gateway:|$)", 1),
    _form("phase2_failed", rf"IKE {_PHASE}2:\s?(?P<reason>Negotiations? failed.*?)(?=[.,]? Local gateway:|$)", 2),
    _form("phase1_failed", rf"IKE {_PHASE}1 Failure:\s?(?P<reason>[^\[]*)", 1),
    _form("phase2_failed", rf"IKE {_PHASE}2 Failure:\s?(?P<reason>[^\[]*)", 2),
    _form("negotiation_failed", rf"{_IKED_ENDS}(?=.*\bNegotiation-Phase:)(?=.*\bReason:)", 1),
    _form("negotiation_failed", rf"{_IKED_ENDS}(?=.*\bNegotiation-Phase:).*?(?P<reason>\bBlocklist:.*)", 1),
    _form("negotiation_up", r"IKE negotiation successfully completed"),
    _form("negotiation_failed", r"IKE negotiation failed with error:\s?(?P<reason>.*?)\.?\s+(?=IKE Version:)"),
    _form("negotiation_failed", r"IKE negotiation failed with error:\s?(?P<reason>.*)"),
    _form("sa_established", r"Local gateway:\s?(?P<local_address>[\w.:]+), Remote gateway:", 2),
    _form("selector_mismatch", r"(?P<reason>Traffic-selector mismatch)\b", 2, "proxy_id"),
    _form("vpn_up", r"VPN (?P<vpn>\S+) from (?P<remote_address>[\w.:]+) is up\b"),
    _form("vpn_down", r"VPN (?P<vpn>\S+) from (?P<remote_address>[\w.:]+) is down\b"),
    _form("dpd_dead", r"(?P<reason>DPD detected peer (?P<remote_address>[\w.:]+) is dead)", None, "peer_dead"),
    _form("dpd_dead", r"IKE: Gateway .*\b(?P<reason>DPD Failed)\b", None, "peer_dead"),
    _form("id_validated", r"IKE: Gateway (?=.*\bSuccessful\b)(?=.*\bike-id:)", 1),
    _form("negotiation_up", rf"IKE negotiation done for {_TRACED} with status: Error ok"),
    _form("negotiation_failed", rf"IKE negotiation (?:done|fail\w*) for {_TRACED} with status:\s?(?P<reason>.*)"),
    _form("phase1_up", rf"iked_pm_ike_sa_done: {_TRACED}", 1),
    _form("phase2_up", rf"iked_pm_ipsec_sa_install: {_TRACED} for SA-CFG (?P<vpn>\S+)", 2),
    _form("phase2_failed", rf"IPSec negotiation failed for SA-CFG (?P<vpn>\S+) for {_TRACED}\.? "
          r"(?:with )?status:\s?(?P<reason>.*)", 2),
    _form("daemon", r"(?P<reason>Config download(?: time)?:.*)"),
    _form("daemon", r"(?P<reason>logfile (?:turned over|cleared)\b.*)"),
)  # fmt: skip

# The beginnings of all patterns, for speed: most lines of a large trace match none of them.
_FIRST = re.compile(
    r"iked_pm_|L:|IPSec neg|[Pp]hase|Unable to find|Policy|Failed to match|IKE|Local gateway|Traffic-sel|VPN |DPD"
    r"|Config|logfile|[\w.:]+ \("
)

# Every kind of event. CAUSES has every cause.
KINDS = tuple(dict.fromkeys([*(form.kind for form in FORMS), "unrecognised"]))

# The cause that each text of a failure means, the most specific first. The errors that a peer notifies are in the words
# of Junos (Invalid KE payload) or those of the RFCs (INVALID_KE_PAYLOAD).
_CAUSES: t.Sequence[tuple[str, str]] = (
    ("no_proposal", r"no[ _]proposal|invalid[ _]ke(?:\b|_)|invalid[ _]major[ _]version"),
    ("proxy_id", r"prox(?:y|ies)\b|traffic.selector|ts.unacceptable|policy ?lookup for phase-2"),
    (
        "peer_not_recognized",
        r"not recognized|policy ?lookup|invalid[ _]id|id validation|id mismatch|peer'?s? (?:ike.)?id\b",
    ),
    ("invalid_payload", r"invalid (?:next )?payload|payload malformed|malformed"),
    ("authentication_failed", r"authentication|auth failed|invalid[ _]hash"),
    ("peer_dead", r"\bdpd\b|peer (?:is )?dead"),
    ("timeout", r"time(?:d)?.?out|no response|retransmi"),
)
CAUSES = (*(cause for cause, _words in _CAUSES), "other")
_CAUSE_WORDS = tuple((cause, re.compile(words, re.IGNORECASE)) for cause, words in _CAUSES)

# The order of causes where one failure writes several lines, the most specific first.
TELLING = ("proxy_id", "peer_not_recognized", "invalid_payload", "authentication_failed", "no_proposal")

_REMEDIES: t.Mapping[tuple[str, int | str | None], str] = {
    ("no_proposal", 1): (
        "Make the Phase 1 proposals the same on both peers: authentication method, Diffie-Hellman group, encryption,"
        " hash, mode and IKE version."
    ),
    ("no_proposal", 2): (
        "Make the Phase 2 proposals the same on both peers: protocol, encryption, authentication, and the group of"
        " perfect forward secrecy."
    ),
    ("no_proposal", None): "Make the proposals of Phase 1 and of Phase 2 the same on both peers.",
    ("no_proposal", "initiator"): (
        "Make the proposals of Phase 1 and of Phase 2 the same on both peers. Where they are, read the peer's log: it"
        " answers the same to an end that it does not know by its address, identity or IKE version."
    ),
    ("peer_not_recognized", None): (
        "Correct the peer's address in the gateway, or the type and value of its IKE identity: the peer was not"
        " recognised by what it sent."
    ),
    ("invalid_payload", None): "Set the same pre-shared key on both peers: the packet could not be decrypted.",
    ("authentication_failed", None): "Set the same pre-shared key, or certificates and IKE identities, on both peers.",
    ("proxy_id", None): (
        "Make the proxy identities, or traffic selectors, mirror each other on both peers. A route-based VPN has"
        " 0.0.0.0/0 both ways unless one is configured."
    ),
    ("timeout", None): (
        "See that the peer answers at its address, lets IKE in, and that udp 500 and 4500 pass on the way; then read"
        " the peer's log."
    ),
    ("peer_dead", None): "See that the peer is up and the way to it open: it has not answered dead peer detection.",
    ("other", None): "Read the log of the other peer at the same time: the responder's tells more.",
}


def recognise(text: str) -> tuple[Form, dict[str, str]] | None:
    """Return the form of the message that begins a text, with the values found; ``None`` where no form matches."""
    name = _NAME.match(text)
    place = name.end() if name else 0
    if not _FIRST.match(text, place):
        return None
    for form in FORMS:
        if found := form.pattern.match(text, place):
            values = {key: value for key, value in found.groupdict().items() if value is not None}
            return form, values | name.groupdict() if name else values
    return None


def cause_of(reason: str, phase: int | None = None) -> str:
    """Return the cause that Junos's reason for a failure means; ``other`` where the reason is not known."""
    found = next((cause for cause, words in _CAUSE_WORDS if words.search(reason)), "other")
    # The identities of phase 2 are the proxy identities (RFC 2409, 5.5).
    return "proxy_id" if found == "peer_not_recognized" and phase == _PHASE2 else found


def remedy_for(cause: str, phase: int | None, role: str | None = None) -> str:
    """Return the remedy for a cause in a phase, and for the role of the device; empty without a cause."""
    places = ("initiator", phase, None) if role == "initiator" and phase != _PHASE2 else (phase, None)
    return next((remedy for place in places if (remedy := _REMEDIES.get((cause, place)))), "")
