# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tunnel counts once, whichever ends are asked, and only when each of them is in order."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.tunnel_count import count_tunnels


def finding(host: str, peer: str, state: t.Any = "failed", check: str = "ike") -> Finding:
    return Finding(
        host, check, f"{peer or 'leak'}", state, "UP", "DOWN", tunnel=f"{peer}-vpn" if peer else "", peer=peer
    )


def device(host: str, peers: t.Sequence[str], *findings: Finding, error: object = None) -> t.Any:
    return SimpleNamespace(
        host=host,
        tunnels=[SimpleNamespace(peer_host=peer) for peer in peers],
        findings=findings,
        wrong=[one for one in findings if one.state in ("failed", "unknown")],
        error=error,
    )


OK = finding("hub", "a", "ok"), finding("hub", "b", "ok")
PING = finding("hub", "b", check="pings")
DOWN, UNKNOWN, LEAK = finding("hub", "a"), finding("a", "hub", "unknown", "ipsec"), finding("hub", "")


@pytest.mark.parametrize(
    ("devices", "count"),
    [
        ([device("hub", "ab")], (0, 2, ())),
        ([device("hub", "ab", *OK)], (2, 2, ())),
        ([device("hub", "ab", *OK), device("a", ["hub"])], (1, 2, ())),
        ([device("hub", "ab", *OK), device("a", ["hub"], UNKNOWN)], (1, 2, (UNKNOWN,))),
        ([device("hub", "ab", DOWN, OK[1]), device("a", ["hub"], UNKNOWN)], (1, 2, (DOWN,))),
        ([device("hub", "ab", DOWN, finding("hub", "a", check="ipsec"), OK[1])], (1, 2, (DOWN,))),
        ([device("hub", "ab", *OK, LEAK)], (2, 2, (LEAK,))),
        ([device("hub", "ab", *OK, error="lost")], (0, 2, ())),
        ([device("hub", "ab", *OK), device("c", [])], (2, 2, ())),
        ([device("hub", "ab", DOWN, OK[1], PING, LEAK)], (1, 2, (DOWN,))),
        ([device("hub", "ab", *OK, PING), device("b", ["hub"], finding("b", "hub", "ok"))], (2, 2, (PING,))),
        ([], (0, 0, ())),
    ],
)
def test_count(devices: list[t.Any], count: tuple[int, int, tuple[Finding, ...]]) -> None:
    assert count_tunnels(devices) == count
