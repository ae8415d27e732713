# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connection variables: each is of its kind, or an error names it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import Problem, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.plugin_utils._target import target


@pytest.mark.parametrize(("value", "seconds"), [(1.5, 1.5), ("1.5", 1.5), (60, 60), ("3600", 3600)])
def test_a_timeout_is_a_number(value: t.Any, seconds: float) -> None:
    assert target("a", {"nhtb_rpc_timeout": value}, {}).timeout == seconds


@pytest.mark.parametrize("value", [0.5, "1e400", float("nan"), "inf", "-1", "x" * 100_000, [1], "٣", 10**400])
def test_another_timeout_is_an_error_of_one_line(value: t.Any) -> None:
    with pytest.raises(SessionError, match=r"^a: nhtb_rpc_timeout: expected 1 to 3600 seconds, actual .{1,80}$"):
        target("a", {"nhtb_rpc_timeout": value}, {})


def test_a_port_has_digits_of_ascii() -> None:
    with pytest.raises(SessionError, match="a: ansible_port: expected a whole number"):
        target("a", {"ansible_port": "٣"}, {})


def test_a_message_has_one_full_stop_and_no_endless_name() -> None:
    problem = Problem("a", "nhtb_" + "x" * 100_000, "(hidden)", "no such variable.", "Remove it.")
    assert str(problem).endswith("... = (hidden): no such variable. Remove it.")
    assert len(str(problem)) < 200
    finding = Finding("a", "ike", "gw", "unknown", "up", "refused: no permission.", "Permit it.")
    assert str(finding) == "a: ike gw: expected up, actual refused: no permission. Permit it."
