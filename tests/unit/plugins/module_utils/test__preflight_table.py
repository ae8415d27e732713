# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table and the outcomes of a preflight: each thing once, within the width of a terminal."""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import login_error
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import (
    Problem,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import LockHolder
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.ask import not_reached
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.facts import Checked, Facts, Part, Pending
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.report import (
    outcome_of,
    preflight_report,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.table import (
    WIDTH,
    table,
)

READY = Checked("hub1", "ready", facts=Facts("21.4R3", "srx1500", 90061, 0, 13 * 1024**3))


BUSY = Checked(
    "oslo",
    "not_ready",
    facts=Facts(
        "21.4R3-S5.4", "srx320", 75, -400, 1024**2, Pending("ops", "10:15:00 UTC"), LockHolder("ops", "", 1, "", ""),
        parts=(
            Part("LAN ge-0/0/0.0", "10.1.2.1/24", "10.1.2.1/24", "nhtb_manage_lan_interfaces: false"),
            Part("host name", "oslo", "fw1", "nhtb_host_name: fw1, or leave it out", (("system host-name", ""),)),
        ),
    ),
    obstacles=(
        Finding("oslo", "conflicts", "system host-name", "failed", "oslo", "fw1 in group x", "Set nhtb_host_name."),
        Finding("oslo", "preflight", "lock of the configuration", "failed", "free", "held by ops", "Ask them to go."),
    ),
    unanswered=("show system storage: refused",),
)  # fmt: skip


AWAY = not_reached("lima", login_error("oslo (192.0.2.2 port 830)", "refused"))


TEXT = """\
Host  Reached  Ready  Junos        Model    Up       Clock   Free      Pending commit          Lock
----  -------  -----  -----------  -------  -------  ------  --------  ----------------------  ----
hub1  yes      yes    21.4R3       srx1500  1 d 1 h  right   13.0 GiB  none                    free
oslo  yes      no     21.4R3-S5.4  srx320   1 min    -6 min  1.0 MiB   ops until 10:15:00 UTC  ops
lima  no       NETCONF over SSH: connection refused

lima:
    Check ansible_host, ansible_port and 'set system services netconf ssh'.

oslo has already (! would stop a deployment):
  Part            Plan         On the device  Switch that fits
  --------------  -----------  -------------  --------------------------------------
  LAN ge-0/0/0.0  10.1.2.1/24  10.1.2.1/24    nhtb_manage_lan_interfaces: false
  host name       oslo         fw1            ! nhtb_host_name: fw1, or leave it out
oslo would stop a deployment:
  lock of the configuration: expected free, actual held by ops
    Ask them to go.
oslo did not answer: show system storage: refused

2 of 3 devices reached, 1 ready for a deployment. Not reached: lima."""


def shown(checked: t.Sequence[Checked], problems: t.Sequence[Problem] = (), path: str = "artifacts/run/x.json") -> str:
    """Return the text of a report that was read from its file."""
    report = preflight_report("20260302T101112-abcdef", checked, problems, "artifacts/run/known_hosts")
    return table({**json.loads(json.dumps(report)), "path": path})


def test_the_table_tells_each_thing_once() -> None:
    assert shown([READY, BUSY, AWAY]) == TEXT


def test_a_preflight_without_a_device_says_so() -> None:
    text = shown([Checked("lima", "skipped", short="not asked: it runs ScreenOS")])
    assert text.endswith("\n\nNothing asked: no device took part.")


def test_the_file_of_the_unknown_keys_is_named_where_it_is_written() -> None:
    found = replace(AWAY, unknown_keys=("lima ssh-ed25519 AAAA",), known_hosts="/home/me/.ssh/known_hosts")
    assert "    $ cat artifacts/run/known_hosts >> /home/me/.ssh/known_hosts" in shown([found])
    assert "known_hosts" not in shown([found], path="")


def test_the_table_fits_a_terminal_whatever_the_names() -> None:
    long = "x" * 80
    facts = Facts(long, long, 90061, 90061, 1024**4, Pending(long, "10:15:00 UTC"), LockHolder(long, "", 1, "", ""))
    part = Part(long, long, long, long)
    found = [
        Checked(
            long,
            "not_ready",
            facts=replace(facts, parts=(part,)),
            obstacles=(Finding(long, "x", "y", "failed", "z " * 90, "a"),),
        ),
        Checked(long, "failed", short=long * 3, remedy="b " * 90),
        Checked("z", "not_ready", facts=replace(facts, present=((long, long),))),
    ]
    text = shown(found, [Problem("h", "nhtb_wan", "(missing)", "nothing is set", "Set it")])
    assert [line for line in text.splitlines() if len(line) > WIDTH and not line.startswith("x" * 80)] == []


def test_hosts_with_the_same_remedy_share_it() -> None:
    found = [replace(AWAY, host=f"spoke{number}") for number in range(9)]
    text = shown(found)
    assert text.count("Check ansible_host") == 1
    assert "spoke0, spoke1, spoke2, spoke3, spoke4, spoke5 and 3 more:" in text


def test_a_large_fleet_has_the_details_of_the_hosts_that_are_not_ready() -> None:
    part = Part("host name", "a", "b", "nhtb_host_name: b, or leave it out")
    facts = replace(t.cast(Facts, READY.facts), parts=(part,))
    found = [replace(READY, host=f"ready{number}", facts=facts) for number in range(30)]
    text = shown([*found, *(replace(BUSY, host=f"busy{number}") for number in range(19))])
    assert text.count(" has already") == 20
    assert text.count("would stop a deployment:") == 19
    assert "ready0 has already" in text
    assert "More about 29 other hosts is in the file of this run." in text


def test_the_problems_of_the_plan_are_told_and_counted() -> None:
    problems = [Problem("oslo", f"nhtb_{number}", "(missing)", "nothing is set", "Set it") for number in range(12)]
    text = shown([READY], problems)
    assert "  oslo: nhtb_0 = (missing): nothing is set\n    Set it.\n" in text
    assert "and 2 more, in the file of this run" in text
    assert text.endswith("The plan is not complete: 12 problems.")


@pytest.mark.parametrize(
    ("one", "failed", "unreachable", "message"),
    [
        (READY, False, False, "ready: Junos 21.4R3 on srx1500"),
        (BUSY, False, False, "not ready: system host-name, lock of the configuration"),
        (AWAY, True, True, "lima: NETCONF over SSH: connection refused"),
        (replace(AWAY, short="f" * 200), True, True, f"lima: {'f' * 111}..."),
        (Checked("y", "skipped", short="not asked: it runs ScreenOS"), False, False, "not asked: it runs ScreenOS"),
    ],
)  # fmt: skip
def test_the_outcome_of_a_host_is_small(one: Checked, failed: bool, unreachable: bool, message: str) -> None:
    outcome = outcome_of(one, "artifacts/run/known_hosts")
    assert (outcome["failed"], outcome["unreachable"], outcome["message"]) == (failed, unreachable, message)
    assert len(outcome["message"]) <= 120
    assert (outcome["changed"], outcome["findings"], outcome["diff"]) == (False, [], "")
