# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parsers against long repetitive text: time that grows with the text, not with its square."""

from __future__ import annotations

import time
import typing as t
from contextlib import suppress

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask, without_resalted
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.commit import commit_outcome
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import COMMANDS, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.test_parse import words

LENGTH = 50_000
# Seconds of processor time. Linear parsers need a tenth of it, quadratic ones at least five times as much.
MOST = 1.0
# The beginning of a reply that makes a parser read what follows with its own expressions.
HEADS = {
    "ike": "IKE peer 192.0.2.1, Index 1, Gateway Name: gw\n",
    "ipsec": "ID: 1 Virtual-system: root, VPN Name: vpn\n",
    "log": "IKE negotiation failed with error: No proposal chosen. IKE Version: 1, VPN: vpn ",
    "iked": "IKE: Gateway N:gw ",
    "vpn": "VPN vpn from 192.0.2.1 is up. ",
    "xml": "<rpc-reply><output>",
    "none": "",
}
# Each was slow, or is the beginning of an expression that could be.
UNITS = (
    "@", "a@", "local =a@(a:1,[[[", "local =a(a:1,[1=", "p2_local=a(", "C:", "L:1:", "<rpc-reply ", "<rpc-reply",
    "</rpc-reply", "JUNOS ", "JUNOS [a", "PING6(bytes) ", "bytes)", "Fri Oct 8 10:00:00: ", "10:00:00", ": ", " ",
    "A ", "Ab :", "(1 times)", "st0.0 ", "192.0.2.1 st0.0 a ", '"\\', 'ascii-text "', "ascii-text ", "\\", " ## ",
    "$9$", "Local ID: ", "Local: a, ", ",", "Gateway Name: ", "1", "1.", "[", "{", "<a>", "<1>", "A_", "A_A ",
    "kmd[1]: ", "a ", "a\n", "Reason: ", "[ a <-> ",
)  # fmt: skip


def seconds(work: t.Callable[[], object]) -> float:
    begun = time.process_time()
    with suppress(HubspokeError):
        work()
    return time.process_time() - begun


def slow(text: str) -> list[str]:
    """Return what takes too long for a text."""
    works: dict[str, t.Callable[[], object]] = {name: lambda name=name: parse(name, text) for name in COMMANDS}  # type: ignore[misc]
    works |= {
        "commit": lambda: commit_outcome(text),
        "mask": lambda: mask(text),
        "comparison": lambda: without_resalted(f"+{text}\n-{text}", _NoCodec()),
    }
    return [name for name, work in works.items() if seconds(work) > MOST]


class _NoCodec:
    def encode(self, plain: str) -> str:
        raise ValueError(plain)

    def decode(self, encoded: str) -> str:
        raise ValueError(encoded)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("unit", UNITS)
def test_a_long_line_is_read_once(head: str, unit: str) -> None:
    line = unit * (LENGTH // len(unit))
    assert slow(f"{HEADS[head]}{line}") == []
    if " " in unit:
        assert slow(f"{HEADS[head]}a{line}x") == []


@settings(max_examples=40)
@given(st.sampled_from(sorted(HEADS)), st.lists(words, min_size=1, max_size=4), st.sampled_from(["", " ", "\n"]))
def test_long_repetitions_of_any_words_are_read_once(head: str, pieces: list[str], glue: str) -> None:
    unit = glue.join(pieces) + glue
    assert slow(HEADS[head] + unit * (LENGTH // len(unit))) == []
