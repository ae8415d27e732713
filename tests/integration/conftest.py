# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks against a lab of their own on free ports."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import typing as t
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from tests.lab.client import Lab

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "inventories" / "document"
# The lab has no delays: no settling of old associations, and seconds suffice to verify.
# What was rendered for a lab, by the inventories and variables.
_RENDERED = tempfile.TemporaryDirectory(prefix="rendered-")
_NAMES: dict[str, str] = {}
QUICK = {"nhtb_verify_settle": 0, "nhtb_verify_interval": 0.3, "nhtb_verify_timeout": 3}


@dataclass(frozen=True)
class Run:
    """The exit status and the output of a playbook."""

    status: int
    output: str

    @property
    def words(self) -> str:
        """The output, and the parts of each result in one piece, as the message of a host was written."""
        return "\n".join([self.output, *map(in_words, self.results.values())])

    @property
    def results(self) -> dict[str, dict[str, t.Any]]:
        """The last result of each host that failed or was unreachable."""
        found = re.findall(r"^fatal: \[([^\]]+)\]: \S+ => (\{.*\})$", self.output, re.MULTILINE)
        return {host: json.loads(result) for host, result in found}


def in_words(result: t.Mapping[str, t.Any]) -> str:
    """Return the whole text of a result: it was cut, or it is a message and a remedy."""
    return str(
        result.get("detail")
        or " ".join(filter(None, (result.get("msg") or result.get("message"), result.get("remedy"))))
    )


@dataclass
class Network:
    """An inventory, its lab, and a folder for the files of playbooks."""

    inventories: list[Path]
    folder: Path
    lab: Lab
    extra: dict[str, t.Any] = field(default_factory=dict)

    @property
    def runs(self) -> Path:
        """The folder of all runs."""
        return self.folder / "artifacts"

    @property
    def artifacts(self) -> Path:
        """The folder of the newest run."""
        return self.runs / "latest"

    def command(self, playbook: str, *arguments: str, **variables: t.Any) -> list[str]:
        values = QUICK | self.extra | variables | {"nhtb_artifacts_dir": str(self.runs)}
        inventories = [word for inventory in self.inventories for word in ("-i", str(inventory))]
        program = str(Path(sys.executable).parent / "ansible-playbook")
        return [program, f"hubspoke.srx.{playbook}", *inventories, "-e", json.dumps(values), *arguments]

    def playbook(self, playbook: str, *arguments: str, **variables: t.Any) -> Run:
        """Run a playbook of the collection by its name; extra variables as keywords."""
        process = subprocess.run(
            self.command(playbook, *arguments, **variables),
            cwd=self.folder, env=environment(self.folder), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, check=False,
        )  # fmt: skip
        return Run(process.returncode, process.stdout)

    def report(self) -> dict[str, t.Any]:
        content: dict[str, t.Any] = json.loads((self.artifacts / "report.json").read_text(encoding="utf-8"))
        return content

    def outcome(self, host: str) -> dict[str, t.Any]:
        """Return the entry of a host in the last run's report."""
        found: dict[str, t.Any] = next(entry for entry in self.report()["hosts"] if entry["host"] == host)
        return found

    def told(self, host: str) -> str:
        """Return the whole text about a host in the last run's report."""
        return in_words(self.outcome(host))

    def configurations(self) -> dict[str, str]:
        """Return the committed configuration of every Junos device, byte for byte."""
        return {host: self.lab.show(host) for host in self.lab.status()["devices"]}

    def overlay(self, name: str, content: t.Mapping[str, t.Any]) -> Path:
        """Write an inventory overlay. Return its path, for the caller to append to the inventories."""
        path = self.folder / f"{name}.yml"
        path.write_text(yaml.safe_dump(dict(content)), encoding="utf-8")
        return path


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of Ansible: settings and collection of the checkout, its files in ``folder``."""
    return {
        **os.environ,
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".venv" / "dev"),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_FORCE_COLOR": "0",
        "HOME": str(folder),
    }


def _render(network: Network, wanted: str) -> None:
    """Render the network, once per process for the same inventories and variables: the lab needs the ScreenOS text."""
    kept = Path(_RENDERED.name) / _NAMES.setdefault(wanted, str(len(_NAMES)))
    if kept.exists():
        shutil.copytree(kept, network.runs, symlinks=True)
        return
    rendered = network.playbook("render")
    assert rendered.status == 0, rendered.output
    shutil.copytree(network.runs, kept, symlinks=True)


def _texts(inventory: Path) -> dict[str, str]:
    """Return the texts of an inventory, which may be a folder, by their names."""
    paths = sorted(path for path in inventory.rglob("*") if path.is_file()) if inventory.is_dir() else [inventory]
    return {str(path.relative_to(inventory)): path.read_text(encoding="utf-8") for path in paths}


@contextmanager
def document_network(
    folder: Path, flavour: str = "kmd", before: t.Sequence[Path] = (), **variables: t.Any
) -> t.Iterator[Network]:
    """Start a lab of the document's network on free ports, Sunnyvale with its rendered text.

    ``flavour`` is the IKE daemon of the devices, ``before`` are inventories that the lab reads too. Every playbook
    gets ``variables``.
    """
    state = folder / "lab"
    inventories = [DOCUMENT, *before]
    if flavour != "kmd":
        (folder / "flavour.yml").write_text(
            yaml.safe_dump({"all": {"vars": {"lab_flavour": flavour}}}), encoding="utf-8"
        )
        inventories.append(folder / "flavour.yml")
    network = Network(inventories, folder, Lab(state), variables | {"nhtb_ssh_config": str(state / "ssh_config")})
    _render(network, json.dumps([[_texts(path) for path in before], variables], default=str))
    arguments = ["--free-ports", "--screenos-dir", str(network.artifacts)]
    with Lab.start(*inventories, state_dir=state, arguments=arguments) as network.lab:
        inventories.append(Path(network.lab.inventory))
        yield network


@pytest.fixture
def document(tmp_path: Path) -> t.Iterator[Network]:
    with document_network(tmp_path) as network:
        yield network


@pytest.fixture
def classic(tmp_path: Path) -> t.Iterator[Network]:
    with document_network(tmp_path, nhtb_syntax="classic") as network:
        yield network
