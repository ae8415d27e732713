# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The differences that a change of keys may make, and generated keys."""

from __future__ import annotations

import re
import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import ALPHABET, LENGTH, generate_key
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import JUNOS
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.key_change import (
    of_rotated,
    other_changes,
    verified_tunnels,
)
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import shipped

OURS = "set groups hubspoke security ike"
SHARED = [
    f"{OURS} policy shared mode main",
    f'{OURS} policy shared pre-shared-key ascii-text "$9$old"',
    f"{OURS} gateway east-gate ike-policy shared",
    "set apply-groups hubspoke",
]


def tunnels(*policies: str) -> t.Any:
    """Return a tunnel to ``east`` for each IKE policy."""
    return [SimpleNamespace(gateway="east-gate", ike_policy=SimpleNamespace(name=policy)) for policy in policies]


def test_generated_keys_differ_and_need_no_quotes_anywhere() -> None:
    keys = {generate_key() for _turn in range(100)}
    assert len(keys) == 100
    assert all(len(key) == LENGTH and set(key) <= set(ALPHABET) for key in keys)
    assert re.fullmatch("[0-9A-Za-z]+", ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert not set("0O1lIo") & set(ALPHABET)
    rules = [profile.key for profile in (JUNOS, *shipped().values())]
    assert all(re.fullmatch(one.pattern, ALPHABET) and one.longest >= LENGTH for one in rules)


def test_generated_keys_of_hexadecimal_digits_are_bytes() -> None:
    keys = {generate_key("hexadecimal") for _turn in range(100)}
    assert len(keys) == 100
    assert {len(bytes.fromhex(key)) for key in keys} == {LENGTH}


def test_another_key_in_a_policy_that_stays_is_about_keys() -> None:
    after = [line.replace("$9$old", "$9$new") for line in SHARED]
    assert other_changes(SHARED, after, tunnels("shared")) == []


def test_a_key_of_a_tunnel_that_keeps_its_key_is_named() -> None:
    west = [
        f'{OURS} policy west-ike pre-shared-key ascii-text "$9$old"',
        f"{OURS} gateway west-gate ike-policy west-ike",
    ]
    after = [line.replace("$9$old", "$9$new") for line in west]
    masked = west[0].replace("$9$old", "(masked)")
    assert other_changes([*SHARED, *west], [*SHARED, *after], tunnels("shared")) == [f"- {masked}", f"+ {masked}"]
    changes = [line[2:].split(" ascii-text")[0] for line in other_changes(SHARED, [*SHARED, *west], tunnels("shared"))]
    assert changes == [west[1], f"{OURS} policy west-ike pre-shared-key"]


def test_a_new_and_a_deleted_policy_are_about_keys() -> None:
    after = [
        f"{OURS} policy east-ike mode main",
        f'{OURS} policy east-ike pre-shared-key ascii-text "$9$new"',
        f"{OURS} gateway east-gate ike-policy east-ike",
        "set apply-groups hubspoke",
    ]
    assert other_changes(SHARED, after, tunnels("east-ike")) == []
    assert other_changes(after, SHARED, tunnels("shared")) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{OURS} policy shared mode main", f"{OURS} policy shared mode aggressive"),
        ("set apply-groups hubspoke", "set groups hubspoke system host-name other"),
        ("set apply-groups hubspoke", f"{OURS} gateway east-gate address 192.0.2.9"),
        ("set apply-groups hubspoke", "deactivate groups hubspoke security ike policy shared"),
    ],
)
def test_anything_else_is_named(before: str, after: str) -> None:
    changed = [after if line == before else line for line in SHARED]
    assert other_changes(SHARED, changed, tunnels("shared")) == [f"- {before}", f"+ {after}"]


def test_a_named_difference_has_no_key() -> None:
    line = 'set groups hubspoke security ike policy shared seeded-pre-shared-key ascii-text "$9$secret"'
    assert other_changes(SHARED, [*SHARED, line], tunnels("shared")) == ["+ " + line.replace("$9$secret", "(masked)")]


def finding(peer: str) -> Finding:
    return Finding("hub", "ike", "gate", "failed", "UP", "DOWN", peer=peer)


def test_a_hub_is_verified_by_the_tunnels_whose_keys_change() -> None:
    hub = t.cast(t.Any, SimpleNamespace(site=SimpleNamespace(role="hub")))
    spoke = t.cast(t.Any, SimpleNamespace(site=SimpleNamespace(role="spoke")))
    hub.tunnels = spoke.tunnels = tuple(SimpleNamespace(peer_host=peer) for peer in ("east", "west"))
    found = [finding("east"), finding("west"), finding("")]
    assert [one.peer_host for one in verified_tunnels(hub, {"east"})] == ["east"]
    assert verified_tunnels(spoke, {"east"}) == verified_tunnels(hub, frozenset()) == hub.tunnels
    assert [one.peer for one in of_rotated(hub, {"east"}, found)] == ["east", ""]
    assert [one.peer for one in of_rotated(spoke, {"east"}, found)] == ["east", "west", ""]
    assert [one.peer for one in of_rotated(hub, frozenset(), found)] == ["east", "west", ""]
