# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The fields of a report, each with its type and its meaning: the source of docs/report.schema.json."""

from __future__ import annotations

import typing as t

Schema = dict[str, t.Any]

FORMAT = 2

_STATES = ("ok", "failed", "unknown", "skipped")
_VERDICTS = ("ok", "failed", "unknown")
_TUNNEL_STATES = ("up", "down", "unknown", "not_checked")
_HOST_STATES = (
    "confirmed",
    "unchanged",
    "would_change",
    "rolled_back",
    "skipped",
    "pending",
    "unknown",
    "in_sync",
    "drifted",
    "unreachable",
)
_TIME = r"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z)?$"
# A number of these is no number that a text could not hold.
_MOST = 10**12


def _text(description: str, **more: t.Any) -> Schema:
    return {"type": "string", "description": description, **more}


def _time(description: str) -> Schema:
    return _text(f"{description} In UTC; empty where it is not known.", pattern=_TIME)


def _one_of(description: str, choices: t.Sequence[str]) -> Schema:
    return _text(description, enum=list(choices))


def _flag(description: str) -> Schema:
    return {"type": "boolean", "description": description}


def _count(description: str, minimum: int = 0) -> Schema:
    return {"type": "integer", "description": description, "minimum": minimum, "maximum": _MOST}


def _seconds(description: str) -> Schema:
    return {"type": "number", "description": description, "minimum": 0, "maximum": _MOST}


def _cause(description: str) -> Schema:
    return {"type": ["integer", "null"], "description": description, "minimum": 0, "maximum": _MOST}


def _rows(description: str, item: str | Schema) -> Schema:
    """Return the schema of a list of objects that ``$defs`` has, or of values."""
    items = {"$ref": f"#/$defs/{item}"} if isinstance(item, str) else item
    return {"type": "array", "description": description, "items": items}


