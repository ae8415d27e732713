# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults: what each does to a device once the first request of a stage has come to it."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass

from tests.lab.device import Device
from tests.matrix.lab import LabThread
from tests.matrix.world import HURRY

# Wall seconds a client waits for a reply where one will not come, and where it will.
IMPATIENT, PATIENT = 1, 20
# World seconds: longer than any window with its lateness, and shorter than a window.
FOR_GOOD, FOR_A_WHILE = 3600.0, 10.0
STATEMENT = "set system domain-name changed-by-another.example"

Strike = t.Callable[[LabThread, Device], None]


@dataclass(frozen=True)
class Fault:
    """``words`` say what happens, for people; ``patience`` is how long the client waits for a reply."""

    name: str
    words: str
    strike: Strike
    patience: int = PATIENT


def _standing(kind: str, **details: t.Any) -> Strike:
    def strike(lab: LabThread, device: Device) -> None:
        device.faults.add(kind, **({"count": 1} | details))

    return strike


def _at_once(kind: str, **details: t.Any) -> Strike:
    def strike(lab: LabThread, device: Device) -> None:
        device.fault(kind, details)

    return strike


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
    lab.set_speed(HURRY)
    device.fault("reboot", {"seconds": FOR_GOOD})


def _cut(kind: str, then: t.Callable[[LabThread, Device], None], lab: LabThread, device: Device) -> None:
    """Cut the session, and let something happen before anybody can come back."""
    device.faults.add(kind, count=1, rpc="*")
    lab.soon(functools.partial(then, lab, device))


def _no_login(lab: LabThread, device: Device) -> None:
    device.faults.add("refuse-login")
    lab.set_speed(HURRY)


def _lock_taken(lab: LabThread, device: Device) -> None:
    device.fault("hold-lock", {})
    lab.set_speed(HURRY)


def _lock_taken_briefly(lab: LabThread, device: Device) -> None:
    device.fault("hold-lock", {})
    device.clock.call_later(FOR_A_WHILE, device.clear_faults)


def _another_commits(lab: LabThread, device: Device) -> None:
    device.fault("commit", {"statement": STATEMENT})


FAULTS: t.Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault("none", "nothing goes wrong", lambda lab, device: None),
        Fault("delay", "the reply comes late, within the time an RPC may take", _standing("delay", seconds=0.2)),
        Fault(
            "delay beyond the timeout",
            "the request is carried out after the client has given up",
            _standing("delay", seconds=IMPATIENT + 0.5),
            IMPATIENT,
        ),
        Fault("drop-reply", "done, never answered", _standing("drop-reply", rpc="*"), IMPATIENT),
        Fault("cut-before", "the session is cut, nothing is done", _standing("cut-before")),
        Fault("cut-after", "done, then the session is cut", _standing("cut-after")),
        Fault(
            "malformed-commit",
            "the reply lacks an end tag, as clusters send it",
            _standing("malformed-commit", rpc="*"),
        ),
        Fault("refuse-login", "every login is refused", _standing("refuse-login", count=None)),
        Fault("fail-check", "the device refuses", _standing("fail-check", message="refused by the device")),
        Fault("hold-lock", "another user holds the lock", _at_once("hold-lock")),
        Fault("dirty", "another user has uncommitted changes", _at_once("dirty")),
        Fault("commit", "another user commits", _at_once("commit", statement=STATEMENT)),
        Fault("commit confirmed by another", "another user's commit waits for its confirmation", _another_confirmed),
        Fault("fill-storage", "the file systems are full", _at_once("fill-storage", percent=100)),
        Fault("reboot", "it restarts and is back within the window", _at_once("reboot", seconds=FOR_A_WHILE)),
        Fault("reboot for good", "it restarts and is not back within the window", _reboot_for_good),
        Fault("flap", "a tunnel goes down and comes up again", functools.partial(_flap, 3.0)),
        Fault("flap for good", "a tunnel goes down and stays so", functools.partial(_flap, FOR_GOOD)),
        Fault(
            "cut-before, no login",
            "cut, nothing is done, and no login for the rest of the window",
            functools.partial(_cut, "cut-before", _no_login),
        ),
        Fault(
            "cut-after, no login",
            "done, then cut, and no login for the rest of the window",
            functools.partial(_cut, "cut-after", _no_login),
        ),
        Fault(
            "cut-after, lock taken",
            "done, then cut, and another user holds the lock for the rest of the window",
            functools.partial(_cut, "cut-after", _lock_taken),
        ),
        Fault(
            "cut-after, lock taken briefly",
            "done, then cut, and another user holds the lock for some seconds",
            functools.partial(_cut, "cut-after", _lock_taken_briefly),
        ),
        Fault(
            "cut-before, another commits",
            "cut, nothing is done, and another user commits",
            functools.partial(_cut, "cut-before", _another_commits),
        ),
        Fault(
            "cut-after, another commits",
            "done, then cut, and another user commits, which confirms what waits",
            functools.partial(_cut, "cut-after", _another_commits),
        ),
    )
}
