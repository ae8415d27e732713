# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which stage of a run a device is in, told from what it is asked; and a fault that waits there for the first request.

Only the device's side is looked at: the engine may be built otherwise, its requests are what counts.
"""

from __future__ import annotations

import typing as t

from tests.lab.faults import FaultBoard, RpcFaults

Stage = t.Literal[
    "login", "lock", "load", "compare", "check", "commit", "verify", "confirm", "restore", "rollback", "unlock"
]
STAGES: t.Mapping[Stage, str] = {
    "login": "after the login, at the first question",
    "lock": "the request for the lock",
    "load": "the configuration is sent",
    "compare": "the difference is asked for",
    "check": "commit check",
    "commit": "commit confirmed",
    "verify": "the first question about the tunnels",
    "confirm": "the commit that confirms",
    "restore": "the configuration before is loaded again",
    "rollback": "the commit that undoes",
    "unlock": "the lock is given back",
}
BEFORE_THE_COMMIT: frozenset[Stage] = frozenset({"login", "lock", "load", "compare", "check"})


class Watch(FaultBoard):
    """The faults of a device, and one more that ``strike`` sets at the first request of a stage."""

    def __init__(self) -> None:
        super().__init__()
        self.met: list[str] = []
        self._stage = ""
        self._strike: t.Callable[[], None] | None = None
        self._locked = self._committed = self._restoring = False

    def await_stage(self, stage: Stage, strike: t.Callable[[], None]) -> None:
        """Call ``strike``, in the lab's thread, when the first request of the stage has come and is not answered yet."""
        self._stage, self._strike = stage, strike

    def on_rpc(self, name: str, arguments: t.Collection[str]) -> RpcFaults:
        """As the board does; the stage is noted first."""
        stage = self._stage_of(name, arguments)
        if stage and stage not in self.met:
            self.met.append(stage)
            if stage == self._stage and self._strike is not None:
                self._strike()
        return super().on_rpc(name, arguments)

    def _stage_of(self, name: str, arguments: t.Collection[str]) -> Stage | None:
        if name == "lock-configuration":
            self._locked = True
            return None if self._committed else "lock"
        if name == "unlock-configuration":
            return "unlock"
        if not self._locked:
            return "login"
        if name == "load-configuration":
            # What was committed before is asked for by its number, without a text.
            self._restoring = not arguments
            return "restore" if self._restoring else "load"
        if name == "get-configuration":
            return None if self._committed or arguments else "compare"
        if name == "commit-configuration":
            return self._kind_of_commit(arguments)
        return "verify" if self._committed and name != "get-commit-information" else None

    def _kind_of_commit(self, arguments: t.Collection[str]) -> Stage:
        if "check" in arguments:
            return "check"
        if "confirmed" in arguments:
            self._committed = True
            return "commit"
        return "rollback" if self._restoring else "confirm"
