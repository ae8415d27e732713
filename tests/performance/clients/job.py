# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every client does, by the job in the JSON file that the command line names.

For each device: log in, lock, load a file with ``replace``, compare, commit confirmed, four RPCs, confirm, unlock.
"""

from __future__ import annotations

import json
import sys
import traceback
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ADDRESS = "127.0.0.1"
RPCS = (
    "get-ike-security-associations-information",
    "get-security-associations-information",
    "get-ipsec-next-hop-tunnel-information",
    "get-route-information",
)
MINUTES = 10


@dataclass(frozen=True)
class Device:
    """One device: its name, its port, the path of its configuration."""

    name: str
    port: int
    path: str

    @property
    def text(self) -> str:
        """The configuration to load."""
        return Path(self.path).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Job:
    """The devices, and how to log in to them: ``at_once`` of them at a time."""

    devices: tuple[Device, ...]
    user: str
    key: str
    ssh_config: str
    known_hosts: str
    at_once: int


def read() -> Job:
    """Return the job that the command line names."""
    content = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    return Job(**content | {"devices": tuple(Device(**one) for one in content["devices"])})


def in_threads(work: t.Callable[[Job, Device], None]) -> None:
    """Do the work for every device, each in a thread. Exit with 1 if one has failed."""
    job = read()

    def one(device: Device) -> bool:
        try:
            work(job, device)
        except Exception:
            sys.stderr.write(f"{device.name}: {traceback.format_exc()}")
            return False
        return True

    with ThreadPoolExecutor(job.at_once) as pool:
        sys.exit(0 if all(list(pool.map(one, job.devices))) else 1)
