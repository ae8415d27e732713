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
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Rows, excerpt
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log import events as ike_log
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.reply import Part, read

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


def parse(command: str, reply: str | bytes) -> Parsed[t.Any]:
    """Return the reply to a command as rows. The reply is XML or text, brief or detail, from one node or two.

    ``command`` is one of ``COMMANDS``, with or without arguments (``show route 192.0.2.0/24``). No items means that
    the device has none. Raise ReplyRefused with the device's words where it replies with an error, and
    ReplyNotUnderstood where the reply has no known layout or the command is not known.
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
    notes += refusals
    source: t.Literal["xml", "text"] = "text" if all(part.element is None for part in parts) else "xml"
    return Parsed(tuple(items), source, tuple(notes), dict(counts))


def _known(command: str) -> str:
    words = f"{' '.join(command.split())} "
    for name in sorted(COMMANDS, key=len, reverse=True):
        if words.startswith(f"{name} "):
            return name
    raise ReplyNotUnderstood(f"{excerpt(command)}: expected one of {', '.join(COMMANDS)}.")


def _rows(known: Command, part: Part) -> Rows:
    if part.element is not None:
        return known.xml(part.element, part.node)
    if part.lines:
        return known.text(part.lines, part.node)
    # The secondary node of a cluster may have no rows.
    if part.node is None and not (known.silent_xml if part.lines is None else known.silent_text):
        raise ReplyNotUnderstood("expected an answer, actual an empty reply")
    return Rows(())
