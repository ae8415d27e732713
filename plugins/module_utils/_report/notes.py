# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What a reader of a plan should know: weak proposals, shared keys, and all that has no effect."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._report.columns import WIDTH
from ansible_collections.hubspoke.srx.plugins.module_utils._report.stage_lines import listed


def notes(plan: DevicePlan) -> list[str]:
    """Return one sentence for each set of weak choices, for each shared key, and for all without effect; of a hub."""
    if plan.site.role != "hub":
        return []
    weak: dict[tuple[str, ...], list[str]] = {}
    for tunnel in plan.tunnels:
        if tunnel.weak:
            weak.setdefault(tunnel.weak, []).append(tunnel.peer_host)
    found = [_sentence(f"Weak by nhtb_allow_weak, {', '.join(words)}", hosts) for words, hosts in weak.items()]
    found += [_sentence(f"{len(hosts)} spokes share one pre-shared key", hosts) for hosts in plan.key_sharers]
    return [*found, *plan.without_effect]


def _sentence(words: str, hosts: t.Sequence[str]) -> str:
    return f"{words}: {listed(list(hosts), max(WIDTH - len(words), WIDTH // 2))}."
