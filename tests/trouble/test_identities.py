# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Spokes that the hub knows by identity: a wrong one is named at its end, and NAT in front of an end is no fault."""

from __future__ import annotations

import typing as t

import pytest

from tests.golden import networks as golden
from tests.lab_tests.findings.support import KEYS
from tests.trouble.support import Trouble

OTHER = "set security ike gateway"
CASES = {
    "the hub expects another name": (
        "bergen", "hub", f"{OTHER} bergen-gate dynamic hostname bergen.example.org",
        "hub: security ike gateway bergen-gate dynamic",
    ),
    "the spoke has another name": (
        "bergen", "bergen", f"{OTHER} hq-gate local-identity hostname other.example.net",
        "bergen: security ike gateway hq-gate local-identity",
    ),
    "the hub has another name": (
        "cork", "hub", f"{OTHER} cork-gate local-identity hostname other.example.net",
        "hub: security ike gateway cork-gate local-identity",
    ),
    "the spoke expects another hub": (
        "delft", "delft", f"{OTHER} hq-gate remote-identity hostname other.example.net",
        "delft: security ike gateway hq-gate remote-identity",
    ),
    "a spoke behind NAT sends its private address": (
        "delft", "delft", "delete security ike gateway hq-gate local-identity",
        "delft: security ike gateway hq-gate local-identity",
    ),
    "a key-id differs": (
        "evora", "evora", f"{OTHER} hq-gate local-identity key-id evora-2",
        "evora: security ike gateway hq-gate local-identity",
    ),
    "no lease is asked for": (
        "gent", "gent", "delete interfaces ge-0/0/0 unit 0 family inet dhcp",
        "gent: interfaces ge-0/0/0 unit 0 family inet dhcp",
    ),
}  # fmt: skip


def trouble(changes: t.Mapping[str, t.Sequence[str]], monkeypatch: pytest.MonkeyPatch) -> Trouble:
    plan = golden.plan("identities", golden.OWN)
    for device in plan.devices:
        monkeypatch.setitem(KEYS, device.host, "a-key-of-this-test")
    return Trouble(golden.OWN, changes, plan)


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_identity_is_named_at_the_end_that_has_it(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spoke, host, change, statement = CASES[case]
    found = trouble({host: [change]}, monkeypatch).tunnel(spoke)
    assert found["state"] == "failed"
    assert statement in str(found["steps"]), found


def test_the_other_tunnels_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    changes: dict[str, t.Sequence[str]] = {"bergen": [f"{OTHER} hq-gate local-identity hostname other.example.net"]}
    reports = trouble(changes, monkeypatch).report("hub")["tunnels"]
    assert [one["spoke"] for one in reports if one["state"] == "failed"] == ["bergen"]
