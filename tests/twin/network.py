# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The network of a plan in namespaces: the sites, a host behind each, and the Internet between them.

Each device has the two files that the shipped profile of strongSwan renders from its plan, as they are: the shell runs
the one with addresses, routes and MSS, and swanctl loads the other one.
"""

from __future__ import annotations

import ipaddress
import typing as t
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import spell
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Lan
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import operator_texts

from tests.twin.daemon import Daemon
from tests.twin.linux import PROFILE, next_hop_tunnels, on_linux
from tests.twin.namespace import Namespace, join

# The interface that the daemon makes for ESP in user space, in the place of an XFRM interface.
_TUNNEL = "ipsec0"


class Twin:
    """A device of the plan with its real daemons, and the host behind it. ``files`` are those for its operator."""

    def __init__(self, plan: DevicePlan, internet: Namespace, keys: t.Mapping[str, str], folder: Path) -> None:
        self.plan = on_linux(plan)
        self.keys = keys
        self.files: t.Mapping[str, str] = operator_texts(self.plan)
        self.device = Namespace(plan.host)
        self.host = Namespace(f"{plan.host}-lan")
        site = self.plan.site
        wan, lan = site.wans[0], site.lans[0]
        gateway = f"{wan.gateway}/{str(wan.address).partition('/')[2]}"
        join((self.device, wan.interface, None), (internet, f"to-{site.name}"[:15], gateway))
        for number, one in enumerate(site.all_lans):
            join((self.device, one.interface, None), (self.host, f"lan{number}", _last(one) if one == lan else None))
        self.address = _last(lan).partition("/")[0]
        self.host.ip("route", "add", "default", "via", lan.address.partition("/")[0])
        self.folder = folder / plan.host
        self.begun = False
        self.daemon = Daemon(self.device, self.folder)

    def begin(self, bound: t.Collection[str]) -> None:
        """Wait for the daemon, run the commands of the profile, and load the connections."""
        self.begun = True
        self.daemon.wait()
        self._name_tunnel(self.plan.site.units[0].interface)
        commands = self.folder / "network.sh"
        commands.write_text(self.files["network.sh"], encoding="utf-8")
        # It may be run again.
        for _time in range(2):
            self.device.run("sh", str(commands))
        self.load(bound)

    def load(self, bound: t.Collection[str], keys: t.Mapping[str, str] | None = None) -> None:
        """Load the connections anew, on the hub with the next-hop tunnel entries of some VPNs."""
        text = spell(self.files["swanctl.conf"], keys or self.keys, PROFILE.key.quoting)
        self.daemon.load(text + next_hop_tunnels(self.plan, bound) if self.plan.site.role == "hub" else text)

    def _name_tunnel(self, name: str) -> None:
        """Give the daemon's interface the name in the plan, and the daemon another one for routes of its own."""
        self.device.ip("link", "set", _TUNNEL, "down")
        self.device.ip("link", "set", _TUNNEL, "name", name)
        self.device.ip("link", "set", name, "up")
        self.device.ip("link", "add", _TUNNEL, "type", "veth", "peer", "name", f"{_TUNNEL}-end")
        self.device.ip("link", "set", _TUNNEL, "up")


def _last(lan: Lan) -> str:
    """Return the last address of a network, with its prefix length."""
    network = ipaddress.IPv4Network(lan.network)
    return f"{network.broadcast_address - 1}/{network.prefixlen}"


def build(plan: FleetPlan, keys: t.Mapping[str, str], folder: Path) -> tuple[Namespace, dict[str, Twin]]:
    """Return the Internet, and the devices by host, the hub first; their daemons are started."""
    internet = Namespace("internet")
    return internet, {device.host: Twin(device, internet, keys, folder) for device in plan.devices}