def _object(description: str, /, **fields: Schema) -> Schema:
    """Return the schema of an object that has all of these fields and no other."""
    return {
        "type": "object",
        "description": description,
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def _mapping(description: str, value: Schema) -> Schema:
    """Return the schema of an object whose keys are names of hosts, checks or states."""
    return {"type": "object", "description": description, "additionalProperties": value}


def _numbers(description: str, names: t.Sequence[str]) -> Schema:
    return _object(description, **{name: _count(f"Number that is {name.replace('_', ' ')}.") for name in names})


def _named(description: str, name: str) -> Schema:
    """Return the schema of an object that ``$defs`` has."""
    return {"$ref": f"#/$defs/{name}", "description": description}


def _cells(whose: str) -> dict[str, Schema]:
    """Return the fields of the four checks that tell whether a tunnel is up."""
    return {
        "ike": _named(f"The IKE security association {whose}", "cell"),
        "ipsec": _named(f"The IPsec security associations {whose}", "cell"),
        "next_hop_tunnels": _named(f"The next-hop tunnel binding {whose}", "cell"),
        "routes": _named(f"The routes into the tunnel {whose}", "cell"),
    }


_CELL = _object(
    "The result of one check for one tunnel at one end.",
    state=_one_of("The worst state of the findings of the check.", _STATES),
    text=_text("What the device has, in the few words that fit a table."),
)
_FINDING = _object(
    "One verdict about one object on one host.",
    host=_text("The host that was queried."),
    check=_text("The name of the check."),
    object=_text("What the check is about: a VPN, a network, a pair of addresses."),
    state=_one_of("Unknown is not failed, and neither of them is ok.", _STATES),
    expected=_text("What the plan expects."),
    actual=_text("What the device answers."),
    remedy=_text("What to do; empty where there is nothing to do."),
    tunnel=_text("The VPN that the object belongs to; empty where it belongs to none."),
    peer=_text("The host at the other end of that VPN."),
    brief=_text("The actual value in the few words that fit a table."),
    cause=_cause("Index of the cause, from 0, of a finding that is not ok."),
)
_CAUSE = _object(
    "One root cause; a run tells it once.",
    host=_text("The host on which it shows."),
    peer=_text("The host at the other end of the tunnel; empty where it concerns no tunnel."),
    tunnel=_text("The VPN; empty where it concerns none."),
    check=_text("The name of the check that fails first, or of the stage that failed."),
    object=_text("What the check is about."),
    state=_one_of("Whether it is certain.", ("failed", "unknown")),
    expected=_text("What the plan expects."),
    actual=_text("What the device answers."),
    remedy=_rows("What to do, step by step.", _text("One step.")),
    follows=_mapping("Number of findings that follow from it, by check.", _count("Number of findings.")),
    hosts=_rows("The hosts that fail because of it.", _text("A host.")),
)
_STAGE = _object(
    "One stage of the run.",
    name=_text("The name of the stage.", pattern="^[a-z_]+$"),
    round=_count("The round, from 1, of a deployment in rounds; 0 where the stage belongs to no round."),
    started=_time("Begin of the stage."),
    seconds=_seconds("Duration of the stage in seconds."),
    done=_count("Number of devices that have done it."),
    devices=_count("Number of devices that were to do it."),
    by_host=_mapping("Duration in seconds, by host.", _seconds("Duration in seconds.")),
)
_TUNNEL = _object(
    "One tunnel between the hub and a spoke.",
    host=_text("The hub."),
    peer=_text("The spoke."),
    vpn=_text("The name of the VPN on the hub."),
    binding=_one_of(
        "How the hub binds the next hop to the tunnel; empty where it is not known.", ("static", "auto", "")
    ),
    state=_one_of("Whether the tunnel is up, by the checks of both ends.", _TUNNEL_STATES),
    cause=_cause("Index of the cause, from 0, of a tunnel that is not up."),
    **_cells("as the hub has it."),
    spoke={
        **_object(
            "The same as the spoke has it; null where the spoke was not queried.", **_cells("as the spoke has it.")
        ),
        "type": ["object", "null"],
    },
)
_HOST = _object(
    "One host of the plan.",
    host=_text("The name of the host in the inventory."),
    role=_one_of("Its role; empty where it is not in the plan any more.", ("hub", "spoke", "")),
    platform=_text("junos, or the profile of a third-party spoke; empty where it is not known."),
    site=_text("The short name of the site."),
    wan=_text("The address to the Internet."),
    release=_text("The Junos release; empty where it is not known."),
    state=_one_of("What the run did with the host, or in mode drift what it found.", _HOST_STATES),
    failed=_flag("Whether the host counts as failed."),
    unreachable=_flag("Whether the host could not be reached."),
    reason=_text("Kind of the error, for conditions in playbooks; empty without an error."),
    message=_text("The outcome on one line."),
    detail=_text("The whole text where the message is cut; empty elsewhere."),
    remedy=_text("What to do; empty where there is nothing to do."),
    cause=_cause("Index of the cause, from 0, that made this host fail."),
    seconds=_seconds("Duration of the work on this host in seconds."),
    added=_count("Number of lines that its diff adds."),
    removed=_count("Number of lines that its diff removes."),
    diff=_text("The change of its configuration; keys are masked."),
    file=_text("The file of this host in the folder of the run; empty where there is none."),
    warnings=_rows("What the operator should know.", _text("A sentence.")),
    findings=_rows("The findings of all checks.", "finding"),
)
_COUNTS = _object(
    "How many, by state.",
    hosts={
        "type": "object",
        "description": "Hosts, each once by its state, and those that failed.",
        "properties": {
            **{state: _count(f"Number that is {state.replace('_', ' ')}.") for state in _HOST_STATES},
            "failed": _count("Number that failed, whatever their state."),
        },
        "required": ["failed"],
        "additionalProperties": False,
    },
    findings=_numbers("Findings.", _STATES),
    tunnels=_numbers("Tunnels.", _TUNNEL_STATES),
)
SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://github.com/hubspoke/hubspoke.srx/blob/main/docs/report.schema.json",
    "title": "Report of hubspoke.srx, format 2",
    **_object(
        "The result of one run. Every field is present; where a mode has no value, it is empty.",
        format={"const": FORMAT, "type": "integer", "description": "Version of this structure."},
        run=_text("The name of the run, which its folder has too.", pattern="^[0-9A-Za-z-]{1,40}$"),
        command=_text("The module that ran.", pattern="^[a-z_]{1,40}$"),
        mode=_one_of("What it did.", ("apply", "check", "verify", "recover", "drift")),
        ticket=_text("The change ticket; empty without one."),
        digest=_text("Digest of the changes of all devices, for an approval; empty without one."),
        started=_time("Begin of the run."),
        ended=_time("End of the run."),
        seconds=_seconds("Duration of the run in seconds."),
        releases=_mapping("Release of each program that took part, by its name.", _text("A release.")),
        verdict=_one_of("The result of the run. Only ok means success.", _VERDICTS),
        decision=_text("The result of the run in a sentence."),
        counts=_COUNTS,
        stages=_rows("The stages of the run, in the order in which they began.", "stage"),
        causes=_rows("The root causes of everything that is not ok.", "cause"),
        tunnels=_rows("The tunnels of the plan.", "tunnel"),
        hosts=_rows("The hosts, in the order of the plan.", "host"),
    ),
    "$defs": {
        "stage": _STAGE,
        "cause": _CAUSE,
        "tunnel": _TUNNEL,
        "cell": _CELL,
        "host": _HOST,
        "finding": _FINDING,
    },
}
