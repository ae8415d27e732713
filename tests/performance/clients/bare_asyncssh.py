# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""asyncssh alone, one event loop: NETCONF as text, nothing parsed. The practical limit in Python."""

from __future__ import annotations

import asyncio
import sys
import traceback
from xml.sax.saxutils import escape

import asyncssh

from tests.performance.clients.job import ADDRESS, MINUTES, RPCS, Device, Job, read

END = "]]>]]>"
HELLO = (
    '<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities>'
    "<capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>"
)


async def ask(process: asyncssh.SSHClientProcess[str], request: str) -> None:
    process.stdin.write(f'<rpc xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" message-id="1">{request}</rpc>{END}')
    reply = await process.stdout.readuntil(END)
    if "<rpc-error>" in reply and "<error-severity>error</error-severity>" in reply:
        raise ValueError(reply)


async def work(job: Job, device: Device, key: asyncssh.SSHKey, known_hosts: asyncssh.SSHKnownHosts) -> None:
    async with asyncssh.connect(
        ADDRESS, device.port, username=job.user, client_keys=[key], known_hosts=known_hosts, config=None,
        agent_path=None, login_timeout=300,
    ) as connection:  # fmt: skip
        process = await connection.create_process(subsystem="netconf")
        process.stdin.write(HELLO + END)
        await process.stdout.readuntil(END)
        await ask(process, "<lock><target><candidate/></target></lock>")
        text = escape(device.text)
        await ask(
            process,
            f'<load-configuration action="replace" format="text"><configuration-text>{text}</configuration-text>'
            "</load-configuration>",
        )
        await ask(process, '<get-configuration compare="rollback" rollback="0" format="text"/>')
        await ask(
            process,
            f"<commit-configuration><confirmed/><confirm-timeout>{MINUTES}</confirm-timeout></commit-configuration>",
        )
        for rpc in RPCS:
            await ask(process, f"<{rpc}/>")
        await ask(process, "<commit-configuration/>")
        await ask(process, "<unlock><target><candidate/></target></unlock>")
        await ask(process, "<close-session/>")


async def main() -> int:
    job = read()
    key, known_hosts = asyncssh.read_private_key(job.key), asyncssh.read_known_hosts(job.known_hosts)
    at_once = asyncio.Semaphore(job.at_once)

    async def one(device: Device) -> bool:
        async with at_once:
            try:
                await work(job, device, key, known_hosts)
            except Exception:
                sys.stderr.write(f"{device.name}: {traceback.format_exc()}")
                return False
        return True

    return 0 if all(await asyncio.gather(*map(one, job.devices))) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
