# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parsers against damaged input: one of our errors or the state unknown, no traceback, no wrong row."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Parsed
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.commit import commit_outcome
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.events import OTHER_LINES, events
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.table import CAUSES, KINDS
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import COMMANDS, parse
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.reply import MAYBE_CUT
from hypothesis import given
from hypothesis import strategies as st

FIXTURES = Path(__file__).resolve().parents[1] / "unit" / "fixtures" / "rpc"
REPLIES = {
    path: path.read_text(encoding="utf-8", errors="replace")
    for suffix in ("xml", "txt")
    for path in sorted(FIXTURES.glob(f"*/*.{suffix}"))
}
EXPECTED = {path: json.loads(path.with_suffix(".json").read_text(encoding="utf-8")) for path in REPLIES}
WITH_ROWS = [path for path in REPLIES if EXPECTED[path].get("items")]
# A truncated detail block or list of counters is a shorter row. A log has its own test: an entry may be wrapped, and a
# later line of the same second may have its cause.
TABLES = [
    path for path in WITH_ROWS if path.suffix == ".txt" and "detail" not in path.name and path.parent.name != "log"
]
LOGS = [path for path in WITH_ROWS if path.suffix == ".txt" and path.parent.name == "log"]
REPLY_XML = [path for path in WITH_ROWS if path.suffix == ".xml" and "output" not in REPLIES[path]]
COMMIT_XML = [path for path in REPLIES if path.parent.name == "commit" and path.suffix == ".xml"]

words = st.sampled_from(
    sorted({word for text in REPLIES.values() for word in text.split()} | {"\n", "<", ">", "]]>]]>", "\x00", "\ufeff"})
)


def understood(command: str, reply: str | bytes) -> Parsed[t.Any] | None:
    """Return the parsed reply, or ``None`` where parse() raises one of our errors."""
    try:
        return parse(command, reply)
    except HubspokeError as error:
        message = str(error)
    assert message.startswith(tuple(COMMANDS))
    return None


@given(st.sampled_from(sorted(COMMANDS)), st.one_of(st.text(), st.binary()))
def test_anything_at_all(command: str, reply: str | bytes) -> None:
    understood(command, reply)
    commit_outcome(reply)


@given(st.sampled_from(sorted(COMMANDS)), st.lists(words, max_size=40), st.sampled_from([" ", "\n", ""]))
def test_words_of_replies_in_any_order(command: str, pieces: list[str], glue: str) -> None:
    understood(command, glue.join(pieces))
    commit_outcome(glue.join(pieces))


@given(st.sampled_from(sorted(REPLIES)), st.data())
def test_reply_with_a_piece_replaced(path: Path, data: st.DataObject) -> None:
    reply = REPLIES[path]
    start = data.draw(st.integers(0, len(reply)))
    end = data.draw(st.integers(start, min(len(reply), start + 60)))
    damaged = reply[:start] + data.draw(st.one_of(st.text(max_size=20), words)) + reply[end:]
    for command in COMMANDS:
        understood(command, damaged)
    commit_outcome(damaged)


@given(st.sampled_from(REPLY_XML), st.data())
def test_truncated_xml_has_no_rows(path: Path, data: st.DataObject) -> None:
    reply = REPLIES[path].rstrip().removesuffix("]]>]]>").rstrip()
    cut = reply[: data.draw(st.integers(0, len(reply) - 1))]
    parsed = understood(EXPECTED[path]["command"], cut)
    assert parsed is None or not parsed.items


@given(st.sampled_from(COMMIT_XML), st.data())
def test_truncated_commit_reply_is_unknown(path: Path, data: st.DataObject) -> None:
    reply = REPLIES[path].rstrip()
    cut = reply[: data.draw(st.integers(0, len(reply) - 1))]
    assert commit_outcome(cut).state == "unknown"


@given(st.sampled_from(TABLES), st.data())
def test_truncated_table_has_only_rows_of_the_whole_one(path: Path, data: st.DataObject) -> None:
    command, reply = EXPECTED[path]["command"], REPLIES[path]
    length = data.draw(st.integers(0, len(reply) - 1))
    cut = understood(command, reply[:length])
    if cut is None:
        return
    marked = any(MAYBE_CUT in note for note in cut.notes)
    assert marked or not reply[:length].strip() or reply[:length].rstrip(" \t").endswith("\n")
    whole = parse(command, reply).items
    sure = cut.items[:-1] if cut.items else ()
    assert sure == whole[: len(sure)]
    if cut.items and not marked:
        assert is_beginning(cut.items[-1], whole[len(sure)])


log_pieces = st.sampled_from(
    sorted({piece for path in LOGS for line in REPLIES[path].splitlines() for piece in (line, *line.split())})
)


@given(st.lists(st.one_of(log_pieces, st.text(max_size=30)), max_size=30), st.sampled_from([" ", "\n"]))
def test_no_line_of_a_log_is_lost(pieces: list[str], glue: str) -> None:
    lines = glue.join(pieces).split("\n")
    found = events(lines)
    said = " ".join(event.line for event in found.items).split()
    plain = " ".join("".join(char if char.isprintable() else " " for char in line) for line in lines)
    # A secret may span two entries of the text, but is masked within one entry.
    if mask(plain) == plain and OTHER_LINES not in found.counts:
        assert said == plain.split()
    assert {event.kind for event in found.items} <= set(KINDS)
    assert {event.cause for event in found.items} <= {None, *CAUSES}
    assert all(event.remedy for event in found.items if event.cause)


@given(st.sampled_from(LOGS), st.data())
def test_the_beginning_of_a_log_has_the_events_of_the_whole(path: Path, data: st.DataObject) -> None:
    lines = REPLIES[path].splitlines()
    whole = events(lines).items
    part = events(lines[: data.draw(st.integers(0, len(lines)))]).items
    sure = [event for event in part if event.time != part[-1].time]
    assert sure == [event for event in whole[: len(part)] if event.time != part[-1].time]


def is_beginning(row: t.Any, whole: t.Any) -> bool:
    """Return whether every value of a row is the value, or its beginning, of the same row of the whole reply."""
    for name in type(whole).__dataclass_fields__:
        value, full = getattr(row, name), getattr(whole, name)
        if isinstance(value, tuple):
            if value != full[: len(value)]:
                return False
        elif value is not None and value != full and name not in ("comment", "replies", "failure"):
            return False
    return True
