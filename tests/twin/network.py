# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The network of a plan in namespaces: the sites, a host behind each, and the Internet between them."""

from __future__ import annotations

import ipaddress
import typing as t
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan

from tests.twin.daemon import Daemon
from tests.twin.namespace import Namespace, join, run
from tests.twin.words import swanctl

# The interface that the daemon makes for ESP in user space: it stands for st0.
TUNNEL = "ipsec0"


class Twin:
    """A device of the plan with its real daemons, and the host behind it."""

    def __init__(self, plan: DevicePlan, internet: Namespace, keys: t.Mapping[str, str], folder: Path) -> None:
        self.plan = plan
        self.keys = keys
        self.device = Namespace(plan.host)
        self.host = Namespace(f"{plan.host}-lan")
        site = plan.site
        wan, lan = site.wans[0], site.lans[0]
        address = str(wan.address)
        gateway = f"{wan.gateway}/{address.partition('/')[2]}"
        join((self.device, "wan", address), (internet, f"to-{site.name}"[:15], gateway))
        self.address = str(list(ipaddress.IPv4Network(lan.network).hosts())[-1])
        join((self.device, "lan", lan.address), (self.host, "lan", f"{self.address}/{lan.network.partition('/')[2]}"))
        self.host.ip("route", "add", "default", "via", lan.address.partition("/")[0])
        self.device.ip("route", "add", "default", "via", str(wan.gateway))
        self.daemon = Daemon(self.device, folder / plan.host)

    def begin(self, bound: t.Collection[str]) -> None:
        """Wait for the daemon, give the tunnel interface its address, routes and MSS, and load the connections."""
        self.daemon.wait()
        unit = self.plan.site.units[0]
        self.device.ip("address", "add", unit.address, "dev", TUNNEL)
        routes = [
            f"route add {route.prefix} via {route.next_hop} dev {TUNNEL}"
            for route in self.plan.routes
            if route.interface
        ]
        run("ip", "-n", self.device.name, "-batch", "-", text="\n".join(routes))
        self.device.run("nft", "-f", "-", text=_mss(self.plan.mss))
        self.load(bound)

    def load(self, bound: t.Collection[str], keys: t.Mapping[str, str] | None = None) -> None:
        """Load the connections anew, on the hub with the next-hop tunnel entries of some VPNs."""
        self.daemon.load(swanctl(self.plan, keys or self.keys, bound))


def _mss(size: int) -> str:
    rules = (f'{way} "{TUNNEL}" tcp flags syn tcp option maxseg size set {size}' for way in ("oifname", "iifname"))
    lines = "\n        ".join(rules)
    return (
        "table ip hubspoke {\n    chain mss {\n        type filter hook forward priority mangle;\n"
        f"        {lines}\n    }}\n}}\n"
    )


def build(plan: FleetPlan, keys: t.Mapping[str, str], folder: Path) -> tuple[Namespace, dict[str, Twin]]:
    """Return the Internet, and the devices by host, the hub first; their daemons are started."""
    internet = Namespace("internet")
    return internet, {device.host: Twin(device, internet, keys, folder) for device in plan.devices}
