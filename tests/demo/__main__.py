# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(make demo): the document's network on emulated devices: deployed, deployed again, and deployed with a wrong key.

C(python -m tests.demo --record) also writes what was shown into README.md.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

from tests.lab.client import Lab
from tests.lab.errors import LabError

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
INVENTORY = "inventories/document"
WRONG_KEY = "tests/demo/wrong_key.yml"
JUNOS = ("corporate", "westford")

# What differs from run to run, and what stands for it in the README.
_VARYING = (
    (re.escape(f"{ROOT}/"), ""),
    (r"\d{8}T\d{6}-[0-9a-f]{6}", "20260312T091502-4be07a"),
    (r"failed \(\d+ times\)", "failed (3 times)"),
    (r"[ \t]+$", ""),
    # ansible-core says it once more from 2.19 on, with the place in the role.
    (r"^\[ERROR\]: Task failed: (?:.*\n)+? +\^ column \d+\n\n", ""),
)
_SHOWN = re.compile(r"(<!-- demo -->\n```text\n)(.*?)(```\n<!-- /demo -->)", re.DOTALL)


class Demo:
    """Runs the steps and keeps what they print."""

    def __init__(self, out: t.TextIO) -> None:
        self._out = out
        self.shown: list[str] = []

    def run(self) -> int:
        """All steps; 0 if each ended as it must."""
        self._playbook("hubspoke.srx.render", quiet=True)
        arguments = ["--screenos-dir", str(ROOT / "artifacts")]
        with Lab.start(ROOT / INVENTORY, state_dir=ROOT / ".lab", arguments=arguments) as lab:
            return self._steps(lab)

    def _steps(self, lab: Lab) -> int:
        self._say("# 1. Deploy: push, verify, confirm.")
        first = self._playbook("hubspoke.srx.deploy")
        before = {host: lab.show(host) for host in JUNOS}
        self._say("# 2. Deploy again: nothing to change, nothing committed.")
        second = self._playbook("hubspoke.srx.deploy")
        self._say("# 3. Sunnyvale's key is wrong in the inventory: not verified, rolled back everywhere.")
        third = self._playbook("hubspoke.srx.deploy", "-i", WRONG_KEY)
        same = {host: lab.show(host) == before[host] for host in JUNOS}
        for host, as_before in same.items():
            self._say(f"# {host}: configuration {'as before, byte for byte' if as_before else 'NOT as before'}")
        return 0 if (first, second, third != 0, all(same.values())) == (0, 0, True, True) else 1

    def _playbook(self, playbook: str, *arguments: str, quiet: bool = False) -> int:
        command = ["ansible-playbook", playbook, "-i", INVENTORY, *arguments]
        if not quiet:
            self._say(f"$ {' '.join(command)}")
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / command[0]), *command[1:]],
            cwd=ROOT, env=_environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        said = []
        for line in process.stdout or ():
            said.append(line)
            if not quiet:
                self._say(line.rstrip("\n"))
        status = process.wait()
        if quiet and status:
            self._say("".join(said))
            raise SystemExit(f"{' '.join(command)} ended with {status}")
        return status

    def _say(self, line: str) -> None:
        self.shown.append(line)
        self._out.write(f"{line}\n")
        self._out.flush()


def _environment() -> dict[str, str]:
    """As in a new shell of this checkout, but for the order of hosts, which is the same every time."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return inherited | {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_FORKS": "1"}


def for_readme(lines: t.Iterable[str]) -> str:
    """What was shown, less what differs from run to run."""
    text = "\n".join(lines) + "\n"
    for pattern, stand_in in _VARYING:
        text = re.sub(pattern, stand_in, text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" ?\*{8,}$", " ***", text, flags=re.MULTILINE))


def recorded() -> str:
    """The demo's output as the README shows it."""
    found = _SHOWN.search(README.read_text(encoding="utf-8"))
    return found.group(2) if found else ""


def main() -> int:
    demo = Demo(sys.stdout)
    try:
        status = demo.run()
    except LabError as error:
        raise SystemExit(str(error)) from None
    if "--record" in sys.argv[1:]:
        text = for_readme(demo.shown)
        README.write_text(
            _SHOWN.sub(lambda found: f"{found.group(1)}{text}{found.group(3)}", README.read_text("utf-8")), "utf-8"
        )
    return status


if __name__ == "__main__":
    sys.exit(main())
