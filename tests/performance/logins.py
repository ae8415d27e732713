# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cost of sessions: ``python -m tests.performance.logins --devices 1000 --transport asyncssh``.

Every device is logged in to and answers one question, and all sessions stay open until the last has answered: wall
seconds, processor seconds of this process and its children, and the most memory that it held.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import sys
import tempfile
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.lab.client import Lab
from tests.performance import fleet
from tests.utils.ports import free_ports


def _talk(ports: t.Sequence[int], ssh_config: str, transport: str, at_once: int, answers: t.Any) -> None:
    """Do it, in a process of its own that holds nothing else."""
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session, Target

    started = time.monotonic()
    sessions = [
        Session(Target(f"d{port}", "127.0.0.1", port, "hubspoke", ssh_config=ssh_config, transport=transport))
        for port in ports
    ]

    def ask(session: Session) -> str:
        try:
            session.open()
            return "" if session.rpc("<get-system-uptime-information/>") else "empty"
        except Exception as error:
            return str(error)

    with ThreadPoolExecutor(at_once) as pool:
        failed = [words for words in pool.map(ask, sessions) if words]
    answered = time.monotonic() - started
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(Session.close, sessions))
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    answers.put((answered, time.monotonic() - started, processor, own.ru_maxrss / 1024, failed))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.performance.logins", description=__doc__)
    parser.add_argument("--devices", type=int, default=1000, help="how many devices (default 1000)")
    parser.add_argument("--transport", choices=("asyncssh", "pyez"), action="append", help="default: both")
    parser.add_argument("--sessions", type=int, default=30, help="how many log in at once (default 30)")
    options = parser.parse_args()
    # A socket and a half for each device, and PyEZ takes three.
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.chmod(folder, 0o700)
        state = folder / "lab"
        ports = free_ports(options.devices)
        inventory = fleet.write(folder / "fleet.yml", options.devices - 1, ports, state / "ssh_config")
        with Lab.start(inventory, state_dir=state, ready_timeout=600):
            for transport in options.transport or ("asyncssh", "pyez"):
                answers = context.Queue()
                arguments = (ports, str(state / "ssh_config"), transport, options.sessions, answers)
                process = context.Process(target=_talk, args=arguments)
                process.start()
                answered, closed, processor, memory, failed = answers.get()
                process.join()
                sys.stdout.write(
                    f"{transport}: {options.devices} devices, {len(failed)} failed; answered after {answered:.1f} s,"
                    f" closed after {closed:.1f} s, {processor:.1f} s processor, {memory:.0f} MB\n"
                )
                sys.stdout.writelines(f"  {words}\n" for words in failed[:3])
    return 0


if __name__ == "__main__":
    sys.exit(main())
