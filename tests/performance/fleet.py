# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An inventory of one hub and any number of Junos spokes, for the lab."""

from __future__ import annotations

import ipaddress
import typing as t
from pathlib import Path

import yaml


def inventory(spokes: int, ports: t.Sequence[int], ssh_config: Path) -> dict[str, t.Any]:
    """Return an inventory with a hub on the first of ``ports`` and a spoke on each of the others."""
    tunnels = ipaddress.IPv4Network("10.200.0.0/16")
    return {
        "nhtb": {
            "vars": {
                "ansible_host": "127.0.0.1",
                "ansible_user": "hubspoke",
                "nhtb_ssh_config": str(ssh_config),
                "nhtb_pre_shared_key": "one-for-all-of-them",
            },
            "children": {
                "nhtb_hubs": {"hosts": {"hub": _site(0, "hub", "198.51.100", tunnels, ports[0])}},
                "nhtb_spokes": {
                    "hosts": {
                        f"spoke{number:04}": _site(number, f"s{number:04}", None, tunnels, ports[number])
                        for number in range(1, spokes + 1)
                    }
                },
            },
        }
    }


def write(path: Path, spokes: int, ports: t.Sequence[int], ssh_config: Path) -> Path:
    """Write the inventory to ``path``, and return the path."""
    path.write_text(yaml.safe_dump(inventory(spokes, ports, ssh_config), sort_keys=False), encoding="utf-8")
    return path


def _site(number: int, name: str, wan: str | None, tunnels: ipaddress.IPv4Network, port: int) -> dict[str, t.Any]:
    # Each spoke has a /30 of its own to the Internet, and a LAN of /24.
    outside = ipaddress.IPv4Network("172.16.0.0/12").network_address + 4 * number
    address, gateway = (f"{wan}.2/30", f"{wan}.1") if wan else (f"{outside + 2}/30", str(outside + 1))
    return {
        "ansible_port": port,
        "nhtb_site": name,
        "nhtb_lans": [{"interface": "ge-0/0/1.0", "address": f"10.{number // 250}.{number % 250}.1/24"}],
        "nhtb_wan": {"interface": "ge-0/0/0.0", "address": address, "gateway": gateway, "reachable": True},
        "nhtb_tunnel": {"unit": 0, "address": f"{tunnels.network_address + 1 + number}/16"},
    }
