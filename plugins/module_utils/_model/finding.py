# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The findings of comparing an observation with a plan."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import full_stop

FindingState = t.Literal["ok", "failed", "unknown", "skipped"]
Verdict = t.Literal["ok", "failed", "unknown"]


@dataclass(frozen=True)
class Finding:
    """One verdict about one object on one host. Unknown is not failed, and neither of them is ok.

    ``tunnel`` and ``peer`` are the VPN and the host at its other end where the object belongs to a tunnel;
    ``brief`` is ``actual`` in the few words that fit a table.
    """

    host: str
    check: str
    object: str
    state: FindingState
    expected: str
    actual: str
    remedy: str = ""
    tunnel: str = ""
    peer: str = ""
    brief: str = ""

    def __str__(self) -> str:
        tail = f" {self.remedy}" if self.remedy else ""
        return (
            f"{self.host}: {self.check} {self.object}: expected {self.expected}, actual {full_stop(self.actual)}{tail}"
        )


def verdict(found: t.Iterable[Finding]) -> Verdict:
    """Return one word for many findings. Nothing found, or everything skipped, verifies nothing: ``unknown``."""
    states = {finding.state for finding in found}
    if "failed" in states:
        return "failed"
    return "ok" if "ok" in states and "unknown" not in states else "unknown"
