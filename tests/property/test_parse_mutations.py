# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Good replies with one line or element deleted, doubled or decorated: never read as if nothing had happened.

The result differs, has a note, or is one of our errors, unless the line has no fact. Replies recorded on real devices
are changed too where they are next to this checkout.
"""

from __future__ import annotations

import random
import typing as t
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import COMMANDS as PARSED
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import parse
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.reply import tree

from tests.property.mutations import Mutation, has_no_fact, of_text, of_xml
from tests.property.test_parse import EXPECTED, REPLIES

RECORDED = Path(__file__).resolve().parents[2].parent / "shared" / "fixtures" / "real"
# The folders of the recordings, by those of the replies of the project.
FOLDERS = {
    "ike-sa": "ike",
    "ipsec-sa": "ipsec",
    "next-hop-tunnels": "next-hop-tunnels",
    "ipsec-inactive": "inactive-tunnels",
    "ipsec-statistics": "statistics",
    "route": "route",
    "log-kmd": "log",
    "system-storage": "storage",
    "system-commit": "commit-list",
    "ping": "ping",
}
# A reply of which a part is not read says so already.
UNREAD = ("not known", "not read", "occurs again")
GOOD = {
    path: EXPECTED[path]["command"]
    for path in REPLIES
    if "items" in EXPECTED[path]
    and not any(word in note for note in EXPECTED[path].get("notes", []) for word in UNREAD)
}
COMMANDS = {path.parent.name: command for path, command in GOOD.items()}
GOOD |= {path: COMMANDS[name] for folder, name in FOLDERS.items() for path in sorted((RECORDED / folder).glob("*.*"))}
# Changes of one reply; a few long lists have more, of which the same are chosen in every run.
MOST = 500

Result = str | tuple[t.Any, ...]


def result(command: str, reply: str) -> Result:
    """Return everything that a user gets from a reply."""
    try:
        parsed = parse(command, reply)
    except HubspokeError as error:
        return error.reason
    return parsed.items, parsed.notes, tuple(sorted(parsed.counts.items()))


def mutations(path: Path, reply: str) -> list[Mutation]:
    found = list(of_xml(tree(reply)) if path.suffix == ".xml" else of_text(reply))
    return found if len(found) <= MOST else random.Random(path.name).sample(found, MOST)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_change_of_a_fact_is_silent(path: Path) -> None:
    command, reply = GOOD[path], path.read_text(encoding="utf-8", errors="replace")
    folder = FOLDERS.get(path.parent.name, path.parent.name)
    before = result(command, reply)
    silent = [
        str(one)
        for one in mutations(path, reply)
        if result(command, one.reply) == before and not has_no_fact(folder, one)
    ]
    assert silent == []


@pytest.mark.parametrize("path", GOOD, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_decorated_reply_passes_for_an_empty_one(path: Path) -> None:
    command, reply = GOOD[path], path.read_text(encoding="utf-8", errors="replace")
    empty = [
        str(one)
        for one in mutations(path, reply)
        if one.kind != "delete" and result(command, one.reply) == ((), (), ()) != result(command, reply)
    ]
    assert empty == []


def test_every_command_has_a_good_reply() -> None:
    for name in PARSED:
        assert any(command.startswith(name) for command in GOOD.values()), name
