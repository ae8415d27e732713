# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The limits of a run that changes keys: nothing else may differ, and only the tunnels of these keys are verified."""

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
_GATEWAY = re.compile(r"set groups \S+ security ike gateway (\S+) ike-policy \S+")
# As many differences as a message has.
_SHOWN = 3


def only_keys_differ(session: Session, plan: DevicePlan, rotated: t.Collection[str], before: t.Sequence[str]) -> None:
    """Raise SessionError where the loaded candidate differs from ``before`` in more than the keys of ``rotated``.

    ``before`` are the committed statements of the group, from ``group_statements``.
    """
    after = group_statements(session, plan.group, "candidate")
    others = other_changes(before, after, verified_tunnels(plan, rotated))
    if others:
        more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
        raise SessionError(
            f"{plan.host}: differences: expected in the pre-shared keys of this run only, actual also:"
            f" {'; '.join(others[:_SHOWN])}{more}."
            " Run hubspoke.srx.deploy first, then rotate the keys.",
            "other_changes",
        )


def other_changes(before: t.Iterable[str], after: t.Iterable[str], tunnels: t.Iterable[Tunnel]) -> list[str]:
    """Return the set commands in which two configurations differ, after ``-`` or ``+``, masked, without those of keys.

    Those of keys are the pre-shared keys of ``tunnels``, their IKE policies that are added as a whole, any that is
    deleted, and the policies of their gateways: a tunnel that had the key of all gets a policy of its own. Another
    tunnel has another key where the inventory is not as the devices are; this run does not verify that tunnel.
    """
    old, new = set(before), set(after)
    kept, added = _policies(old) & _policies(new), _policies(new) - _policies(old)
    tunnels = tuple(tunnels)
    policies, gateways = {one.ike_policy.name for one in tunnels}, {one.gateway for one in tunnels}

    def is_of_keys(line: str) -> bool:
        if found := _POLICY.fullmatch(line):
            policy, statement = found.groups()
            if policy in kept:
                return policy in policies and statement.startswith("pre-shared-key ")
            return policy in policies or policy not in added
        found = _GATEWAY.fullmatch(line)
        return found is not None and found.group(1) in gateways

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
