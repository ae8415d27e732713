# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real playbooks against a lab of their own, on ports nobody else uses."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import typing as t
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from tests.lab.client import Lab

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "inventories" / "document"
# A lab answers at once: no old associations to wait out, and a second to be verified in.
QUICK = {"nhtb_verify_settle": 0, "nhtb_verify_interval": 0.3, "nhtb_verify_timeout": 3}


@dataclass(frozen=True)
class Run:
    """How a playbook ended and what it said."""

    status: int
    output: str


@dataclass
class Network:
    """An inventory, its lab, and a folder for what playbooks write."""

    inventories: list[Path]
    folder: Path
    lab: Lab
    extra: dict[str, t.Any] = field(default_factory=dict)

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    def command(self, playbook: str, *arguments: str, **variables: t.Any) -> list[str]:
        values = QUICK | self.extra | variables | {"nhtb_artifacts_dir": str(self.artifacts)}
        inventories = [word for inventory in self.inventories for word in ("-i", str(inventory))]
        program = str(Path(sys.executable).parent / "ansible-playbook")
        return [program, f"hubspoke.srx.{playbook}", *inventories, "-e", json.dumps(values), *arguments]

    def playbook(self, playbook: str, *arguments: str, **variables: t.Any) -> Run:
        """Run a playbook of the collection by its name; extra variables as keywords."""
        process = subprocess.run(
            self.command(playbook, *arguments, **variables),
            cwd=self.folder, env=environment(self.folder), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
        )  # fmt: skip
        return Run(process.returncode, process.stdout)

    def report(self) -> dict[str, t.Any]:
        content: dict[str, t.Any] = json.loads((self.artifacts / "report.json").read_text(encoding="utf-8"))
        return content

    def outcome(self, host: str) -> dict[str, t.Any]:
        """What the last run's report says about a host."""
        found: dict[str, t.Any] = next(entry for entry in self.report()["hosts"] if entry["host"] == host)
        return found

    def configurations(self) -> dict[str, str]:
        """Every Junos device's committed configuration, byte for byte."""
        return {host: self.lab.show(host) for host in self.lab.status()["devices"]}

    def overlay(self, name: str, content: t.Mapping[str, t.Any]) -> Path:
        """One more inventory, laid over the others by the caller."""
        path = self.folder / f"{name}.yml"
        path.write_text(yaml.safe_dump(dict(content)), encoding="utf-8")
        return path


def environment(folder: Path) -> dict[str, str]:
    """Ansible's settings of the checkout, the checkout itself as the collection, and what it writes in ``folder``."""
    return {
        **os.environ,
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".venv" / "dev"),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_FORCE_COLOR": "0",
        "HOME": str(folder),
    }


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now; all are held until the last is known, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _turn in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def ports_overlay(folder: Path, hosts: t.Sequence[str]) -> Path:
    """An inventory that moves the hosts to free ports and to the lab in ``folder``."""
    ports = free_ports(len(hosts))
    inventory = {
        "ungrouped": {"hosts": {host: {"ansible_port": port} for host, port in zip(hosts, ports, strict=True)}}
    }
    path = folder / "ports.yml"
    path.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    return path


@contextmanager
def document_network(folder: Path, flavour: str = "kmd", **variables: t.Any) -> t.Iterator[Network]:
    """The document's network in a lab of its own, Sunnyvale's operator having done as the rendered text says.

    ``flavour`` is the IKE daemon of the devices. ``variables`` hold for every playbook.
    """
    state = folder / "lab"
    inventories = [DOCUMENT, ports_overlay(folder, ["corporate", "westford"])]
    if flavour != "kmd":
        (folder / "flavour.yml").write_text(
            yaml.safe_dump({"all": {"vars": {"lab_flavour": flavour}}}), encoding="utf-8"
        )
        inventories.append(folder / "flavour.yml")
    network = Network(inventories, folder, Lab(state), variables | {"nhtb_ssh_config": str(state / "ssh_config")})
    rendered = network.playbook("render")
    assert rendered.status == 0, rendered.output
    with Lab.start(*inventories, state_dir=state, arguments=["--screenos-dir", str(network.artifacts)]) as network.lab:
        yield network


@pytest.fixture
def document(tmp_path: Path) -> t.Iterator[Network]:
    with document_network(tmp_path) as network:
        yield network


@pytest.fixture
def classic(tmp_path: Path) -> t.Iterator[Network]:
    with document_network(tmp_path, nhtb_syntax="classic") as network:
        yield network
