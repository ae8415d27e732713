# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The object of a check, and its findings in the four possible states."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel

_REMEDIES = {
    "refused": "Run the command on the device by hand; on a cluster, ask the primary node.",
    "not_understood": "Save the reply and report it: this layout is not known.",
    "not_asked": "Ask the device for it, or run without this check.",
}


@dataclass(frozen=True)
class Subject:
    """One object of one check on one host, with its expected value."""

    host: str
    check: str
    object: str
    expected: str
    tunnel: str = ""
    peer: str = ""

    @classmethod
    def of(cls, plan: DevicePlan, check: str, tunnel: Tunnel, expected: str, name: str | None = None) -> Subject:
        """Return the subject for a tunnel of a device; ``name`` is its object where that is not the VPN."""
        return cls(plan.host, check, name or tunnel.vpn, expected, tunnel.vpn, tunnel.peer_host)

    def ok(self, actual: str, brief: str) -> Finding:
        """Return a finding for an object that is as planned."""
        return self._finding("ok", actual, "", brief)

    def failed(self, actual: str, remedy: str, brief: str) -> Finding:
        """Return a finding for an object that is not as planned."""
        return self._finding("failed", actual, remedy, brief)

    def unknown(self, actual: str, remedy: str) -> Finding:
        """Return a finding for an object whose state the answers do not show."""
        return self._finding("unknown", actual, remedy, "unknown")

    def skipped(self, reason: str) -> Finding:
        """Return a finding for an object that is not checked."""
        return self._finding("skipped", f"not checked: {reason}", "", "skipped")

    def unanswered(self, answer: Answer[t.Any], question: str = "") -> Finding:
        """Return a finding for a question that was refused, not understood or not asked."""
        words = question + answer.state.replace("_", " ")
        return self.unknown(f"{words}: {answer.reason}" if answer.reason else words, _REMEDIES[answer.state])

    def _finding(self, state: t.Literal["ok", "failed", "unknown", "skipped"], *words: str) -> Finding:
        actual, remedy, brief = words
        return Finding(
            self.host, self.check, self.object, state, self.expected, actual, remedy, self.tunnel, self.peer, brief
        )
