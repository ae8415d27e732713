# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What a check is about, and the four ways in which it can end."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel

_REMEDIES = {
    "refused": "Run the command on the device by hand; on a cluster, ask the primary node.",
    "not_understood": "Save the reply and report it: this layout is not known.",
    "not_asked": "Ask the device for it, or leave this check out.",
}


@dataclass(frozen=True)
class Subject:
    """One object of one check on one host, with what is expected of it."""

    host: str
    check: str
    object: str
    expected: str
    tunnel: str = ""
    peer: str = ""

    @classmethod
    def of(cls, plan: DevicePlan, check: str, tunnel: Tunnel, expected: str, name: str | None = None) -> Subject:
        """About a tunnel of a device; ``name`` where the object is not the VPN itself."""
        return cls(plan.host, check, name or tunnel.vpn, expected, tunnel.vpn, tunnel.peer_host)

    def ok(self, actual: str, brief: str) -> Finding:
        """As planned."""
        return self._finding("ok", actual, "", brief)

    def failed(self, actual: str, remedy: str, brief: str) -> Finding:
        """Not as planned: what it is instead, and what to do."""
        return self._finding("failed", actual, remedy, brief)

    def unknown(self, actual: str, remedy: str) -> Finding:
        """Not to be told from what the device answered."""
        return self._finding("unknown", actual, remedy, "unknown")

    def skipped(self, reason: str) -> Finding:
        """Not checked, and why."""
        return self._finding("skipped", f"not checked: {reason}", "", "skipped")

    def unanswered(self, answer: Answer[t.Any]) -> Finding:
        """The question was refused, not understood or not asked."""
        words = answer.state.replace("_", " ")
        return self.unknown(f"{words}: {answer.reason}" if answer.reason else words, _REMEDIES[answer.state])

    def _finding(self, state: t.Literal["ok", "failed", "unknown", "skipped"], *words: str) -> Finding:
        actual, remedy, brief = words
        return Finding(
            self.host, self.check, self.object, state, self.expected, actual, remedy, self.tunnel, self.peer, brief
        )
