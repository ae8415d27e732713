# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What a device does in a run that changes keys: nothing else may differ, and what the old key has made must go."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._device.candidate import group_statements
from ansible_collections.hubspoke.srx.plugins.module_utils._device.security_associations import (
    associations,
    end,
    of_tunnels,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

_POLICY = re.compile(r"set groups \S+ security ike policy (\S+) (.+)")
_GATEWAY = re.compile(r"set groups \S+ security ike gateway \S+ ike-policy \S+")


def only_keys_differ(session: Session, plan: DevicePlan, before: t.Sequence[str]) -> None:
    """Raise SessionError where the loaded candidate differs from ``before`` in more than keys.

    ``before`` are the committed statements of the group, as C(group_statements) answers them.
    """
    others = other_changes(before, group_statements(session, plan.group, "candidate"))
    if others:
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        raise SessionError(
            f"{plan.host}: differences: expected in pre-shared keys only, actual also: {'; '.join(others[:3])}{more}."
            " Run hubspoke.srx.deploy first, then rotate the keys.",
            "other_changes",
        )


def other_changes(before: t.Iterable[str], after: t.Iterable[str]) -> list[str]:
    """The set commands by which two configurations differ, ``-`` or ``+`` in front, masked, less those about keys.

    About keys are a pre-shared key, an IKE policy that comes or goes as a whole, and which one a gateway uses: a tunnel
    that had the key of all gets a policy of its own.
    """
    old, new = set(before), set(after)
    kept = _policies(old) & _policies(new)

    def about_keys(line: str) -> bool:
        if found := _POLICY.fullmatch(line):
            return found.group(1) not in kept or found.group(2).startswith("pre-shared-key ")
        return _GATEWAY.fullmatch(line) is not None

    changes = [f"- {line}" for line in sorted(old - new)] + [f"+ {line}" for line in sorted(new - old)]
    return [mask(change) for change in changes if not about_keys(change[2:])]


def _policies(statements: t.Iterable[str]) -> set[str]:
    return {found.group(1) for line in statements if (found := _POLICY.fullmatch(line))}


def of_rotated(plan: DevicePlan, rotated: t.Collection[str], found: t.Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that a run which changes these spokes' keys is to be judged by."""
    if not rotated or plan.site.role == "spoke":
        return tuple(found)
    return tuple(finding for finding in found if not finding.peer or finding.peer in rotated)


def clear_old_sas(
    session: Session, plan: DevicePlan, rotated: t.Collection[str], pause: t.Callable[[float], object]
) -> None:
    """End the associations of the tunnels whose key has changed, and no others, so that what is up later is new.

    Both ends do so at once. Raises SessionError where an association stays.
    """
    tunnels = [tunnel for tunnel in plan.tunnels if plan.host in rotated or tunnel.peer_host in rotated]
    left, _said = end(session, of_tunnels(associations(session), tunnels), pause)
    if left:
        raise SessionError(
            f"{plan.host}: associations of the old key: expected none after clearing them, actual still there."
            " Compare 'show security ike security-associations' and '... ipsec ...' there.",
            "rejected",
        )
