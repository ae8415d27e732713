# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.
"""A fleet in rounds: the canaries first, then batches, each a transaction of its own with the hub in it."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Outcome


def rounds(spokes: t.Sequence[str], canaries: t.Collection[str], batch_size: int) -> list[tuple[str, ...]]:
    """The spokes of each round, in their order; ``batch_size`` 0 means that all but the canaries go at once."""
    first = tuple(host for host in spokes if host in canaries)
    rest = [host for host in spokes if host not in canaries]
    size = batch_size or max(1, len(rest))
    batches = [tuple(rest[start : start + size]) for start in range(0, len(rest), size)]
    return [*([first] if first else []), *batches] or [()]


def joined(earlier: Outcome | None, later: Outcome) -> Outcome:
    """What the hub's outcomes of two rounds come to."""
    if earlier is None:
        return later
    diff = earlier.diff + later.diff
    warnings = (*earlier.warnings, *(warning for warning in later.warnings if warning not in earlier.warnings))
    if earlier.state == "confirmed" and later.state == "unchanged" and not later.failed:
        later = replace(later, state="confirmed", message=earlier.message)
    elif earlier.state == "confirmed" and later.failed:
        later = replace(later, message=f"{later.message} The rounds before this one stay confirmed.")
    return replace(later, diff=diff, warnings=warnings)


def not_begun(host: str, because: str) -> Outcome:
    """A spoke of a round that was not reached."""
    return Outcome(host, "unchanged", True, False, f"left as it was, its round was not begun: {because}", "", (), ())
