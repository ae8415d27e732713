# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lab in its own process, for tests that need a network between client and device."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab.client import Lab
from tests.utils.ports import free_ports

PASSWORD = "lab-password-1"
INITIAL = """
system {
    host-name hub;
    domain-name example.net;
    root-authentication { encrypted-password "$6$x$y"; }
    services { netconf { ssh; } }
}
interfaces {
    ge-0/0/0 { unit 0 { family inet { address 192.0.2.1/30; } } }
    ge-0/0/1 { unit 0 { family inet { address 10.1.0.1/24; } } }
}
routing-options { static { route 0.0.0.0/0 next-hop 192.0.2.2; } }
"""
HOSTS = """
all:
  vars:
    ansible_host: 127.0.0.1
    ansible_user: admin
  children:
    nhtb_hubs:
      hosts:
        hub: {{ansible_port: {0}, ansible_password: {password}, lab_initial: hub.conf}}
    nhtb_spokes:
      hosts:
        compliant: {{ansible_port: {1}, lab_initial: compliant.conf}}
        pair: {{ansible_port: {2}, lab_cluster: true}}
        old: {{ansible_port: {3}, lab_release: 19.4R3.11}}
        screen: {{nhtb_platform: screenos, nhtb_pre_shared_key: not-for-the-screen}}
"""


@dataclass(frozen=True)
class Site:
    """A running lab, and the ports of its devices."""

    lab: Lab
    ports: dict[str, int]
    inventory: Path


def write_inventory(folder: Path) -> tuple[Path, dict[str, int]]:
    """Write an inventory of four devices and a ScreenOS host, on free ports. Return its path and the ports."""
    names = ("hub", "compliant", "pair", "old")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    (folder / "hub.conf").write_text(INITIAL)
    (folder / "compliant.conf").write_text(INITIAL.replace("netconf { ssh; }", "netconf { ssh; rfc-compliant; }"))
    inventory = folder / "hosts.yml"
    inventory.write_text(HOSTS.format(*ports.values(), password=PASSWORD))
    return inventory, ports


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    """Run one lab for all tests of this folder. Each test restores the devices."""
    folder = tmp_path_factory.mktemp("site")
    inventory, ports = write_inventory(folder)
    with Lab.start(inventory, state_dir=folder / "lab") as lab:
        yield Site(lab, ports, inventory)


@pytest.fixture(autouse=True)
def _devices_are_unchanged(request: pytest.FixtureRequest) -> t.Iterator[None]:
    """Fail a test after which a fault, a lock or a pending commit remains."""
    yield
    if "site" in request.fixturenames:
        site = request.getfixturevalue("site")
        site.lab.fault("all", "clear")
        for name, device in site.lab.status()["devices"].items():
            assert device["pending"] is None, f"{name}: a commit is still pending"
            assert not device["modified"], f"{name}: the candidate is still modified"
