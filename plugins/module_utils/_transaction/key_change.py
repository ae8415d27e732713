# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The limits of a run that changes keys: nothing else may differ, and only their tunnels are verified."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._device.candidate import group_statements
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

_POLICY = re.compile(r"set groups \S+ security ike policy (\S+) (.+)")
_GATEWAY = re.compile(r"set groups \S+ security ike gateway \S+ ike-policy \S+")
# As many differences as a message has.
_SHOWN = 3


def only_keys_differ(session: Session, plan: DevicePlan, before: t.Sequence[str]) -> None:
    """Raise SessionError where the loaded candidate differs from ``before`` in more than keys.

    ``before`` are the committed statements of the group, from ``group_statements``.
    """
    others = other_changes(before, group_statements(session, plan.group, "candidate"))
    if others:
        more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
        raise SessionError(
            f"{plan.host}: differences: expected in pre-shared keys only, actual also:"
            f" {'; '.join(others[:_SHOWN])}{more}."
            " Run hubspoke.srx.deploy first, then rotate the keys.",
            "other_changes",
        )


def other_changes(before: t.Iterable[str], after: t.Iterable[str]) -> list[str]:
    """Return the set commands in which two configurations differ, after ``-`` or ``+``, masked, without those of keys.

    Those of keys are a pre-shared key, an IKE policy that is added or deleted as a whole, and the policy of a gateway:
    a tunnel that had the key of all gets a policy of its own.
    """
    old, new = set(before), set(after)
    kept = _policies(old) & _policies(new)

    def is_of_keys(line: str) -> bool:
        if found := _POLICY.fullmatch(line):
            return found.group(1) not in kept or found.group(2).startswith("pre-shared-key ")
        return _GATEWAY.fullmatch(line) is not None

    changes = [f"- {line}" for line in sorted(old - new)] + [f"+ {line}" for line in sorted(new - old)]
    return [mask(change) for change in changes if not is_of_keys(change[2:])]


def _policies(statements: t.Iterable[str]) -> set[str]:
    return {found.group(1) for line in statements if (found := _POLICY.fullmatch(line))}


def verified_tunnels(plan: DevicePlan, rotated: t.Collection[str]) -> tuple[Tunnel, ...]:
    """Return the tunnels that a run verifies: those whose keys change; a run without new keys verifies all."""
    if not rotated or plan.site.role == "spoke":
        return plan.tunnels
    return tuple(tunnel for tunnel in plan.tunnels if tunnel.peer_host in rotated)


def of_rotated(plan: DevicePlan, rotated: t.Collection[str], found: t.Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings about the tunnels whose keys change; a run without new keys is about all."""
    if not rotated or plan.site.role == "spoke":
        return tuple(found)
    return tuple(finding for finding in found if not finding.peer or finding.peer in rotated)
