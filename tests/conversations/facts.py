# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The logs of two daemons as one conversation: who said what, in which order."""

from __future__ import annotations

import re
import typing as t

# Notifies of errors, as the log abbreviates them.
NOTIFIES = {
    "AUTH_FAILED": "AUTHENTICATION_FAILED",
    "INVAL_HASH": "INVALID_HASH_INFORMATION",
    "INVAL_ID": "INVALID_ID_INFORMATION",
    "INVAL_KE": "INVALID_KE_PAYLOAD",
    "NO_PROP": "NO_PROPOSAL_CHOSEN",
    "PLD_MAL": "PAYLOAD_MALFORMED",
    "TS_UNACCEPT": "TS_UNACCEPTABLE",
}
SILENCE = "gives up: the peer does not answer"
_GENERATED = re.compile(r"\[ENC\] generating (\w+) (request|response) \d+ \[ (.*) \]")
# Vendor IDs, nonces and options are in every conversation.
_PAYLOADS = ("SA", "KE", "ID", "IDi", "IDr", "AUTH", "HASH", "TSi", "TSr", "D")
# What a daemon says, as its log has it: the number of an association is that of the run.
_SAID = re.compile(
    r"\[(?:IKE|CFG|ENC)\] (?P<text>"
    r"(?:received|configured) proposals: .+|.*\bno (?:acceptable |matching |alternative )?proposal found.*"
    r"|received proposals unacceptable|no IKE config found.*|no (?:matching )?peer config found|.*\bnone allows .*"
    r"|.*MAC mismatched|.*decryption failed\?|could not decrypt payloads|calculated HASH does not match.*"
    r"|ignore malformed .*|traffic selectors .* unacceptable|no matching CHILD_SA config found.*"
    r"|failed to establish CHILD_SA.*|received [A-Z]+_[A-Z_]+ (?:error )?notif.*|constraint check failed.*"
    r"|IDir .* does not match.*|no trusted .* public key found.*|no issuer certificate found.*"
    r"|subject certificate invalid"
    r"|(?:IKE|CHILD)_SA \S+ established|peer didn't accept .*|no shared key found.*|unable to apply .*)"
)
_NUMBER = re.compile(r"_SA \w+[\[{]\d+[\]}]")
_GIVES_UP = "giving up after"
_SENDS, _RECEIVES = "[NET] sending packet:", "[NET] received packet:"

# What an end says about a failure, the most specific first, and the cause that this is. What it has diagnosed comes
# before what the peer notifies.
_MEANINGS: tuple[tuple[str, str], ...] = (
    (r"traffic selectors .* unacceptable|no matching CHILD_SA config found", "proxy_id"),
    (
        r"no IKE config found|no (?:matching )?peer config found|IDir .* does not match|constraint check",
        "peer_not_recognized",
    ),
    (r"could not decrypt", "invalid_payload"),
    (
        r"MAC mismatched|calculated HASH does not match|subject certificate invalid|no (?:issuer certificate|trusted)",
        "authentication_failed",
    ),
    (r"proposals? (?:found|unacceptable)|none allows", "no_proposal"),
    # IKEv1 has the second one for the identities of phase 2 (RFC 2409, 5.5).
    (r"received (?:TS_UNACCEPTABLE|INVALID_ID_INFORMATION)", "proxy_id"),
    (r"received PAYLOAD_MALFORMED", "invalid_payload"),
    (r"received (?:AUTHENTICATION_FAILED|INVALID_HASH_INFORMATION)", "authentication_failed"),
    (r"received (?:NO_PROPOSAL_CHOSEN|INVALID_KE_PAYLOAD)", "no_proposal"),
    (re.escape(SILENCE), "timeout"),
)


class Fact(t.NamedTuple):
    """What one end does or says."""

    end: str
    text: str

    def __str__(self) -> str:
        return f"{self.end}: {self.text}"


def conversation(logs: t.Mapping[str, t.Sequence[str]], initiator: str) -> list[Fact]:
    """Return the facts of two logs in their order: a packet is received after it is sent. Each is told once."""
    ends = sorted(logs, key=lambda end: end != initiator)
    waiting = {end: list(logs[end]) for end in ends}
    sent = dict.fromkeys(ends, 0)
    told: dict[Fact, None] = {}
    while any(waiting.values()):
        ready = [
            end for end in ends if waiting[end] and not (_RECEIVES in waiting[end][0] and not sent[_other(ends, end)])
        ]
        # A packet of an earlier conversation has no sender in this one.
        end = ready[0] if ready else next(one for one in ends if waiting[one])
        line = waiting[end].pop(0)
        if _RECEIVES in line:
            sent[_other(ends, end)] -= 1
        elif _SENDS in line:
            sent[end] += 1
        elif text := _text(line):
            told.setdefault(Fact(end, text))
    return list(told)


def _other(ends: t.Sequence[str], end: str) -> str:
    return next(one for one in ends if one != end)


def _text(line: str) -> str:
    if _GIVES_UP in line:
        return SILENCE
    if found := _GENERATED.search(line):
        exchange, kind, payloads = found.groups()
        parts = [part for part in payloads.split() if part in _PAYLOADS]
        errors = [NOTIFIES[name] for name in re.findall(r"N\((\w+)\)", payloads) if name in NOTIFIES]
        return f"sends {exchange} {kind} [{' '.join((*parts, *errors))}]"
    said = _SAID.search(line)
    return _NUMBER.sub(lambda one: one[0].split()[0], said["text"]) if said else ""


def notify(facts: t.Sequence[Fact]) -> str:
    """Return the errors that the ends notify, and ``no answer`` where the initiator gives up."""
    sent = [name for fact in facts for name in NOTIFIES.values() if fact.text.startswith("sends") and name in fact.text]
    silent = ["no answer"] if any(fact.text == SILENCE for fact in facts) else []
    return ", ".join((*dict.fromkeys(sent), *silent)) or "none"


def diagnosis(facts: t.Iterable[Fact], end: str) -> tuple[str, str]:
    """Return what an end says of the failure, and the cause that this is in the words of ``ike_log_info``."""
    said = [fact.text for fact in facts if fact.end == end and not fact.text.startswith("sends")]
    for pattern, cause in _MEANINGS:
        if found := next((text for text in said if re.search(pattern, text)), ""):
            return found, cause
    return "", "none"
