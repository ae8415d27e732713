# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make demo``: the document's network on emulated devices, deployed, deployed again, and with a wrong key.

``python -m tests.demo --record`` also writes the output into the documentation.
"""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.demo import fleets
from tests.demo.record import ROOT, documents
from tests.lab.client import Lab
from tests.lab.errors import LabError

STATE = ".lab"
# The fleets that the documentation shows.
SPOKES = (4, 40)
# Hosts that a line names.
_SHOWN = 3


@dataclass(frozen=True)
class Network:
    """A network to deploy: its inventory in ``folder``, and the file to be given after it that has a wrong key.

    ``name`` begins the names of its steps. ``junos`` and ``screenos`` are its hosts; ``more`` are arguments of the
    run with the wrong key.
    """

    name: str
    folder: Path
    inventory: str
    wrong_key: str
    junos: tuple[str, ...]
    screenos: str
    more: tuple[str, ...] = ()


DOCUMENT = Network("", ROOT, "inventories/document", "tests/demo/wrong_key.yml", ("corporate", "westford"), "sunnyvale")


def fleet(folder: Path, spokes: int) -> Network:
    """Write the network of so many spokes into a folder, and return it."""
    files = fleets.write(folder, spokes)
    *junos, screenos = (fleets.HUB, *fleets.names(spokes))
    # Long enough to see a run wait.
    more = ("-e", "nhtb_verify_timeout=25")
    return Network(f"{spokes} spokes: ", folder, files["network"], files["wrong key"], tuple(junos), screenos, more)


class Demo:
    """Deploys a network three times, prints the output and keeps it by the name of the step."""

    def __init__(self, out: t.TextIO, network: Network = DOCUMENT) -> None:
        self._out = out
        self._network = network
        self._lines: list[str] = []
        self.steps: dict[str, list[str]] = {}

    def run(self) -> int:
        """Run all steps. Return 0 if each ended as it must."""
        # The operator of the ScreenOS spoke starts from the text that this writes.
        self._playbook("hubspoke.srx.render", quiet=True)
        folder = self._network.folder
        arguments = ["--free-ports", "--screenos-dir", str(folder / "artifacts" / "latest")]
        with Lab.start(folder / self._network.inventory, state_dir=folder / STATE, arguments=arguments) as lab:
            return self._run_steps(lab)

    def _run_steps(self, lab: Lab) -> int:
        network = self._network
        # The devices listen on free ports, which this inventory of the lab names.
        ports = ("-i", os.path.relpath(lab.inventory, network.folder))
        self._begin("deploy", "1. Deploy: push, verify, confirm.")
        first = self._playbook("hubspoke.srx.deploy", *ports)
        before = {host: lab.show(host) for host in network.junos}
        self._begin("again", "2. Deploy again: nothing to change, nothing committed.")
        second = self._playbook("hubspoke.srx.deploy", *ports)
        wrong = f"The key of {network.screenos} is wrong in the inventory"
        self._begin("wrong key", f"3. {wrong}: not verified, rolled back everywhere.")
        third = self._playbook("hubspoke.srx.deploy", *ports, "-i", network.wrong_key, *network.more)
        if network.more:
            self._begin("progress", "4. The same with the callback that prints no line of Ansible.")
            callback = {"ANSIBLE_STDOUT_CALLBACK": "hubspoke.srx.progress"}
            self._playbook("hubspoke.srx.deploy", *ports, "-i", network.wrong_key, *network.more, settings=callback)
        same = [host for host in network.junos if lab.show(host) == before[host]]
        other = [host for host in network.junos if host not in same]
        self._say(f"# {_few(same)}: configuration as before, byte for byte")
        if other:
            self._say(f"# {_few(other)}: configuration NOT as before")
        return 0 if (first, second, third != 0, other) == (0, 0, True, []) else 1

    def _begin(self, step: str, title: str) -> None:
        self._lines = self.steps[f"{self._network.name}{step}"] = []
        self._say(f"# {title}")

    def _playbook(
        self, playbook: str, *arguments: str, quiet: bool = False, settings: t.Mapping[str, str] | None = None
    ) -> int:
        command = ["ansible-playbook", playbook, "-i", self._network.inventory, *arguments]
        if not quiet:
            self._say(f"$ {' '.join([*(f'{name}={value}' for name, value in (settings or {}).items()), *command])}")
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / command[0]), *command[1:]],
            cwd=self._network.folder, env=_environment() | dict(settings or {}), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        printed = []
        for line in process.stdout or ():
            printed.append(line)
            if not quiet:
                self._say(line.rstrip("\n"))
        status = process.wait()
        if quiet and status:
            self._say("".join(printed))
            raise SystemExit(f"{' '.join(command)} ended with {status}")
        return status

    def _say(self, line: str) -> None:
        self._lines.append(line)
        self._out.write(f"{line}\n")
        self._out.flush()


def _environment() -> dict[str, str]:
    """Return the settings of this checkout: its collection as `make setup` installed it, its own home for Ansible."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return inherited | {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".venv" / "collections"),
        "ANSIBLE_HOME": str(ROOT / ".ansible"),
        # The order of hosts is the same every time.
        "ANSIBLE_FORKS": "1",
    }


def _few(hosts: t.Sequence[str]) -> str:
    more = f" and {len(hosts) - _SHOWN} more" if len(hosts) > _SHOWN else ""
    return f"{', '.join(hosts[:_SHOWN])}{more}"


def recorded(out: t.TextIO) -> dict[str, list[str]]:
    """Run the demo and that of each fleet, and return the lines by step. Raise SystemExit where one ends otherwise."""
    steps: dict[str, list[str]] = {}
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(TemporaryDirectory())) for _spokes in SPOKES]
        for network in (DOCUMENT, *(fleet(folder, spokes) for folder, spokes in zip(folders, SPOKES, strict=True))):
            demo = Demo(out, network)
            if demo.run():
                raise SystemExit(f"{network.name or 'demo'}: a step ended otherwise than it must")
            steps |= demo.steps
    return steps


def main() -> int:
    """Run the demo, and record it where asked to. Return the exit status."""
    try:
        if "--record" not in sys.argv[1:]:
            return Demo(sys.stdout).run()
        for path, text in documents(recorded(sys.stdout)).items():
            path.write_text(text, encoding="utf-8")
    except LabError as error:
        raise SystemExit(str(error)) from None
    return 0


if __name__ == "__main__":
    sys.exit(main())
