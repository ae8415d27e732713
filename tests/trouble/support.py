# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The document's network as rendered, in a lab within this process, and the diagnosis of its tunnels."""

from __future__ import annotations

import re
import typing as t
from functools import cache

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.scope import Scope, by_hosts, by_pair
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.gather import Access, diagnose_tunnels
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.log import key_daemon_log
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.report import report
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from tests.lab.clock import Clock
from tests.lab.network import Network
from tests.lab_tests.findings.support import KEYS, Codec, DirectSession, RenderedDevice, document
from tests.lab_tests.network.support import HUB, START, SUNNYVALE, WESTFORD, Changes


class TroubleSession(DirectSession):
    """A session that breaks, or gives spoilt replies."""

    def __init__(self, trouble: Trouble, device: ChangedDevice) -> None:
        super().__init__(trouble.network, device)
        self._trouble = trouble
        self._host = device.host

    def open(self) -> None:
        if self._host in self._trouble.lost:
            raise SessionError(f"{self._host}: NETCONF over SSH: expected an answer, actual none.", "unreachable")

    def rpc(self, request: str, *, timeout: int | None = None) -> str:
        name = request.lstrip("<").split(">")[0].split()[0].rstrip("/")
        if name in self._trouble.breaking:
            raise SessionError(f"{self._host}: {name}: expected a reply, actual none.", "lost")
        reply = super().rpc(request, timeout=timeout)
        old, new = self._trouble.spoilt.get(name, ("", ""))
        return _spoil(reply, old, new) if new else reply


class ChangedDevice(RenderedDevice):
    """A device with changes: in the group for Junos, replacements ("old -> new") in the text for ScreenOS."""

    def __init__(self, device: DevicePlan, clock: Clock, changes: t.Sequence[str]) -> None:
        junos = not device.site.profile.by_operator
        super().__init__(device, clock, changes if junos else ())
        for change in () if junos else changes:
            old, _arrow, new = change.partition(" -> ")
            assert old in self._text, old
            self._text = self._text.replace(old, new)

    def _commit(self, group: str, changes: t.Sequence[str]) -> None:
        """Commit changes as the tables of findings do; a line with ``top`` in front is outside the group."""
        for change in changes:
            verb, _space, words = change.removeprefix("top ").partition(" ")
            place = "" if change.startswith("top ") else f"groups {group} "
            loaded = self.database.load(0, f"{verb} {place}{words}", "set", "set")
            assert not [*loaded.errors, *loaded.warnings], (change, loaded)
        problems = self.database.commit("engineer", "cli")
        assert not problems, (changes, problems)


class Trouble:
    """A planned network in the lab after changes."""

    def __init__(self, syntax: str, changes: Changes, plan: FleetPlan | None = None) -> None:
        self.plan = plan or document(syntax)
        self.clock = Clock(start=START, speed=0)
        self.devices = {
            one.host: ChangedDevice(one, self.clock, changes.get(one.host, ())) for one in self.plan.devices
        }
        self.network = Network(self.devices, self.clock)
        # Replacements in replies, by RPC, and devices that do not answer.
        self.spoilt: t.Mapping[str, tuple[str, str]] = {}
        self.lost: set[str] = set()
        # RPCs on which a session breaks.
        self.breaking: set[str] = set()

    def report(self, *hosts: str, pair: tuple[str, str] | None = None) -> dict[str, t.Any]:
        """Return the report on the tunnels of some hosts (default: westford), or between two sites."""
        scope: Scope = by_pair(self.plan, *pair) if pair else by_hosts(self.plan, set(hosts or (WESTFORD,)))
        access = Access(
            connect=lambda host: t.cast(t.Any, TroubleSession(self, self.devices[host])),
            texts=texts(self.plan),
            keys=KEYS,
            codec=Codec(),
            log=key_daemon_log,
            # The lab's network handles one request at a time.
            sessions_at_once=1,
            wait=0,
            sample_interval=0,
        )
        return report("a-run", diagnose_tunnels(self.plan, scope, access), scope.pair)

    def tunnel(self, spoke: str = WESTFORD) -> dict[str, t.Any]:
        """Return the report on one spoke's tunnel."""
        [found] = self.report(spoke)["tunnels"]
        return t.cast(dict[str, t.Any], found)


def _spoil(reply: str, old: str, new: str) -> str:
    """Return a reply with a pattern replaced; with ``<`` as the pattern, a reply of an unknown layout."""
    return "<rpc-reply><not-known/></rpc-reply>" if old == "<" else re.sub(old, new, reply)


def texts(plan: FleetPlan) -> dict[str, str]:
    return {device.host: _text(device) for device in plan.devices}


@cache
def _text(device: DevicePlan) -> str:
    return render(device)


__all__ = ["HUB", "SUNNYVALE", "WESTFORD", "Trouble"]
