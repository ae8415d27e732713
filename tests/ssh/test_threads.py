# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that needs more threads than it may have ends before the first login, with the limit and a remedy."""

from __future__ import annotations

import os
import resource
import threading
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import threads
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._connect import Connector

DEVICES = 100


def targets(transport: str = "asyncssh", count: int = DEVICES) -> list[Target]:
    return [Target(f"host{number}", "192.0.2.1", transport=transport) for number in range(count)]


@pytest.fixture
def cgroup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the only cgroup, without a limit; there is no limit of the user."""
    (tmp_path / "own").write_text("9:memory:/elsewhere\n0::/job.slice/job\n", encoding="utf-8")
    folder = tmp_path / "tree" / "job.slice" / "job"
    folder.mkdir(parents=True)
    limited(folder, "max", 10)
    monkeypatch.setattr(threads, "_OWN_CGROUPS", tmp_path / "own")
    monkeypatch.setattr(threads, "_CGROUPS", tmp_path / "tree")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return folder


@pytest.fixture
def user(cgroup: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the soft and the hard limit of a user who is not the superuser and has 40 threads."""
    found = [100, 200]

    def raised(_which: int, wanted: tuple[int, int]) -> None:
        found[:] = wanted

    monkeypatch.setattr(resource, "getrlimit", lambda _which: tuple(found))
    monkeypatch.setattr(resource, "setrlimit", raised)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(threads, "_threads_of_user", lambda: 40)
    return found


def limited(folder: Path, most: str, in_use: int) -> None:
    (folder / "pids.max").write_text(f"{most}\n", encoding="utf-8")
    (folder / "pids.current").write_text(f"{in_use}\n", encoding="utf-8")


def test_the_message_has_the_need_the_limit_and_every_remedy(cgroup: Path) -> None:
    limited(cgroup, "200", 20)
    with pytest.raises(SessionError) as told:
        threads.require(targets("pyez"), DEVICES, DEVICES, "nhtb_batch_size")
    assert str(told.value) == (
        "controller: threads: expected 364 for 100 devices with pyez, actual 180 free of the cgroup's 200. Raise"
        " pids.max of the cgroup to 384 (podman and docker: --pids-limit; systemd: TasksMax), or set nhtb_batch_size to"
        " at most 37, or use nhtb_transport: asyncssh."
    )
    assert told.value.reason == "controller"
    # Each remedy does what it says.
    threads.require(targets("pyez"), 37 + 1, 37 + 1)
    threads.require(targets("asyncssh"), DEVICES, DEVICES)
    limited(cgroup, "384", 20)
    threads.require(targets("pyez"), DEVICES, DEVICES)


def test_the_cgroups_above_count_too(cgroup: Path) -> None:
    limited(cgroup.parent, "70", 30)
    with pytest.raises(
        SessionError, match=r"actual 40 free of the cgroup's 70\. .* or name fewer hosts with --limit\."
    ):
        threads.require(targets(), DEVICES, DEVICES)


def test_without_a_limit_that_can_be_read_a_run_goes_on(cgroup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads.require(targets(), DEVICES, DEVICES)
    monkeypatch.setattr(threads, "_OWN_CGROUPS", cgroup / "nothing")
    threads.require(targets(), DEVICES, DEVICES)


def test_the_soft_limit_of_the_user_is_raised_as_far_as_needed(user: list[int]) -> None:
    user[:] = [100, 1000]
    threads.require(targets(), DEVICES, DEVICES)
    assert user == [40 + DEVICES + 64, 1000]
    user[:] = [100, 200]
    with pytest.raises(SessionError, match=r"actual 160 free of the user's 200\. .*: ulimit -u 204, or"):
        threads.require(targets(), DEVICES, DEVICES)


def test_the_threads_of_this_user_are_counted() -> None:
    before = threads._threads_of_user()
    release = threading.Event()
    more = [threading.Thread(target=release.wait) for _one in range(30)]
    try:
        for one in more:
            one.start()
        # Other processes come and go; 30 threads of this one stay.
        assert threads._threads_of_user() >= threading.active_count() >= 30
        assert before >= 1
    finally:
        release.set()
        for one in more:
            one.join()


def test_the_connector_asks_for_all_its_hosts_or_for_those_of_a_round(cgroup: Path) -> None:
    limited(cgroup, "130", 10)
    hosts = [f"host{number}" for number in range(DEVICES)]
    variables = {host: {"ansible_host": "192.0.2.1"} for host in hosts}
    for at_once, variable in ((None, ""), (10, "nhtb_sessions"), (80, "nhtb_batch_size")):
        with pytest.raises(SessionError, match="threads: expected"):
            Connector(hosts, variables, {}, at_once=at_once, variable=variable)
    Connector(hosts, variables, {}, at_once=20, variable="nhtb_batch_size")
