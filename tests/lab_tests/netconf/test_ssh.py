# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SSH under NETCONF, and the faults that only a client over SSH sees."""

from __future__ import annotations

import asyncio
import time
import typing as t

import asyncssh
import pytest

from tests.lab_tests.netconf.conftest import PASSWORD, Site

END = "]]>]]>"
HELLO = (
    '<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities>'
    f"<capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>{END}"
)
_CONNECTIONS: list[asyncssh.SSHClientConnection] = []
OLD_PROGRAM = "xml-mode netconf need-trailer"


class Wire:
    """The bytes of a session."""

    def __init__(self, connection: asyncssh.SSHClientConnection, process: asyncssh.SSHClientProcess[str]) -> None:
        self.connection = connection
        self.process = process

    async def read(self) -> str:
        return str(await self.process.stdout.readuntil(END))

    async def rpc(self, body: str) -> str:
        self.process.stdin.write(f"<rpc>{body}</rpc>{END}")
        return await self.read()


async def connect(site: Site, name: str = "hub", program: str | None = None, **arguments: t.Any) -> Wire:
    settings = {
        "username": "admin",
        "client_keys": [site.lab.client_key],
        "known_hosts": str(site.lab.state.path / "known_hosts"),
        "config": None,
    }
    connection = await asyncssh.connect("127.0.0.1", site.ports[name], **(settings | arguments))
    _CONNECTIONS.append(connection)
    process = await connection.create_process(program, subsystem=None if program else "netconf")
    wire = Wire(connection, process)
    greeting = await wire.read()
    assert "<!-- user admin" in greeting
    process.stdin.write(HELLO)
    return wire


def run(coroutine: t.Coroutine[t.Any, t.Any, t.Any]) -> t.Any:
    """Run a coroutine, then close every connection that it has opened."""

    async def whole() -> t.Any:
        try:
            return await asyncio.wait_for(coroutine, 20)
        finally:
            while _CONNECTIONS:
                connection = _CONNECTIONS.pop()
                connection.abort()
                await connection.wait_closed()

    return asyncio.run(whole())


@pytest.mark.parametrize("program", [None, OLD_PROGRAM], ids=["subsystem", "exec of older clients"])
def test_subsystem_and_exec(site: Site, program: str | None) -> None:
    async def talk() -> str:
        wire = await connect(site, program=program)
        said = await wire.rpc("<close-session/>")
        rest = await wire.process.stdout.read()
        return f"{said}{rest}"

    assert run(talk()).rstrip().endswith("-->")


def test_requests_before_the_end_of_input_are_answered(site: Site) -> None:
    async def talk() -> str:
        wire = await connect(site)
        wire.process.stdin.write(f"<rpc message-id='1'><lock-configuration/></rpc>{END}")
        wire.process.stdin.write_eof()
        return str(await wire.process.stdout.read())

    said = run(talk())
    assert "<ok/>" in said
    assert "<!-- session end at " in said


def test_only_netconf_is_offered(site: Site) -> None:
    with pytest.raises(asyncssh.ChannelOpenError):
        run(connect(site, program="cli"))


@pytest.mark.parametrize(
    "arguments",
    [
        {"username": "another"},
        {"client_keys": [asyncssh.generate_private_key("ssh-ed25519")]},
        {"client_keys": None, "password": "wrong"},
    ],
    ids=["user", "key", "password"],
)
def test_invalid_logins_are_refused(site: Site, arguments: dict[str, t.Any]) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        run(connect(site, **arguments))


def test_the_password_of_the_inventory_is_valid(site: Site) -> None:
    run(connect(site, client_keys=None, password=PASSWORD))
    with pytest.raises(asyncssh.PermissionDenied):
        run(connect(site, "old", client_keys=None, password=PASSWORD))


def test_a_limited_number_of_logins_is_refused(site: Site) -> None:
    site.lab.fault("hub", "refuse-login", count=1)
    with pytest.raises(asyncssh.PermissionDenied):
        run(connect(site))
    run(connect(site))


