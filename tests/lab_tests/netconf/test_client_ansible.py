# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``junipernetworks.junos`` over ``ansible.netcommon``, unmodified, of the PyPI package ``ansible``, against the lab.

The package is large and has an ansible-core of its own, so it is in a virtual environment of its own below ``.cache/``,
which the first run creates.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from tests.lab_tests.netconf.conftest import Site

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = ROOT / ".cache" / "clients"
# Newer ones do not contain the two collections.
PACKAGES = ("ansible>=10,<13", "ncclient", "jxmlease", "xmltodict", "paramiko")
CONTENT = "<config><configuration><system><domain-name>example.net</domain-name></system></configuration></config>"
CHANGE = ["set system domain-name changed.example"]

Task = dict[str, t.Any]

TASKS: list[Task] = [
    {
        "name": "facts",
        "junipernetworks.junos.junos_facts": {
            "gather_subset": ["default", "hardware", "config", "interfaces"],
            "gather_network_resources": ["hostname", "static_routes", "lag_interfaces"],
        },
    },
    {"name": "rpc", "junipernetworks.junos.junos_rpc": {"rpc": "get-system-uptime-information"}},
    {
        "name": "command",
        "junipernetworks.junos.junos_command": {
            "commands": ["show version", "show configuration system"],
            "display": "text",
        },
    },
    {"name": "config", "junipernetworks.junos.junos_config": {"lines": CHANGE, "comment": "by ansible"}},
    {"name": "config again", "junipernetworks.junos.junos_config": {"lines": CHANGE}},
    {
        "name": "check",
        "check_mode": True,
        "junipernetworks.junos.junos_config": {"lines": ["delete system domain-name"]},
    },
    {
        "name": "confirmed",
        "junipernetworks.junos.junos_config": {"lines": ["set system domain-name confirmed.example"], "confirm": 5},
    },
    {"name": "confirm", "junipernetworks.junos.junos_config": {"confirm_commit": True}},
    {
        "name": "static routes",
        "junipernetworks.junos.junos_static_routes": {
            "config": [
                {
                    "address_families": [
                        {
                            "afi": "ipv4",
                            "routes": [
                                {"dest": "198.51.100.0/24", "next_hop": [{"forward_router_address": "192.0.2.2"}]}
                            ],
                        }
                    ]
                }
            ],
        },
    },
    {"name": "roll back", "junipernetworks.junos.junos_config": {"rollback": 1}},
    {
        "name": "netconf config",
        "ansible.netcommon.netconf_config": {"content": CONTENT},
    },
    {
        "name": "netconf get",
        "ansible.netcommon.netconf_get": {
            "source": "running",
            "filter": "<configuration><system><domain-name/></system></configuration>",
        },
    },
]


@pytest.fixture(scope="module")
def environment() -> Path:
    """Return the virtual environment with the package ``ansible``; create it if it is absent."""
    ENVIRONMENT.parent.mkdir(exist_ok=True)
    with open(ENVIRONMENT.parent / "clients.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = ENVIRONMENT / ".done"
        if not done.exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(ENVIRONMENT)], check=True)
            pip = [sys.executable, "-m", "pip", "--python", str(ENVIRONMENT), "install"]
            subprocess.run([*pip, "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
            done.touch()
    return ENVIRONMENT


@pytest.fixture(scope="module")
def results(site: Site, environment: Path, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[dict[str, Task]]:
    """Run all tasks once. Return the result of each by its name."""
    folder = tmp_path_factory.mktemp("ansible")
    (folder / "play.json").write_text(json.dumps([{"hosts": "hub", "gather_facts": False, "tasks": TASKS}]))
    variables = {
        "ansible_connection": "ansible.netcommon.netconf",
        "ansible_network_os": "junipernetworks.junos.junos",
        "ansible_ssh_private_key_file": site.lab.client_key,
    }
    command = [
        environment / "bin" / "ansible-playbook",
        "-i",
        site.inventory,
        folder / "play.json",
        "-e",
        json.dumps(variables),
    ]
    settings = {
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        "ANSIBLE_HOST_KEY_CHECKING": "False",
        "ANSIBLE_PERSISTENT_CONTROL_PATH_DIR": str(folder / "pc"),
    }
    run = subprocess.run(
        [str(word) for word in command], cwd=folder, env=settings, capture_output=True, text=True, check=False
    )
    play = json.loads(run.stdout[run.stdout.index("{") :])
    yield {task["task"]["name"]: task["hosts"]["hub"] for task in play["plays"][0]["tasks"]}
    site.lab.fault(
        "hub",
        "commit",
        statement="set system domain-name example.net\ndelete routing-options static route 198.51.100.0/24",
    )


@pytest.mark.parametrize("name", [task["name"] for task in TASKS])
def test_task_works(results: dict[str, Task], name: str) -> None:
    assert name in results, f"{list(results)[-1]}: {list(results.values())[-1]}"
    assert not results[name].get("failed"), results[name].get("msg")


@pytest.mark.parametrize(
    ("name", "changed"),
    [("facts", False), ("config", True), ("config again", False), ("check", True), ("confirmed", True),
     ("static routes", True), ("netconf config", True)],
)  # fmt: skip
def test_change_is_seen(results: dict[str, Task], name: str, changed: bool) -> None:
    assert results[name]["changed"] is changed


def test_facts(results: dict[str, Task]) -> None:
    facts = results["facts"]["ansible_facts"]
    assert (facts["ansible_net_version"], facts["ansible_net_hostname"]) == ("24.4R1.9", "hub")
    assert facts["ansible_net_serialnum"].startswith("LAB")
    assert "ge-0/0/0" in facts["ansible_net_interfaces"]
    assert facts["ansible_network_resources"]["hostname"] == {"hostname": "hub"}


def test_results_have_the_data_of_the_device(results: dict[str, Task]) -> None:
    assert "24.4R1.9" in results["command"]["stdout"][0]
    assert "example.net" in results["netconf get"]["stdout"]
