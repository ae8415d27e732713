# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom the bench measures, and the command of each for each work."""

from __future__ import annotations

import json
import os
import sys
import typing as t
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path

from tests.integration.conftest import environment as ansible_environment
from tests.performance import environment, plays

CLIENTS = Path(__file__).parent / "clients"
KEY = "one-for-all-of-them"
NEW_KEY = "another-for-all-of-them"


@dataclass(frozen=True)
class Place:
    """The lab of one turn: a folder for files, the inventory, and what a client needs to log in."""

    folder: Path
    inventory: Path
    texts: Path
    ssh_config: str
    client_key: str
    known_hosts: str
    job: Path
    forks: int


@dataclass(frozen=True)
class Work:
    """One thing to do: its title, and by how many commits it changes each device, None if not each the same."""

    title: str
    commits: int | None
    playbook: str = ""
    arguments: tuple[str, ...] = ()
    variables: t.Mapping[str, str] = field(default_factory=dict)


# In this order: each begins with the state after the one before.
WORKS: t.Mapping[str, Work] = {
    "deploy": Work("first deployment", 2, "deploy"),
    "unchanged": Work("deployment without changes", 0, "deploy"),
    "verify": Work("verify, all checks", 0, "verify"),
    "drift": Work("drift", 0, "drift"),
    "troubleshoot": Work("troubleshoot one spoke", 0, "troubleshoot", ("--limit", "spoke0001")),
    "rotate": Work("rotate all keys", 2, "rotate_keys", (), {"nhtb_new_pre_shared_key": NEW_KEY}),
    "remove": Work(
        "remove one spoke", None, "remove", ("--limit", "spoke0001"), {"nhtb_pre_shared_key": NEW_KEY}
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Contestant(ABC):
    """One that is measured: in fleets of up to ``most`` spokes, or in all with ``--beyond``."""

    title: str
    most: int
    works: tuple[str, ...] = ("deploy",)
    packages: tuple[str, ...] = ()
    # It takes minutes, or is of less interest: it has few rounds.
    slow: bool = False
    # Seconds that each device takes for a commit.
    commit_seconds: float = 0
    logs_in: bool = True
    # Packages and collections whose versions the record names.
    names: tuple[str, ...] = ()

    @abstractmethod
    def command(self, work: str, place: Place) -> list[str]:
        """Return the command that does the work."""

    @abstractmethod
    def env(self, place: Place) -> dict[str, str]:
        """Return the environment of the command."""


@dataclass(frozen=True)
class Ours(Contestant):
    """The playbooks of this collection."""

    transport: str = "asyncssh"

    def command(self, work: str, place: Place) -> list[str]:
        # The lab needs no time to end old associations.
        variables = {
            "nhtb_transport": self.transport,
            "nhtb_verify_settle": 0,
            "nhtb_verify_interval": 1,
            "nhtb_artifacts_dir": str(place.folder / "artifacts"),
        }
        variables |= WORKS[work].variables
        program = str(Path(sys.executable).parent / "ansible-playbook")
        command = [program, f"hubspoke.srx.{WORKS[work].playbook}", "-i", str(place.inventory)]
        return [*command, "--forks", str(place.forks), "-e", json.dumps(variables), *WORKS[work].arguments]

    def env(self, place: Place) -> dict[str, str]:
        return ansible_environment(place.folder)


@dataclass(frozen=True)
class Floor(Ours):
    """An action that does nothing, for every host: what Ansible itself costs."""

    def command(self, work: str, place: Place) -> list[str]:
        program = str(Path(sys.executable).parent / "ansible-playbook")
        return [program, str(CLIENTS / "empty.yml"), "-i", str(place.inventory), "--forks", str(place.forks)]

    def env(self, place: Place) -> dict[str, str]:
        return super().env(place) | {"ANSIBLE_ACTION_PLUGINS": str(CLIENTS / "action_plugins")}


@dataclass(frozen=True)
class Client(Contestant):
    """A script in the folder of clients."""

    script: str = ""
    python: Path = environment.PYTHON

    def command(self, work: str, place: Place) -> list[str]:
        return [str(self.python), str(CLIENTS / self.script), str(place.job)]

    def env(self, place: Place) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(place.folder),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(environment.ROOT),
        }


@dataclass(frozen=True)
class Playbook(Contestant):
    """A play of another collection, in the environment of the peers."""

    play: t.Mapping[str, t.Any] = field(default_factory=dict)

    def command(self, work: str, place: Place) -> list[str]:
        variables = {
            "bench_key": place.client_key,
            "bench_ssh_config": place.ssh_config,
            "bench_texts": str(place.texts),
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        }
        # JSON is YAML.
        playbook = place.folder / "playbook.yml"
        playbook.write_text(json.dumps([self.play]), encoding="utf-8")
        program = str(environment.PYTHON.parent / "ansible-playbook")
        command = [program, str(playbook), "-i", str(place.inventory)]
        return [*command, "--forks", str(place.forks), "-e", json.dumps(variables)]

    def env(self, place: Place) -> dict[str, str]:
        return {
            "PATH": f"{environment.PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(place.folder),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(environment.COLLECTIONS),
            "ANSIBLE_HOME": str(place.folder / "ansible"),
            "ANSIBLE_PERSISTENT_CONTROL_PATH_DIR": str(place.folder / "pc"),
            # By default a connection process ends after 30 s without a task, and the next task logs in again.
            "ANSIBLE_PERSISTENT_CONNECT_TIMEOUT": "1800",
            "ANSIBLE_HOST_KEY_CHECKING": "False",
            "ANSIBLE_NOCOLOR": "1",
        }


_ANSIBLE = "ansible>=12,<13"

CONTESTANTS: t.Mapping[str, Contestant] = {
    "ours": Ours("hubspoke.srx, asyncssh", 1000, tuple(WORKS)),
    "ours_pyez": Ours("hubspoke.srx, pyez", 50, tuple(WORKS), slow=True, transport="pyez"),
    "ours_5s": Ours("hubspoke.srx, 5 s per commit", 1000, commit_seconds=5),
    "empty": Floor("Ansible's empty action", 1000, logs_in=False),
    "asyncssh": Client(
        "bare asyncssh", 1000, packages=("asyncssh",), names=("asyncssh",), script="bare_asyncssh.py"
    ),
    "ncclient": Client("bare ncclient, threads", 200, packages=("ncclient",), names=("ncclient",),
                       script="bare_ncclient.py"),
    "pyez": Client(
        "PyEZ, threads", 200, packages=("junos-eznc",), names=("junos-eznc",), script="pyez_threads.py"
    ),
    "napalm": Client(
        "NAPALM, nornir", 200, packages=("napalm", "nornir"), names=("napalm", "nornir"), script="napalm_nornir.py"
    ),
    # scrapli of October 2026 is another library by the same name.
    "scrapli": Client(
        "scrapli_netconf, asyncssh", 200, packages=("scrapli-netconf", "scrapli<2026.10", "asyncssh"),
        names=("scrapli-netconf", "scrapli"), script="scrapli_asyncssh.py",
    ),
    "juniper_device": Playbook(
        "juniper.device", 50, packages=(_ANSIBLE, "junos-eznc", "jxmlease", "xmltodict", "jsnapy"), slow=True,
        names=("ansible-core", "juniper.device"), play=plays.JUNIPER_DEVICE,
    ),
    "junos": Playbook(
        "junipernetworks.junos, ansible.netcommon", 50, packages=(_ANSIBLE, "ncclient", "jxmlease", "xmltodict"),
        slow=True, names=("junipernetworks.junos", "ansible.netcommon"), play=plays.JUNOS,
    ),
}  # fmt: skip
