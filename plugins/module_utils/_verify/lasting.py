# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The findings that waiting does not change."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import (
    configured,
    ike,
    ipsec,
    next_hop_tunnels,
    routes,
)

# For some seconds after a commit with the first VPN of a device its IKE daemon is not running, does not respond, or has
# no connection to the management daemon. Old releases say so in a reply that is no error.
_MAY_PASS = re.compile(r"subsystem|not running|respond|connect|could not|time(d )?out|busy|try again", re.IGNORECASE)
# Refusals that concern the request or the account. Any other may pass too.
_REFUSED_FOR_GOOD = re.compile(r"permission denied|syntax error|unknown command|(not |un)supported", re.IGNORECASE)


def lasting(plan: DevicePlan, observation: Observation, found: t.Iterable[Finding]) -> list[Finding]:
    """Return the findings that stay as they are until a person changes something, as far as one sample shows it.

    Not among them is all that Junos does by itself after a commit: it negotiates, adds next-hop tunnel entries and
    routes, and starts daemons. A reply that is not understood may have been cut or mixed with a log message: a caller
    takes a finding for lasting once it is the same in a second sample.
    """
    tunnels = {tunnel.vpn: tunnel for tunnel in plan.tunnels}
    return [finding for finding in found if _is_lasting(finding, tunnels.get(finding.tunnel), observation)]


def in_both(earlier: t.Iterable[Finding], later: t.Iterable[Finding]) -> list[Finding]:
    """Return the findings of the later sample that the earlier one has too."""
    known = {_key(finding) for finding in earlier}
    return [finding for finding in later if _key(finding) in known]


def _key(finding: Finding) -> tuple[str, ...]:
    # A reply that is not understood in another way may be understood the next time. The words of a failed check have
    # counts that rise.
    return finding.check, finding.object, finding.actual if finding.state == "unknown" else finding.state


def _is_lasting(finding: Finding, tunnel: Tunnel | None, observation: Observation) -> bool:
    if finding.state == "unknown":
        return _is_unanswered(_ANSWERS[finding.check](observation)) if finding.check in _ANSWERS else False
    if finding.state != "failed" or tunnel is None:
        return False
    # Whatever else is wrong with such a tunnel follows: nothing is negotiated, and its st0 unit and routes stay down.
    if configured.lacks_gateway(tunnel, observation) or configured.lacks_vpn(tunnel, observation):
        return True
    if finding.check == next_hop_tunnels.CHECK:
        # An automatic entry may come, but it is not the planned one.
        return configured.lacks_binding(tunnel, observation)
    if finding.check != routes.CHECK:
        return False
    # Junos uses no next hop on a multipoint unit without its entry.
    is_unbound = tunnel.multipoint and configured.lacks_binding(tunnel, observation)
    return is_unbound or any(configured.lacks_route(one, observation) for one in routes.prefixes(tunnel, finding))


def _is_unanswered(answer: Answer[t.Any]) -> bool:
    if _MAY_PASS.search(answer.reason):
        return False
    if answer.state == "refused":
        return _REFUSED_FOR_GOOD.search(answer.reason) is not None
    return answer.state == "not_understood"


_ANSWERS: t.Mapping[str, t.Callable[[Observation], Answer[t.Any]]] = {
    ike.CHECK: lambda observation: observation.ike,
    ipsec.CHECK: lambda observation: observation.ipsec,
    next_hop_tunnels.CHECK: lambda observation: observation.next_hop_tunnels,
    routes.CHECK: lambda observation: observation.routes,
}
