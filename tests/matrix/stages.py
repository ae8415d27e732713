# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stage of a run, detected from the requests to a device, and a fault injected at the first request of one.

Only the requests count, not the structure of the transaction.
"""

from __future__ import annotations

import typing as t

from tests.lab.faults import FaultBoard, RpcFaults

Stage = t.Literal[
    "login", "lock", "load", "compare", "check", "commit", "verify", "confirm", "restore", "rollback", "unlock"
]
STAGES: t.Mapping[Stage, str] = {
    "login": "the first request of the pre-check, after the login",
    "lock": "the lock of the candidate",
    "load": "the load of the configuration group",
    "compare": "the comparison with the committed configuration",
    "check": "commit check",
    "commit": "commit confirmed",
    "verify": "the first request about the tunnels",
    "confirm": "the commit that confirms",
    "restore": "the load of the previous configuration",
    "rollback": "the commit of the previous configuration",
    "unlock": "the release of the lock",
}
BEFORE_THE_COMMIT: frozenset[Stage] = frozenset({"login", "lock", "load", "compare", "check"})


class Watch(FaultBoard):
    """The faults of a device, and one more that ``inject`` sets at the first request of a stage."""

    def __init__(self) -> None:
        super().__init__()
        self.stages: list[str] = []
        self._stage = ""
        self._inject: t.Callable[[], None] | None = None
        self._locked = self._committed = self._restoring = False

    def await_stage(self, stage: Stage, inject: t.Callable[[], None]) -> None:
        """Call ``inject``, in the lab's thread, before the device executes the first request of the stage."""
        self._stage, self._inject = stage, inject

    def on_rpc(self, name: str, arguments: t.Collection[str]) -> RpcFaults:
        """Note the stage, then return the faults of the RPC."""
        stage = self._stage_of(name, arguments)
        if stage and stage not in self.stages:
            self.stages.append(stage)
            if stage == self._stage and self._inject is not None:
                self._inject()
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
            # A load of a rollback has a number, and no text.
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
