# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A device that answers ten times later than the others is slow; one with more or longer replies is not."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device import reply_times
from ansible_collections.hubspoke.srx.plugins.module_utils._device.reply_times import ReplyTimes, slow_devices
from ansible_collections.hubspoke.srx.plugins.module_utils._device.rpc_log import noted
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError

SPOKES = ("bern", "cork", "graz", "kiel", "oslo", "riga")
# A kind of request, the seconds of one reply, its bytes, and how many there are.
Reply = tuple[str, float, int, int]


def slow(**own: t.Sequence[Reply]) -> list[str]:
    """Return the slow devices where some have replies of their own and the spokes answer in 0.1 s."""
    replies: dict[str, t.Sequence[Reply]] = {
        spoke: [("show", 0.1, 1000, 4), ("commit", 0.2, 50, 1)] for spoke in SPOKES
    }
    with ReplyTimes() as times:
        for host, found in (replies | own).items():
            for name, seconds, received, count in found:
                for _reply in range(count):
                    reply_times.note(host, name, seconds, received)
        assert slow_devices() == times.slow()
    return [f"{one.host}: {one}" for one in times.slow()]


def test_a_slow_device_is_named_with_the_usual_seconds() -> None:
    assert slow(kiel=[("show", 1.5, 1000, 4), ("commit", 20.0, 50, 1)]) == [
        "kiel: replies: expected about 0.6 s in all, as of other devices, actual 26.0 s. See the load of the device,"
        " and the path to it."
    ]


def test_the_slowest_comes_first() -> None:
    found = slow(kiel=[("show", 2.0, 1000, 4)], riga=[("show", 3.0, 1000, 4)])
    assert [one.partition(":")[0] for one in found] == ["riga", "kiel"]


@pytest.mark.parametrize(
    "replies",
    [
        pytest.param([("show", 0.9, 1000, 4)], id="nine times"),
        pytest.param([("show", 0.1, 1000, 400)], id="a hub that is asked a hundred times as often"),
        pytest.param([("show", 40.0, 1_000_000, 4)], id="a hub with a thousand times as much to tell"),
        pytest.param([("ping", 90.0, 100, 9)], id="pings without an answer"),
        pytest.param([("login", 90.0, 0, 1), ("logout", 90.0, 0, 1)], id="a login that was tried again"),
        pytest.param([("drain", 90.0, 100, 1)], id="a request that no other device has"),
    ],
)
def test_these_are_not_slow(replies: list[Reply]) -> None:
    assert slow(hub=replies) == []


def test_seconds_count_too() -> None:
    """Hold it for devices that answer at once: twenty times nothing is little."""
    replies = {spoke: [("show", 0.001, 1000, 4)] for spoke in SPOKES}
    assert slow(**{**replies, "kiel": [("show", 0.4, 1000, 4)]}) == []


def test_two_devices_have_no_usual_time() -> None:
    with ReplyTimes() as times:
        times.note("hub", "show", 0.1, 100)
        times.note("spoke", "show", 90.0, 100)
    assert times.slow() == []


def test_a_session_notes_what_was_answered_while_times_are_open() -> None:
    def ask(*, fails: bool) -> None:
        for host in SPOKES:
            with noted(host, "show", "<show/>") as exchange:
                exchange.milliseconds = 60_000.0 if host == "kiel" else 100.0
                exchange.received = 10
                if fails:
                    raise HubspokeError("no answer")

    ask(fails=False)
    with ReplyTimes() as times:
        assert times.slow() == []
        for _error in range(2):
            with pytest.raises(HubspokeError):
                ask(fails=True)
        assert times.slow() == []
        ask(fails=False)
    assert [one.host for one in times.slow()] == ["kiel"]
    ask(fails=False)
    assert [(one.host, one.seconds) for one in times.slow()] == [("kiel", 60.0)]
    assert slow_devices() == []
