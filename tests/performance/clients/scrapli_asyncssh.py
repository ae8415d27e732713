# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""scrapli_netconf over its asyncssh transport, one event loop.

Its own ``edit_config`` takes XML and the standard's form of a commit: the RPCs of Junos go through ``rpc``. It compares
host keys, but knows no ports in ``known_hosts``: the devices of the lab have one key, which gets a line of its own.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from pathlib import Path
from xml.sax.saxutils import escape

from scrapli_netconf.driver import AsyncNetconfDriver

from tests.performance.clients.job import ADDRESS, MINUTES, RPCS, Device, Job, read


async def work(job: Job, device: Device, known_hosts: str) -> None:
    async with AsyncNetconfDriver(
        host=ADDRESS, port=device.port, auth_username=job.user, auth_private_key=job.key, auth_strict_key=True,
        ssh_known_hosts_file=known_hosts, transport="asyncssh", timeout_transport=300, timeout_socket=300,
        timeout_ops=300,
    ) as session:  # fmt: skip
        replies = [
            await session.lock("candidate"),
            await session.rpc(
                '<load-configuration action="replace" format="text"><configuration-text>'
                f"{escape(device.text)}</configuration-text></load-configuration>"
            ),
            await session.rpc('<get-configuration compare="rollback" rollback="0" format="text"/>'),
            await session.rpc(
                f"<commit-configuration><confirmed/><confirm-timeout>{MINUTES}</confirm-timeout></commit-configuration>"
            ),
            *[await session.rpc(f"<{rpc}/>") for rpc in RPCS],
            await session.rpc("<commit-configuration/>"),
            await session.unlock("candidate"),
        ]
    for reply in replies:
        reply.raise_for_status()


async def main() -> int:
    job = read()
    known_hosts = Path(sys.argv[1]).with_suffix(".known_hosts")
    _names, kind, key = Path(job.known_hosts).read_text(encoding="utf-8").split()[:3]
    known_hosts.write_text(f"{ADDRESS} {kind} {key}\n", encoding="utf-8")
    at_once = asyncio.Semaphore(job.at_once)

    async def one(device: Device) -> bool:
        async with at_once:
            try:
                await work(job, device, str(known_hosts))
            except Exception:
                sys.stderr.write(f"{device.name}: {traceback.format_exc()}")
                return False
        return True

    return 0 if all(await asyncio.gather(*map(one, job.devices))) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
