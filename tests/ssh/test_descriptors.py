# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that needs more file descriptors than it may have ends before the first login, with a remedy that works."""

from __future__ import annotations

import multiprocessing
import os
import re
import resource
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import descriptors
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session, Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._connect import Connector

from tests.ssh import fake_device as fake

DEVICES = 30
OPEN = 12


def targets(transport: str, count: int = DEVICES) -> list[Target]:
    return [Target(f"host{number}", "192.0.2.1", transport=transport) for number in range(count)]


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the soft and the hard limit of a process that has 10 files open."""
    found = [64, 64]

    def raised(_which: int, wanted: tuple[int, int]) -> None:
        if wanted[0] > found[1]:
            raise ValueError("not allowed to raise maximum limit")
        found[:] = wanted

    monkeypatch.setattr(resource, "getrlimit", lambda _which: tuple(found))
    monkeypatch.setattr(resource, "setrlimit", raised)
    monkeypatch.setattr(descriptors, "_in_use", lambda: 10)
    return found


def test_the_message_has_the_need_the_limit_and_every_remedy(limits: list[int]) -> None:
    limits[:] = [64, 300]
    with pytest.raises(SessionError) as told:
        descriptors.require(targets("pyez"), DEVICES, "nhtb_batch_size")
    assert str(told.value) == (
        "controller: file descriptors: expected 402 for 30 devices with pyez (6 each), actual limit 300. Raise the"
        " limit before the run: ulimit -n 402, or set nhtb_batch_size to at most 12, or use nhtb_transport: asyncssh."
    )
    assert told.value.reason == "controller"
    # Each remedy does what it says.
    descriptors.require(targets("pyez"), 12 + 1)
    descriptors.require(targets("asyncssh", 13), 13)
    limits[:] = [64, 402]
    descriptors.require(targets("pyez"), DEVICES)
    assert limits == [402, 402]


def test_the_soft_limit_is_raised_as_far_as_needed(limits: list[int]) -> None:
    limits[:] = [64, 4096]
    descriptors.require(targets("asyncssh"), DEVICES)
    assert limits == [282, 4096]
    descriptors.require(targets("asyncssh"), 1)
    assert limits == [282, 4096]


def test_a_remedy_that_is_none_is_not_told(limits: list[int]) -> None:
    with pytest.raises(SessionError) as told:
        descriptors.require(targets("asyncssh"), DEVICES, "nhtb_batch_size")
    assert "nhtb_" not in str(told.value)
    assert "ulimit -n 282." in str(told.value)


def test_the_connector_asks_for_all_its_hosts(limits: list[int]) -> None:
    hosts = [f"host{number}" for number in range(DEVICES)]
    variables = {host: {"nhtb_transport": "pyez", "ansible_host": "192.0.2.1"} for host in hosts}
    with pytest.raises(SessionError, match="for 30 devices with pyez"):
        Connector(hosts, variables, {})
    limits[:] = [64, 200]
    with pytest.raises(SessionError, match=r"for 20 devices with pyez .* set nhtb_sessions") as told:
        Connector(hosts, variables, {}, at_once=20, variable="nhtb_sessions")
    assert told.value.reason == "controller"


def _with_the_limit_it_asks_for(target: Target, told: t.Any) -> None:
    wanted = [replace(target, host=f"host{number}") for number in range(OPEN)]
    now = len(os.listdir("/proc/self/fd"))
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (now + 20, now + 20))
        descriptors.require(wanted, OPEN)
        told.put("no error")
    except SessionError as error:
        told.put(str(error))


def _opens_all(target: Target, limit: int, told: t.Any) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    wanted = [replace(target, host=f"host{number}") for number in range(OPEN)]
    sessions = [Session(one) for one in wanted]
    try:
        descriptors.require(wanted, OPEN)
        for session in sessions:
            session.open()
        told.put("all open")
    except SessionError as error:
        told.put(str(error))


def test_the_limit_that_is_asked_for_is_enough_for_real_sessions(transport: str) -> None:
    with fake.FakeDevice() as device:
        target = Target("oslo", device.address, device.port, "admin", "secret", host_key_checking=False,
                        transport=transport)  # fmt: skip
        found = re.search(r"ulimit -n (\d+)", _said(_with_the_limit_it_asks_for, target))
        assert found
        assert _said(_opens_all, target, int(found[1])) == "all open"


def _said(work: t.Callable[..., None], *arguments: t.Any) -> str:
    context = multiprocessing.get_context("fork")
    told = context.Queue()
    child = context.Process(target=work, args=(*arguments, told), daemon=True)
    child.start()
    try:
        return str(told.get(timeout=300))
    finally:
        child.terminate()
        child.join(30)
