# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""asyncssh alone, one event loop: NETCONF as text, nothing parsed. The practical limit in Python.

All sessions stay open, and all devices finish a stage before the first begins the next, as in a deployment of this
collection.
"""

from __future__ import annotations

import asyncio
import typing as t
from contextlib import AsyncExitStack
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


async def commit(job: Job, device: Device, held: AsyncExitStack, **login: t.Any) -> asyncssh.SSHClientProcess[str]:
    """Return the session of a device whose commit waits for its confirmation."""
    connection = await held.enter_async_context(
        asyncssh.connect(ADDRESS, device.port, username=job.user, config=None, agent_path=None, **login)
    )
    process = await connection.create_process(subsystem="netconf")
    process.stdin.write(HELLO + END)
    await process.stdout.readuntil(END)
    await ask(process, "<lock><target><candidate/></target></lock>")
    await ask(
        process,
        '<load-configuration action="replace" format="text"><configuration-text>'
        f"{escape(device.text)}</configuration-text></load-configuration>",
    )
    await ask(process, '<get-configuration compare="rollback" rollback="0" format="text"/>')
    await ask(
        process,
        f"<commit-configuration><confirmed/><confirm-timeout>{MINUTES}</confirm-timeout></commit-configuration>",
    )
    return process


async def observe(process: asyncssh.SSHClientProcess[str]) -> None:
    for rpc in RPCS:
        await ask(process, f"<{rpc}/>")


async def confirm(process: asyncssh.SSHClientProcess[str]) -> None:
    await ask(process, "<commit-configuration/>")
    await ask(process, "<unlock><target><candidate/></target></unlock>")
    await ask(process, "<close-session/>")


async def main() -> None:
    job = read()
    login = {
        "client_keys": [asyncssh.read_private_key(job.key)],
        "known_hosts": asyncssh.read_known_hosts(job.known_hosts),
        "login_timeout": 300,
    }
    at_once = asyncio.Semaphore(job.at_once)

    async with AsyncExitStack() as held:

        async def one(device: Device) -> asyncssh.SSHClientProcess[str]:
            async with at_once:
                return await commit(job, device, held, **login)

        # All have committed before the first is asked, and all have answered before the first is confirmed.
        sessions = await asyncio.gather(*map(one, job.devices))
        await asyncio.gather(*map(observe, sessions))
        await asyncio.gather(*map(confirm, sessions))


if __name__ == "__main__":
    asyncio.run(main())
