# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure a deployment: ``python -m tests.performance --spokes 50``.

The results are wall-clock seconds, processor seconds of the whole ansible-playbook process tree, and logins per device,
for a first deployment, one without changes, and an empty action over the same hosts.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.integration.conftest import environment
from tests.lab.client import Lab
from tests.performance import fleet
from tests.utils.ports import free_ports

HERE = Path(__file__).resolve().parent


def measure(folder: Path, inventory: Path, playbook: str, forks: int) -> tuple[float, float]:
    """Return wall-clock and processor seconds of one ansible-playbook and all its children."""
    variables = {"nhtb_verify_settle": 0, "nhtb_verify_interval": 1, "nhtb_artifacts_dir": str(folder / "artifacts")}
    program = str(Path(sys.executable).parent / "ansible-playbook")
    command = [program, playbook, "-i", str(inventory), "--forks", str(forks), "-e", json.dumps(variables)]
    settings = environment(folder) | {
        "ANSIBLE_ACTION_PLUGINS": str(HERE / "action_plugins"),
        "ANSIBLE_DIFF_ALWAYS": "0",
    }
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        command, cwd=folder, env=settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{playbook} ended with {done.returncode}:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.performance", description=__doc__)
    parser.add_argument("--spokes", type=int, default=50, help="number of Junos spokes (default 50)")
    parser.add_argument("--commit-seconds", type=float, default=0, help="seconds of each device for a commit")
    parser.add_argument("--forks", type=int, default=5, help="forks of Ansible (default 5)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.chmod(folder, 0o700)
        state = folder / "lab"
        ports = free_ports(options.spokes + 1)
        inventory = fleet.write(folder / "fleet.yml", options.spokes, ports, state / "ssh_config")
        started = time.monotonic()
        with Lab.start(inventory, state_dir=state) as lab:
            sys.stdout.write(f"lab of {options.spokes + 1} devices up in {time.monotonic() - started:.1f} s\n")
            if options.commit_seconds:
                lab.fault("all", "delay", rpc="commit", seconds=options.commit_seconds)
            for title, playbook in (
                ("empty action", str(HERE / "empty.yml")),
                ("first deployment", "hubspoke.srx.deploy"),
                ("no changes", "hubspoke.srx.deploy"),
            ):
                wall, processor = measure(folder, inventory, playbook, options.forks)
                sys.stdout.write(f"{title:20} {wall:6.1f} s wall {processor:6.1f} s processor\n")
                sys.stdout.flush()
            logins = {host: device["logins"] for host, device in lab.status()["devices"].items()}
            sys.stdout.write(f"logins per device after two deployments: {sorted(set(logins.values()))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
