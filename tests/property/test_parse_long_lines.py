# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parsers against long repetitive text: time that grows with the text, not with its square."""

from __future__ import annotations

import sys
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


# A linear parser needs four times as much for four times the text, a quadratic one sixteen times.
GROWTH = 4
# Calls are the same in every run; processor time is not, least on a busy machine.
MOST_CALLS = 4.5
MOST_SECONDS = 10.0
STAMP = "Mar  2 09:00:01  hub1 iked[2201]:"
FAILURE = (
    f"{STAMP} IKE negotiation failed with error: No proposal chosen. IKE Version: 2, VPN: {{vpn}} Gateway: gate,"
    " Local: 192.0.2.2/500, Remote: {peer}/500, Local IKE-ID: a, Remote IKE-ID: b, VR-ID: 0, Role: Responder\n"
)
NAMELESS = f"{STAMP} IKE negotiation failed with error: No proposal chosen. Seen from {{peer}} and {{vpn}}.\n"
REFUSED = "Mar  2 09:00:01  hub1 kmd[2201]: IKE Phase-1 Failure: Authentication failed [spi=1, src_ip={peer}]\n"
BURSTS = {
    "a VPN each": (FAILURE, "vpn-{number}"),
    "one VPN": (FAILURE, "vpn"),
    "no fields": (NAMELESS, "vpn-{number}"),
    "two lines each": (FAILURE + NAMELESS, "vpn"),
    "a cause each": (FAILURE + REFUSED, "vpn"),
}


def burst(form: str, vpn: str, peers: int) -> str:
    """Return a log in which so many peers fail in the same second."""
    return "".join(
        form.format(peer=f"10.{number // 65536}.{number // 256 % 256}.{number % 256}", vpn=vpn.format(number=number))
        for number in range(peers)
    )


def calls(work: t.Callable[[], object]) -> int:
    """Return the number of functions that are called for a work."""
    count = 0

    def called(_frame: t.Any, event: str, _argument: t.Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(called)
    try:
        with suppress(HubspokeError):
            work()
    finally:
        sys.setprofile(None)
    return count


def growth_of_calls(text: t.Callable[[int], str], size: int, command: str = "show log iked") -> float:
    """Return how many times as many calls GROWTH times the text takes."""
    small, large = text(size), text(size * GROWTH)
    return calls(lambda: parse(command, large)) / calls(lambda: parse(command, small))


def growth_of_time(text: t.Callable[[int], str], size: int) -> float:
    """Return how many times as long GROWTH times the text takes, by the best of several turns."""
    small, large = text(size), text(size * GROWTH)

    def best(reply: str) -> float:
        return min(seconds(lambda: parse("show log iked", reply)) for _turn in range(3))

    best(small)
    return best(large) / max(best(small), 1e-3)


@pytest.mark.parametrize("name", BURSTS)
def test_a_burst_of_failures_is_linear_in_its_peers(name: str) -> None:
    form, vpn = BURSTS[name]
    assert growth_of_calls(lambda peers: burst(form, vpn, peers), 100) < MOST_CALLS


def test_every_failure_of_a_burst_is_an_event_of_its_peer() -> None:
    found = parse("show log iked", burst(FAILURE + REFUSED, "vpn-{number}", 300)).items
    assert len(found) == 600
    assert len({event.remote_address for event in found if event.vpn}) == 300


@pytest.mark.parametrize(
    "unit", ["local =a@(a:1,[[[", "L:1:", "Local: ", "192.0.2.1 ", "2001:db8::1:", "(1 times) <- ["]
)
@pytest.mark.parametrize("head", ["", "log", "iked"])
def test_a_hostile_line_is_linear_in_its_length(head: str, unit: str) -> None:
    begin = HEADS.get(head, "")
    assert growth_of_time(lambda length: begin + unit * (length // len(unit)), 20_000) < MOST_SECONDS


LABEL = "Novelty: a, "


@pytest.mark.parametrize(
    ("command", "head", "unit"),
    [
        ("show security ike security-associations", HEADS["ike"], LABEL),
        ("show security ike security-associations", HEADS["ike"], f"{LABEL}\n"),
        ("show security ipsec security-associations", HEADS["ipsec"], f"{LABEL}\n"),
        ("show route", "inet.0: 1 destinations, 1 routes (1 active)\n", "10.0.0.0/8 *[Static/5] 1w, metric 1\n"),
        ("show route", "<route-information>", "<novelty/>"),
        ("show security ike security-associations", "", "user@hub1> show security ike sa\na\nuser@hub1> show it\nb\n"),
        ("show version", "", "node0:\nJunos: 22.4R1\n"),
    ],
)
def test_a_reply_with_many_oddities_is_linear_in_them(command: str, head: str, unit: str) -> None:
    tail = f"</{head[1:]}" if head.startswith("<") else ""
    assert growth_of_calls(lambda length: head + unit * (length // len(unit)) + tail, 10_000, command) < MOST_CALLS


@settings(max_examples=40)
@given(st.sampled_from(sorted(HEADS)), st.lists(words, min_size=1, max_size=4), st.sampled_from(["", " ", "\n"]))
def test_long_repetitions_of_any_words_are_read_once(head: str, pieces: list[str], glue: str) -> None:
    unit = glue.join(pieces) + glue
    assert slow(HEADS[head] + unit * (LENGTH // len(unit))) == []
