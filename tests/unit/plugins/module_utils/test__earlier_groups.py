# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A group that a renamed nhtb_group leaves behind is found, and told from those of other users."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.earlier_groups import (
    applied,
    earlier_groups,
    under_new_name,
    why_not_ours,
    without_groups,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.prechecks import check_conflicts, check_earlier_group
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ConflictError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job

from .sample_fleet import HUB


def test_the_group_of_an_earlier_name_is_named() -> None:
    plan = replace(HUB, group="new")
    vpn = plan.tunnels[0].vpn
    commands = [
        f"set groups {group} security ipsec vpn {name} ike gateway gw"
        for group, name in (("old", vpn), ("new", vpn), ("other", "other-vpn"))
    ]
    assert earlier_groups(plan, [*commands, f"set security ipsec vpn {vpn} ike gateway gw"]) == ["old"]
    assert earlier_groups(plan, []) == []


OLD = ["set groups old security ipsec vpn {vpn} bind-interface st0.0", "set groups old interfaces st0 unit 0"]


def held(*commands: str) -> list[str]:
    return [command.format(vpn=HUB.tunnels[0].vpn) for command in commands]


@pytest.mark.parametrize(
    ("commands", "reason"),
    [
        ([], ""),
        (OLD, ""),
        ([*OLD, "set groups old system host-name x", "set groups other system services ssh"], ""),
        ([*OLD, "set groups old system services ssh"], "with 'system services ssh', which is none of this VPN's"),
        ([*OLD, "deactivate groups old protocols ospf"], "with 'protocols ospf', which is none of this VPN's"),
        (["set groups old interfaces st0 unit 0"], "without a VPN of the plan"),
    ],
)
def test_only_a_group_of_this_vpn_may_be_moved(commands: list[str], reason: str) -> None:
    assert why_not_ours("old", HUB.tunnels, "", HUB.group, held(*commands)) == reason


def test_statements_of_a_group_are_told_from_others() -> None:
    commands = ["set groups old a b", "set groups older a b", "deactivate groups old a", "set apply-groups old"]
    assert without_groups(commands, ["old"]) == ["set groups older a b", "set apply-groups old"]
    assert without_groups(commands, []) == commands
    assert under_new_name(commands[:2], "old", "new") == ["set groups new a b", "set groups older a b"]
    assert under_new_name(commands[3:], "old", "new") == ["set apply-groups new"]
    assert applied([*commands, "set interfaces apply-groups deep"], ["old", "older", "deep"]) == ["old", "deep"]
    assert applied([*commands, "deactivate apply-groups old"], ["old"]) == []


class Device:
    """A session with the statements of a device. Keys are as stored."""

    def __init__(self, *commands: str) -> None:
        self.target = SimpleNamespace(host="hub1")
        self.commands = list(commands)

    def statements(self, _filter: str, _database: str = "committed") -> list[str]:
        return self.commands


CODEC: t.Any = None
APPLIED = "set apply-groups old"


def checked(job: Job, *commands: str) -> list[str]:
    statements = held(*commands)
    return check_conflicts(job, statements, statements, {}, CODEC)


def test_a_group_without_a_conflict_is_a_warning() -> None:
    for job in (Job(HUB, ""), Job(HUB, "", remove=True)):
        (warning,) = checked(job, *OLD[:1])
        assert warning.startswith("hub1: configuration groups: expected this VPN in hubspoke alone, actual in old too")
        assert "Set nhtb_move_group=old to delete that group" in warning


def test_a_group_in_conflict_is_one_cause() -> None:
    """Its own conflicts are not listed, those of the top level are."""
    bound = "interfaces st0 unit 0 family inet address 10.9.9.9/24"
    unit = bound.replace("unit 0", f"unit {HUB.site.units[0].number}")
    with pytest.raises(ConflictError) as caught:
        checked(Job(HUB, ""), *OLD, APPLIED, f"set groups old {unit}")
    assert "The two have different statements. Set nhtb_move_group=old" in str(caught.value)
    assert "10.9.9.9" not in str(caught.value)
    with pytest.raises(ConflictError, match=r"(?s)10\.9\.9\.9.* at the top level.* configuration groups: "):
        checked(Job(HUB, ""), *OLD, APPLIED, f"set groups old {unit}", f"set {unit}")


def test_a_removal_refuses_to_leave_the_vpn_in_force() -> None:
    with pytest.raises(ConflictError, match=r"It keeps the VPN in force\. Set nhtb_move_group=old"):
        checked(Job(HUB, "", remove=True), *OLD, APPLIED)


def test_a_group_of_another_user_is_not_deleted() -> None:
    job = Job(replace(HUB, group="new"), "")
    check_earlier_group(t.cast(t.Any, Device(*held(*OLD))), job, "old")
    other = Device(*held(*OLD, "set groups old system services ssh"))
    with pytest.raises(
        ConflictError, match=r"^hub1: nhtb_move_group: expected an earlier group of this VPN, actual old"
    ):
        check_earlier_group(t.cast(t.Any, other), job, "old")
