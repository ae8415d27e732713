# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Replies of a device as observations: one parser per RPC, all behind one function."""

from __future__ import annotations

import typing as t
from collections import Counter

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood, ReplyRefused
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Parsed
from ansible_collections.hubspoke.srx.plugins.module_utils._parse import (
    commit_list,
    ike,
    inactive_tunnels,
    interfaces,
    ipsec,
    next_hop_tunnels,
    ping,
    policy_match,
    route,
    software,
    statistics,
    storage,
    uptime,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command, matches
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Doubt, Rows, excerpt, is_masked
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log import events as ike_log
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.part import Part
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.reply import read

# The commands that parse() reads, by their words at the CLI.
COMMANDS: t.Mapping[str, Command] = {
    "show security ipsec next-hop-tunnels": next_hop_tunnels.COMMAND,
    "show security ike security-associations": ike.COMMAND,
    "show security ipsec security-associations": ipsec.COMMAND,
    "show security ipsec statistics": statistics.COMMAND,
    "show security ipsec inactive-tunnels": inactive_tunnels.COMMAND,
    "show route": route.COMMAND,
    "show security match-policies": policy_match.COMMAND,
    "ping": ping.COMMAND,
    "show system storage": storage.COMMAND,
    "show system commit": commit_list.COMMAND,
    "show version": software.COMMAND,
    "show interfaces": interfaces.COMMAND,
    "show system uptime": uptime.COMMAND,
    "show log": ike_log.COMMAND,
}


# The fields of rows that have an address. A text with its addresses masked is read, and noted.
_ADDRESSES = ("remote_address", "local_address", "remote_gateway", "local_gateway", "next_hop", "destination")


def parse(command: str, reply: str | bytes) -> Parsed[t.Any]:
    """Return the reply to a command as rows. The reply is XML or text, brief or detail, from one node or two.

    ``command`` is one of ``COMMANDS``, abbreviated as at the CLI, with or without arguments (``show route
    192.0.2.0/24``). No items and no doubts mean that the device has none. Raise ReplyRefused with the device's words
    where it replies with an error, and ReplyNotUnderstood where the reply has no known layout or the command is not
    known.
    """
    name = _known(command)
    known = COMMANDS[name]
    items: list[t.Any] = []
    notes: list[str] = []
    counts: Counter[str] = Counter()
    refusals: list[str] = []
    try:
        parts = read(reply, known.roots, name, prose=known.prose)
        for part in parts:
            notes += part.notes
            if part.refusal is not None:
                refusals.append(f"{part.node}: {part.refusal}" if part.node else part.refusal)
                continue
            try:
                rows = _rows(known, part)
            except ReplyRefused as error:
                refusals.append(str(error))
                continue
            items += rows.items
            notes += rows.notes
            counts.update(rows.counts)
    except ReplyNotUnderstood as error:
        raise ReplyNotUnderstood(f"{name}: {error}. Save the reply and report it: this layout is not known.") from None
    if refusals and not items:
        said = "; ".join(refusals)
        raise ReplyRefused(f"{name}: expected a table, actual error: {said}", said)
    # The secondary node of a cluster may refuse a command that the primary answers.
    notes = _counted([*notes, *refusals, *_masked(items)])
    source: t.Literal["xml", "text"] = "text" if all(part.element is None for part in parts) else "xml"
    return Parsed(
        tuple(items),
        source,
        tuple(str(note) for note in notes),
        dict(counts),
        tuple(str(note) for note in notes if isinstance(note, Doubt)),
    )


def _known(command: str) -> str:
    words = command.split()
    exact = [name for name in COMMANDS if words[: len(name.split())] == name.split()]
    found = exact or [name for name in COMMANDS if matches(words, name)]
    if len(found) != 1:
        raise ReplyNotUnderstood(f"{excerpt(command)}: expected one of {', '.join(found or COMMANDS)}.")
    return found[0]


def _rows(known: Command, part: Part) -> Rows:
    if part.element is not None:
        element = Element(part.element)
        rows = known.xml(element, part.node)
        if not rows.items:
            element.require_nothing_unread(known.unused)
        return Rows(rows.items, (*rows.notes, *element.unread(known.unused)), rows.counts)
    if part.lines:
        return known.text(part.lines, part.node)
    # The secondary node of a cluster may have no rows.
    if part.node is None and not (known.silent_xml if part.lines is None else known.silent_text):
        raise ReplyNotUnderstood("expected an answer, actual an empty reply")
    return Rows(())


def _masked(items: t.Iterable[t.Any]) -> list[str]:
    """Return a note for each masked address of the rows, by one rule for all forms of a reply."""
    values = (getattr(item, name, None) for item in items for name in _ADDRESSES)
    masked = {value: None for value in values if value and is_masked(value.partition("/")[0])}
    return [Doubt(f"the address {value} is masked") for value in masked]


def _counted(notes: t.Iterable[str]) -> list[str]:
    """Return each note once, with its number where it occurs several times."""
    return [type(note)(f"{note} ({times} times)") if times > 1 else note for note, times in Counter(notes).items()]
