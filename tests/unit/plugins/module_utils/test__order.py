# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of statements that stay on the hub, and of new ones between them."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._config.order import in_order

START = "set groups g "
ZONES = ("from-zone a to-zone b", "from-zone c to-zone d", "from-zone a to-zone d")


def commands(*lines: str) -> list[str]:
    return [START + line for line in lines]


def words(*lines: str) -> list[tuple[str, ...]]:
    return [tuple(line.split()) for line in lines]


def test_what_the_device_has_keeps_its_order() -> None:
    before = commands("ike gateway b address 2", "ike gateway a address 1", "ipsec vpn a x")
    loaded = commands("ike gateway a address 1", "ike gateway b address 2", "ipsec vpn a x")
    planned = words("ike gateway a address 1", "ike gateway b address 2")
    assert in_order(loaded, before, planned) == before


def test_a_new_object_follows_the_one_that_the_plan_has_before_it() -> None:
    before = commands("ike gateway a address 1", "ike gateway c address 3")
    loaded = commands("ike gateway b address 2", "ike gateway b key k", *[line[len(START) :] for line in before])
    planned = words(*(f"ike gateway {name} address {number}" for number, name in enumerate("abc", start=1)))
    assert in_order(loaded, before, planned) == [before[0], *loaded[:2], before[1]]
    # The first of the plan is put first.
    first = commands("ike gateway a address 1")
    rest = commands("ike gateway b address 2", "ike gateway c address 3")
    assert in_order([*rest, *first], rest, planned) == [*first, *rest]


def test_several_new_objects_keep_the_order_of_the_plan() -> None:
    lines = [f"policy p address {name}" for name in "abcde"]
    before = commands(lines[2])
    loaded = commands(*(lines[index] for index in (0, 1, 3, 4, 2)))
    assert in_order(loaded, before, words(*lines)) == commands(*lines)


def test_the_two_zones_of_a_context_are_one_object() -> None:
    before = commands(*(f"policies {zones} policy p then permit" for zones in ZONES))
    assert in_order(before[::-1], before, []) == before


def test_a_statement_outside_the_plan_stays_where_it_was_loaded() -> None:
    before = commands("x a", "x c")
    assert in_order(commands("x a", "x other", "x c"), before, words("x a", "x c")) == commands("x a", "x other", "x c")
