# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One sample of a device for the checks of a verification, and the first packet for an on-traffic tunnel."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._device.clear_paths import clear_paths
from ansible_collections.hubspoke.srx.plugins.module_utils._device.internet_paths import internet_paths
from ansible_collections.hubspoke.srx.plugins.module_utils._device.pings import SESSIONS, send_all
from ansible_collections.hubspoke.srx.plugins.module_utils._device.policy_lookups import policy_lookups
from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import (
    IKE_SECURITY_ASSOCIATIONS,
    INACTIVE_TUNNELS,
    IPSEC_SECURITY_ASSOCIATIONS,
    IPSEC_STATISTICS,
    NEXT_HOP_TUNNELS,
    PING,
    ROUTE,
    ask,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import (
    NOT_ASKED,
    Answer,
    Observation,
    Probe,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

_Item = t.TypeVar("_Item")

# With the host name, which every device has: an empty reply shows that the account may not see the configuration.
_TUNNEL_PARTS = (
    "<system><host-name/></system><interfaces><interface><name>st0</name></interface></interfaces>"
    "<routing-options><static/></routing-options><security><ike><gateway/></ike><ipsec><vpn/></ipsec></security>"
)


def observe(session: Session, plan: DevicePlan, *, why_down: bool = False) -> Observation:
    """Return the answers for the basic checks; with ``why_down`` also why tunnels are down. Raise SessionError."""
    return Observation(
        plan.host,
        next_hop_tunnels=ask(session, NEXT_HOP_TUNNELS),
        ike=ask(session, IKE_SECURITY_ASSOCIATIONS, {"detail": True}),
        ipsec=ask(session, IPSEC_SECURITY_ASSOCIATIONS, {"detail": True}),
        routes=ask(session, ROUTE, {"table": "inet.0", "protocol": "static"}),
        inactive=ask(session, INACTIVE_TUNNELS) if why_down else NOT_ASKED,
    )


def read_configured(session: Session) -> Answer[str]:
    """Return the statements in effect of the parts that a tunnel needs. Raise SessionError where the session breaks."""
    return answer_of(lambda: session.effective(_TUNNEL_PARTS))


@dataclass(frozen=True)
class Comparison:
    """How to compare the device's configuration with the plan, for the check ``configuration``.

    ``difference`` returns the lines of ``show | compare`` with the planned group, ``overrides`` the conflicts of
    committed statements with it: ``None`` where nobody needs them.
    """

    difference: t.Callable[[], str]
    overrides: t.Callable[[], t.Iterable[Finding]] | None = None

    def answers(self) -> tuple[Answer[str], Answer[Finding]]:
        """Return the answers about the group and about what is outside it. Raise SessionError.

        Under another user's exclusive lock no candidate can be opened; the configuration may be as planned.
        """
        difference = answer_of(lambda: self.difference().splitlines())
        return difference, answer_of(self.overrides) if self.overrides else NOT_ASKED


def examine(
    session: Session,
    plan: DevicePlan,
    checks: t.Collection[str],
    probes: t.Sequence[Probe],
    sample_interval: float,
    comparison: Comparison | None,
    *,
    basic: Observation | None = None,
) -> Observation:
    """Return the answers for the named checks, basic ones and others. Raise SessionError.

    ``basic`` are those for the basic checks where they are known already.

    Counters are read before and after the pings, at least ``sample_interval`` seconds apart.
    """
    counting = "statistics" in checks
    asks_paths = "leak" in checks and plan.closed_by != "nothing"
    asks_internet = "internet_exit" in checks and bool(plan.exit_networks)
    before = ask(session, IPSEC_STATISTICS) if counting else NOT_ASKED
    started = time.monotonic()
    # A spoke has few pings, and a thousand spokes with more sessions each are too many for the controller.
    at_once = SESSIONS if plan.site.role == "hub" else 1
    pings = send_all(session, probes, at_once=at_once) if "pings" in checks else NOT_ASKED
    compared = comparison.answers() if comparison and "configuration" in checks else (NOT_ASKED, NOT_ASKED)
    if counting:
        time.sleep(max(0.0, sample_interval - (time.monotonic() - started)))
    basic = basic or observe(session, plan, why_down=True)
    return Observation(
        **{
            **vars(basic),
            "statistics_before": before,
            "statistics": ask(session, IPSEC_STATISTICS) if counting else NOT_ASKED,
            "pings": pings,
            "configuration": compared[0],
            "overrides": compared[1],
            "clear_paths": clear_paths(session, plan) if asks_paths else NOT_ASKED,
            "policy_lookups": policy_lookups(session, plan) if "policies" in checks else NOT_ASKED,
            "internet_paths": internet_paths(session, plan) if asks_internet else NOT_ASKED,
        }
    )


def wake(session: Session, plan: DevicePlan, found: t.Iterable[Finding]) -> None:
    """Send one ping into every on-traffic tunnel that is not up, from the end that can start the negotiation.

    A hub cannot start one towards a Junos spoke without a static binding: its route there is not active yet.
    An answer to the ping does not matter: verification compares the tunnel with its plan.
    """
    start(session, plan, {finding.tunnel for finding in found if finding.state != "ok"})


def start(session: Session, plan: DevicePlan, vpns: t.Collection[str]) -> None:
    """Send the packet that starts an on-traffic tunnel into each of these VPNs that this end can start."""
    for tunnel in plan.tunnels:
        on_traffic = tunnel.establish in (None, "on-traffic")
        can_start = not tunnel.is_dynamic and (not tunnel.multipoint or tunnel.static_binding)
        if on_traffic and can_start and tunnel.vpn in vpns:
            ask(session, PING, {"host": tunnel.next_hop, "count": 1, "wait": 1})


def answer_of(read: t.Callable[[], t.Iterable[_Item]]) -> Answer[_Item]:
    """Return the items that are read, or why the device refuses them. Raise SessionError where the session breaks."""
    try:
        return Answer("ok", tuple(read()))
    except SessionError as error:
        if error.reason == "lost":
            raise
        return Answer("refused", reason=str(error))
