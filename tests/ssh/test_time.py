# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A peer that is slow, or that cuts late, costs the time of one login or one request, however it spreads its bytes."""

from __future__ import annotations

import socket
import time
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import deadline
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session, Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError

from tests.ssh import fake_device as fake

VERSION = b"SSH-2.0-Slow\r\n"
# The bytes of a slow peer take minutes. This is far from both, however busy the machine is.
SECONDS = 60
SLOW: dict[str, t.Callable[[socket.socket], None]] = {
    "before the version": fake.say_slowly(b"Welcome\r\n"),
    "in the version": fake.say_slowly(b"SSH-2.0-" + b"x" * 200),
    "in the key exchange": fake.say_slowly(b"\0\0\4\0" + b"\x14" * 1000, fast=VERSION),
    "with packets to ignore": fake.say_slowly(bytes((0, 0, 0, 12, 6, 2, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1)), fast=VERSION),
}


def target(port: int, transport: str, seconds: int = 2) -> Target:
    return Target("oslo", "127.0.0.1", port, "admin", "secret", host_key_checking=False, timeout=2,
                  transport=transport, ssh_args=("-o", f"ConnectTimeout={seconds}"))  # fmt: skip


def failed(session: Session) -> str:
    started = time.monotonic()
    with pytest.raises(SessionError) as told:
        session.open()
    assert time.monotonic() - started < SECONDS
    assert told.value.reason == "unreachable"
    return str(told.value)


@pytest.mark.parametrize("where", SLOW)
def test_a_login_ends_whoever_is_slow(where: str, transport: str) -> None:
    with fake.plain_server(SLOW[where]) as port:
        assert "oslo (127.0.0.1 port" in failed(Session(target(port, transport)))


def test_a_slow_hello_ends_the_login(transport: str) -> None:
    with fake.FakeDevice() as device:
        device.slow = "hello"
        assert "NETCONF hello: expected one, actual none within 2 s" in failed(Session(target(device.port, transport)))


def test_a_slow_reply_ends_with_the_time_of_its_request(transport: str) -> None:
    with fake.FakeDevice() as device:
        device.slow = "reply"
        session = Session(target(device.port, transport, seconds=20))
        session.open()
        started = time.monotonic()
        with pytest.raises(SessionError, match=r"get-x: expected a reply, actual none \(none within 2 s\)"):
            session.rpc("<get-x/>")
        assert time.monotonic() - started < SECONDS
        assert device.has_ended()


@pytest.mark.parametrize("said", [b"", VERSION], ids=["before the version", "in the key exchange"])
def test_a_server_that_cuts_late_is_tried_within_one_login(said: bytes, transport: str) -> None:
    """Six tries of which each may take all the time cost six times as much."""
    seen: list[float] = []
    late = fake.hang_up_late(said, 3)

    def talk(one: socket.socket) -> None:
        seen.append(time.monotonic())
        late(one)

    with fake.plain_server(talk) as port:
        text = failed(Session(target(port, transport, seconds=4)))
    assert len(seen) <= 4, "ten seconds hold no more tries of three seconds each"
    assert "the other end closed the connection before it" in text or "within" in text


def test_the_figures_of_connections_rst() -> None:
    assert deadline.login_seconds(deadline.CONNECT_SECONDS) == 30
    assert deadline.login_seconds(2) == 10
    pauses = [sum(deadline.pause_after(tries, chance) for tries in range(1, deadline.TRIES)) for chance in (0, 0.5, 1)]
    assert pauses[1] < 6.5
    assert pauses[2] < 10


def test_a_name_with_an_address_that_swallows_everything_reaches_the_next(
    transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake.FakeDevice() as device, fake.full_port() as full:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in (full, device.port)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: found)
        session = Session(replace(target(device.port, transport, seconds=20), timeout=20))
        session.open()
        assert "<ok" in session.rpc("<get-x/>")
        session.close()