def test_a_device_that_swallows_answers_no_request_and_no_login(site: Site) -> None:
    async def talk() -> str:
        wire = await connect(site)
        site.lab.fault("hub", "swallow")
        for silent in (wire.rpc("<get-system-uptime-information/>"), connect(site)):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(silent, 0.5)
        site.lab.fault("hub", "clear")
        return str(await (await connect(site)).rpc("<get-system-uptime-information/>"))

    assert "current-time" in run(talk())


def test_a_delay_is_wall_clock_time_and_for_its_rpc_only(site: Site) -> None:
    async def talk() -> tuple[float, float]:
        wire = await connect(site)
        start = time.monotonic()
        await wire.rpc("<commit-configuration><check/></commit-configuration>")
        quick = time.monotonic() - start
        await wire.rpc("<commit-configuration/>")
        return quick, time.monotonic() - start - quick

    site.lab.fault("hub", "delay", rpc="commit", seconds=1.0, count=1)
    quick, slow = run(talk())
    assert quick < 0.9
    assert slow >= 1.0


def test_devices_do_not_wait_for_each_other(site: Site) -> None:
    async def talk() -> float:
        wires = [await connect(site, name) for name in ("hub", "old")]
        start = time.monotonic()
        await asyncio.gather(*(wire.rpc("<commit-configuration/>") for wire in wires))
        return time.monotonic() - start

    site.lab.fault("all", "delay", rpc="commit", seconds=1.0, count=1)
    assert 1.0 <= run(talk()) < 1.8


def test_after_a_dropped_reply_the_session_is_open_and_the_commit_done(site: Site) -> None:
    async def talk() -> None:
        wire = await connect(site)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(wire.rpc("<commit-configuration><log>unheard</log></commit-configuration>"), 0.5)

    site.lab.fault("hub", "drop-reply", count=1)
    run(talk())
    assert site.lab.log("hub").count("(comment: unheard)") == 1


@pytest.mark.parametrize(("kind", "done"), [("cut-before", 0), ("cut-after", 1)])
def test_a_dropped_connection(site: Site, kind: str, done: int) -> None:
    async def talk() -> None:
        wire = await connect(site)
        with pytest.raises((asyncio.IncompleteReadError, asyncssh.Error, ConnectionError)):
            await wire.rpc(f"<commit-configuration><log>{kind}</log></commit-configuration>")

    site.lab.fault("hub", kind, rpc="commit", count=1)
    run(talk())
    assert site.lab.log("hub").count(f"(comment: {kind})") == done
    assert site.lab.status()["devices"]["hub"]["sessions"] == 0


def test_a_restarting_device_is_unreachable_for_a_while(site: Site) -> None:
    run(connect(site))
    site.lab.fault("hub", "reboot", seconds=60)
    assert site.lab.status()["devices"]["hub"]["state"] == "down"
    with pytest.raises((asyncssh.Error, OSError)):
        run(connect(site))
    site.lab.time(advance=60)
    run(connect(site))


def test_a_session_without_client_releases_its_lock(site: Site) -> None:
    async def talk() -> None:
        wire = await connect(site)
        await wire.rpc("<lock-configuration/>")
        wire.connection.abort()

    run(talk())
    deadline = time.monotonic() + 300
    while site.lab.status()["devices"]["hub"]["lock"] is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert site.lab.status()["devices"]["hub"]["lock"] is None


def test_storage_is_filled_to_the_requested_percentage(site: Site) -> None:
    async def talk() -> str:
        wire = await connect(site)
        return await wire.rpc("<get-system-storage/>")

    site.lab.fault("hub", "fill-storage", percent=97)
    said = run(talk())
    assert "97" in said
    site.lab.fault("hub", "clear")
    assert "97" not in run(talk()).partition("<filesystem>")[2]
