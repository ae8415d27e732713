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
from pathlib import Path

from tests.demo.record import ROOT, documents
from tests.lab.client import Lab
from tests.lab.errors import LabError

INVENTORY = "inventories/document"
STATE = ".lab"
WRONG_KEY = "tests/demo/wrong_key.yml"
JUNOS = ("corporate", "westford")


class Demo:
    """Runs the steps in a folder, prints their output and keeps it by the name of the step."""

    def __init__(self, out: t.TextIO, folder: Path = ROOT) -> None:
        self._out = out
        self._folder = folder
        self._lines: list[str] = []
        self.steps: dict[str, list[str]] = {}

    def run(self) -> int:
        """Run all steps. Return 0 if each ended as it must."""
        # Sunnyvale's operator starts from the text that this writes.
        self._playbook("hubspoke.srx.render", quiet=True)
        arguments = ["--free-ports", "--screenos-dir", str(self._folder / "artifacts" / "latest")]
        with Lab.start(ROOT / INVENTORY, state_dir=self._folder / STATE, arguments=arguments) as lab:
            return self._run_steps(lab)

    def _run_steps(self, lab: Lab) -> int:
        # The devices listen on free ports, which this inventory of the lab names.
        ports = ("-i", os.path.relpath(lab.inventory, self._folder))
        self._begin("deploy", "1. Deploy: push, verify, confirm.")
        first = self._playbook("hubspoke.srx.deploy", *ports)
        before = {host: lab.show(host) for host in JUNOS}
        self._begin("again", "2. Deploy again: nothing to change, nothing committed.")
        second = self._playbook("hubspoke.srx.deploy", *ports)
        self._begin("wrong key", "3. Sunnyvale's key is wrong in the inventory: not verified, rolled back everywhere.")
        third = self._playbook("hubspoke.srx.deploy", *ports, "-i", WRONG_KEY)
        same = {host: lab.show(host) == before[host] for host in JUNOS}
        for host, as_before in same.items():
            self._say(f"# {host}: configuration {'as before, byte for byte' if as_before else 'NOT as before'}")
        return 0 if (first, second, third != 0, all(same.values())) == (0, 0, True, True) else 1

    def _begin(self, step: str, title: str) -> None:
        self._lines = self.steps[step] = []
        self._say(f"# {title}")

    def _playbook(self, playbook: str, *arguments: str, quiet: bool = False) -> int:
        command = ["ansible-playbook", playbook, "-i", INVENTORY, *arguments]
        if not quiet:
            self._say(f"$ {' '.join(command)}")
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / command[0]), *command[1:]],
            cwd=self._folder, env=_environment(), stdin=subprocess.DEVNULL,
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


def main() -> int:
    """Run the demo, and record it where asked to. Return the exit status."""
    demo = Demo(sys.stdout)
    try:
        status = demo.run()
    except LabError as error:
        raise SystemExit(str(error)) from None
    if "--record" in sys.argv[1:]:
        for path, text in documents(demo.steps).items():
            path.write_text(text, encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main())
