# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The document's network as the collection renders it, in the lab, and the collection's verification of it.

There is no SSH: a session calls the lab's replies and the device's configuration directly.
"""

from __future__ import annotations

import typing as t
from functools import cache

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import spell
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyRefused
from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.device_run import DeviceRun
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import probes
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import operator_texts, render
from lxml import etree

from tests.golden.networks import plan
from tests.lab import operational, peers
from tests.lab.clock import Clock
from tests.lab.config import setform
from tests.lab.config.database import Database
from tests.lab.config.groups import inherited
from tests.lab.config.secrets import decode9, encode9
from tests.lab.config.tree import Node
from tests.lab.network import Network
from tests.lab_tests.network.support import HUB, START, SUNNYVALE, WESTFORD, Changes, Options

KEYS = dict.fromkeys((HUB, WESTFORD, SUNNYVALE), "a-key-of-this-test")
# Junos commits nothing without it, and the collection does not write it.
OUTSIDE_THE_GROUP = 'system { root-authentication { encrypted-password "*"; } }\n'
# Two rounds, as in a run that retries: the first sends the packet that starts an on-traffic tunnel.
ROUNDS = 2


class Codec:
    """The lab's ``$9$`` encoding."""

    def encode(self, plain: str) -> str:
        return encode9(plain)

    def decode(self, encoded: str) -> str:
        return decode9(encoded)


# User and password of a provider stay outside the group.
_CREDENTIALS = "interfaces { pp0 { unit 0 { ppp-options { chap { local-name lab; passive; } } } } }\n"


class RenderedDevice:
    """A device with its rendered configuration, and the changes of another user."""

    def __init__(self, device: DevicePlan, clock: Clock, changes: t.Sequence[str], *, at_top: bool = False) -> None:
        self.host = device.host
        self.kind = device.site.platform
        self.options = _provider_of(device)
        texts = operator_texts(device)
        entered = "".join(texts[ending] for ending in peers.endings(self.kind)) if texts else render(device)
        self._text = spell(entered, KEYS, device.site.profile.key.quoting)
        outside = OUTSIDE_THE_GROUP + (_CREDENTIALS if device.site.wans[0].underlying else "")
        own = "" if self.kind != "junos" else f"{outside}{self._text}"
        self.database = Database(self.host, clock, self.options.release, own)
        if changes:
            self._commit("" if at_top else device.group, changes)

    def effective(self) -> Node | None:
        return self.database.effective() if self.kind == "junos" else None

    def operator_text(self) -> str | None:
        return self._text if self.kind != "junos" else None

    def _commit(self, group: str, changes: t.Sequence[str]) -> None:
        """Commit changes inside a group, where a statement outside cannot remove one; without it at the top level."""
        place = f"groups {group} " if group else ""
        for change in changes:
            verb, _space, words = change.partition(" ")
            loaded = self.database.load(0, f"{verb} {place}{words}", "set", "set")
            assert not [*loaded.errors, *loaded.warnings], (change, loaded)
        problems = self.database.commit("engineer", "cli")
        assert not problems, (changes, problems)


def _provider_of(device: DevicePlan) -> Options:
    """Return the provider's side of a WAN as the plan has it: a lease, and NAT with or without a fixed address."""
    wan, number = device.site.wans[0], int(device.site.units[0].ip.rpartition(".")[2])
    return Options(
        dhcp="" if wan.addressing == "static" else f"172.31.{number}.2/{32 if wan.underlying else 24}",
        nat=(wan.public_address or f"203.0.113.{100 + number}") if wan.behind_nat else "",
        nat_forwards=wan.public_address is not None,
    )


class DirectSession:
    """The session of a verification, answered by the lab in this process."""

    def __init__(self, network: Network, device: RenderedDevice) -> None:
        self.warnings: list[str] = []
        self._network = network
        self._device = device

    def open(self) -> None:
        """Do nothing: there is no connection."""

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def rpc(self, request: str, *, timeout: int | None = None) -> str:
        root = etree.fromstring(request)
        arguments = {child.tag: child.text or True for child in root}
        form = root.get("format", "xml")
        try:
            found = operational.answer(self._network, self._device.host, root.tag, arguments, form)
        except operational.OperationalError as error:
            raise ReplyRefused(str(error)) from None
        reply = etree.Element("rpc-reply")
        if found.xml is not None:
            reply.append(found.xml)
        elif found.text is not None:
            etree.SubElement(reply, "output").text = f"\n{found.text}"
        return etree.tostring(reply, encoding="unicode")

    def effective(self, filter_xml: str = "") -> list[str]:
        return setform.render(inherited(self._device.database.committed)).splitlines()

    def statements(self, filter_xml: str = "", database: str = "committed") -> list[str]:
        node = self._device.database.candidate if database == "candidate" else self._device.database.committed
        return setform.render(node).splitlines()

    def open_private(self) -> None:
        self._device.database.rollback()

    def load_replace(self, text: str) -> None:
        loaded = self._device.database.load(0, text, "text", "replace")
        assert not loaded.errors, loaded.errors

    def compare(self, rollback: int = 0) -> str:
        return self._device.database.compare(rollback)

    def close_private(self) -> None:
        self._device.database.rollback()


class Fleet:
    """A planned network in the lab after changes, and the collection's findings in it."""

    def __init__(self, syntax: str, changes: Changes, fleet: FleetPlan | None = None, *, at_top: bool = False) -> None:
        self.plan = fleet or document(syntax)
        self.clock = Clock(start=START, speed=0)
        self.devices = {
            one.host: RenderedDevice(one, self.clock, changes.get(one.host, ()), at_top=at_top)
            for one in self.plan.devices
        }
        self.network = Network(self.devices, self.clock)

    def log(self, host: str) -> str:
        """Return the IKE daemon's log of a device."""
        log = self.network.log(host)
        return "\n".join(log.lines(log.daemon) or ())

    def verify(self, hosts: t.Sequence[str] = (HUB, WESTFORD)) -> list[Finding]:
        """Return the findings of ``nhtb_verify`` on the hosts with all its checks, from the lowest layer up."""
        settings = Settings("a-run", KEYS, Codec(), "verify", checks=tuple(CHECKS), sample_interval=0)
        runs = [self._run(one, settings) for one in self.plan.devices if one.host in hosts]
        for run in runs:
            run.reach()
        for _round in range(ROUNDS):
            for run in runs:
                if not run.verified:
                    run.verify()
        for run in runs:
            run.examine()
            run.leave()
        found = [finding for run in runs for finding in run.findings]
        return sorted(found, key=lambda finding: list(CHECKS).index(finding.check))

    def _run(self, device: DevicePlan, settings: Settings) -> DeviceRun:
        session = t.cast(t.Any, DirectSession(self.network, self.devices[device.host]))
        job = Job(device, render(device), tuple(probes(self.plan, device)))
        return DeviceRun(job, settings, lambda _plan: session, lambda _seconds: False)


@cache
def document(syntax: str) -> FleetPlan:
    """Return the plan of the document's inventory."""
    return plan("document", syntax)
