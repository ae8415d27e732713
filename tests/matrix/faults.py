# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults, each injected into a device at the first request of a stage."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass

from tests.lab.device import Device
from tests.matrix.lab import LabThread
from tests.matrix.scaled_time import FAST

# Wall-clock seconds that a client waits for a reply that does not come, and for one that does. On a machine with other
# work the bench waits longer for the first, so that it is not for a late reply of a device without fault.
IMPATIENT, MOST_IMPATIENT, PATIENT = 3, 10, 120
# Seconds of the devices: longer than any window and the delay of its rollback, and shorter than a window.
FOR_GOOD, FOR_A_WHILE = 3600.0, 10.0
STATEMENT = "set system domain-name changed-by-another.example"

Inject = t.Callable[[LabThread, Device], None]


@dataclass(frozen=True)
class Fault:
    """A fault. ``patience`` is the client's timeout in seconds."""

    name: str
    description: str
    inject: Inject
    patience: int = PATIENT


def _standing(kind: str, **details: t.Any) -> Inject:
    def inject(lab: LabThread, device: Device) -> None:
        device.faults.add(kind, **({"count": 1} | details))

    return inject


def _at_once(kind: str, **details: t.Any) -> Inject:
    def inject(lab: LabThread, device: Device) -> None:
        device.fault(kind, details)

    return inject


def _flap(seconds: float, lab: LabThread, device: Device) -> None:
    vpn = "s0001-vpn" if device.host == "hub" else "hub-vpn"
    device.fault("flap", {"vpn": vpn, "seconds": seconds})


def _another_confirmed(lab: LabThread, device: Device) -> None:
    problems = device.database.load(0, STATEMENT, "set", "set").errors
    assert not problems
    assert not device.database.commit("operator", "cli", "mine", 10)
    device.pending_changed()
    device.committed_changed()


def _reboot_for_good(lab: LabThread, device: Device) -> None:
    lab.set_speed(FAST)
    device.fault("reboot", {"seconds": FOR_GOOD})


def _cut(kind: str, then: t.Callable[[LabThread, Device], None], lab: LabThread, device: Device) -> None:
    """Cut the session, then inject ``then`` before any client can log in again."""
    device.faults.add(kind, count=1, rpc="*")
    lab.call_soon(functools.partial(then, lab, device))


def _no_login(lab: LabThread, device: Device) -> None:
    device.faults.add("refuse-login")
    lab.set_speed(FAST)


def _swallow(lab: LabThread, device: Device) -> None:
    device.faults.add("swallow")
    lab.set_speed(FAST)


def _lock_taken(lab: LabThread, device: Device) -> None:
    device.fault("hold-lock", {})
    lab.set_speed(FAST)


def _lock_taken_briefly(lab: LabThread, device: Device) -> None:
    device.fault("hold-lock", {})
    device.clock.call_later(FOR_A_WHILE, device.clear_faults)


def _late(lab: LabThread, device: Device) -> None:
    device.faults.add("delay", count=1, seconds=lab.impatience + 0.5)


def _another_commits(lab: LabThread, device: Device) -> None:
    device.fault("commit", {"statement": STATEMENT})


FAULTS: t.Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault("none", "no fault", lambda lab, device: None),
        Fault("delay", "the reply comes late, within the client's timeout", _standing("delay", seconds=0.2)),
        Fault(
            "delay beyond the timeout",
            "the device executes the request after the client's timeout",
            _late,
            IMPATIENT,
        ),
        Fault(
            "drop-reply",
            "the device executes the request and never answers",
            _standing("drop-reply", rpc="*"),
            IMPATIENT,
        ),
        Fault("cut-before", "the session is cut before the device executes the request", _standing("cut-before")),
        Fault("cut-after", "the device executes the request, then the session is cut", _standing("cut-after")),
        Fault(
            "malformed-commit",
            "the reply lacks an end tag, as clusters send it",
            _standing("malformed-commit", rpc="*"),
        ),
        Fault("refuse-login", "the device refuses every login", _standing("refuse-login", count=None)),
        Fault(
            "fail-check",
            "the device refuses the commit or check",
            _standing("fail-check", message="refused by the device"),
        ),
        Fault("hold-lock", "another user holds the lock", _at_once("hold-lock")),
        Fault("dirty", "another user has uncommitted changes", _at_once("dirty")),
        Fault("commit", "another user commits", _at_once("commit", statement=STATEMENT)),
        Fault("commit confirmed by another", "another user's commit is pending", _another_confirmed),
        Fault("fill-storage", "the file systems are full", _at_once("fill-storage", percent=100)),
        Fault(
            "reboot",
            "the device restarts and is reachable again within the window",
            _at_once("reboot", seconds=FOR_A_WHILE),
        ),
        Fault("reboot for good", "the device restarts and stays unreachable for the window", _reboot_for_good),
        Fault("swallow", "the device answers nothing from then on, neither a request nor a login", _swallow, IMPATIENT),
        Fault(
            "window ends",
            "the device rolls back automatically before it executes the request",
            lambda lab, device: device._roll_back(),
        ),
        Fault("flap", "a tunnel goes down and comes up again", functools.partial(_flap, 3.0)),
        Fault("flap for good", "a tunnel goes down and stays down", functools.partial(_flap, FOR_GOOD)),
        Fault(
            "cut-before, no login",
            "cut before the device executes the request, and no login for the rest of the window",
            functools.partial(_cut, "cut-before", _no_login),
        ),
        Fault(
            "cut-after, no login",
            "cut after the device has executed the request, and no login for the rest of the window",
            functools.partial(_cut, "cut-after", _no_login),
        ),
        Fault(
            "cut-after, lock taken",
            "cut after the device has executed the request, and another user holds the lock for the rest of the window",
            functools.partial(_cut, "cut-after", _lock_taken),
        ),
        Fault(
            "cut-after, lock taken briefly",
            "cut after the device has executed the request, and another user holds the lock for some seconds",
            functools.partial(_cut, "cut-after", _lock_taken_briefly),
        ),
        Fault(
            "cut-before, another commits",
            "cut before the device executes the request, and another user commits",
            functools.partial(_cut, "cut-before", _another_commits),
        ),
        Fault(
            "cut-after, another commits",
            "cut after the device has executed the request, and another user commits, which confirms a pending commit",
            functools.partial(_cut, "cut-after", _another_commits),
        ),
    )
}
