# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any exception in the threads of a transport, or their end: every device ends as before or with the plan, and says so.

The transaction is the real one, and so are the channels; the devices are those of the same property over sessions.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
import typing as t
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import asyncssh_channel, event_loop
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.channel import Channel, ChannelLost
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session as RealSession
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Progress
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.transaction import Transaction
from ncclient.transport.ssh import SSHSession

from tests.ssh import fake_device as fake
from tests.unit.plugins.module_utils.test__transaction_any_exception import (
    EXCEPTIONS,
    HOSTS,
    Calls,
    Device,
    Session,
    job,
    parsers,
    settings,
    wrong_with,
)

__all__ = ["parsers"]

SEED = 20260302
CASES = 14
SECONDS = 2


class Wire:
    """A failure in a thread of a transport: once, at the next bytes that it reads."""

    def __init__(self) -> None:
        self.fault: t.Callable[[], object] | None = None
        self.met = 0
        self.goes_on = threading.Event()
        self.stopped: asyncio.AbstractEventLoop | None = None

    def read(self) -> None:
        fault, self.fault = self.fault, None
        if fault is not None:
            self.met += 1
            fault()

    def block(self) -> None:
        """Keep the thread busy with something else than its loop."""
        self.goes_on.wait(60)

    def stop(self) -> None:
        """End the event loop, as an interpreter does that ends."""
        self.stopped = event_loop.loop()
        # From a thread of the other transport, a plain stop() would wait for the next session to wake the loop.
        self.stopped.call_soon_threadsafe(self.stopped.stop)

    def wait_for_the_end(self) -> None:
        """Let no later test ask something of a loop that is about to end."""
        while self.stopped is not None and not event_loop.is_given_up(self.stopped):
            time.sleep(0.01)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    made = Wire()
    received, read = asyncssh_channel._Stream.data_received, SSHSession._transport_read

    def data_received(stream: t.Any, data: bytes, datatype: t.Any) -> None:
        made.read()
        received(stream, data, datatype)

    def transport_read(session: t.Any) -> t.Any:
        made.read()
        return read(session)

    monkeypatch.setattr(asyncssh_channel._Stream, "data_received", data_received)
    monkeypatch.setattr(SSHSession, "_transport_read", transport_read)
    monkeypatch.setattr(event_loop, "_BLOCKED_SECONDS", 0.5)
    yield made
    made.goes_on.set()
    made.wait_for_the_end()


class Carried(Calls):
    """The calls of one session, each a request over a channel: the device acts, then its reply may meet the fault."""

    def __init__(self, session: Overwire, calls: Calls) -> None:
        super().__init__(0, RuntimeError, done=True)
        self._session = session
        self._all = calls

    def make(self, act: t.Callable[[], t.Any]) -> t.Any:
        return self._session.ask(lambda: self._all.make(act))


class Counted(Calls):
    """Counts the calls of all sessions, and arms the fault at the chosen one."""

    def __init__(self, at: int, wire: Wire, fault: t.Callable[[], object] | None) -> None:
        super().__init__(0, RuntimeError, done=True)
        self._chosen = at
        self._wire = wire
        self._armed = fault

    def make(self, act: t.Callable[[], t.Any]) -> t.Any:
        answer = super().make(act)
        if self.number == self._chosen:
            self._wire.fault = self._armed
        return answer


class Overwire(Session):
    """A session of the property whose calls go through a real channel."""

    def __init__(self, device: Device, calls: Calls, server: fake.FakeDevice, transport: str) -> None:
        super().__init__(device, Carried(self, calls))
        target = Target(device.host, server.address, server.port, "admin", "secret", host_key_checking=False,
                        timeout=SECONDS, transport=transport, ssh_args=("-o", "ConnectTimeout=20"))  # fmt: skip
        self._server = server
        self._channel: Channel = RealSession(target)._channel

    def open(self) -> None:
        self._channel.open()

    def ask(self, act: t.Callable[[], t.Any]) -> t.Any:
        found: dict[str, t.Any] = {}

        def answer(number: bytes) -> bytes | None:
            try:
                found["answer"] = act()
            except SessionError as error:
                found["error"] = error
            return fake.reply()(number)

        self._server.answer = answer
        try:
            self._channel.execute("<x/>", SECONDS)
        except ChannelLost as error:
            self._give_up_lock()
            raise SessionError(f"{self.device.host}: x: expected a reply, actual none ({error}).", "lost") from None
        except BaseException:
            self._give_up_lock()
            raise
        if "error" in found:
            raise found["error"]
        return found["answer"]

    def _give_up_lock(self) -> None:
        if self.device.locked_by is self:
            self.device.locked_by = None

    def close(self) -> None:
        self._give_up_lock()
        self._channel.close()

    def unlock(self) -> None:
        self._calls.make(self._give_up_lock)

    def abandon(self) -> None:
        self._give_up_lock()
        self._channel.abandon()


def transact(calls: Calls, transport: str) -> list[str]:
    """Return what is wrong after a run, whose devices are in servers of their own."""
    devices = {host: Device(host) for host in HOSTS}
    with ExitStack() as stack:
        servers = {host: stack.enter_context(fake.FakeDevice(answer=lambda _number: None)) for host in HOSTS}
        result = Transaction(
            [job(host) for host in HOSTS],
            settings(),
            connect=lambda host: t.cast(t.Any, Overwire(devices[host], calls, servers[host], transport)),
            progress=Progress(),
            stop=threading.Event(),
        ).run()
        return wrong_with(result, devices)


def raising(error: t.Callable[[], BaseException]) -> t.Callable[[], object]:
    def fault() -> None:
        raise error()

    return fault


def test_any_exception_in_the_threads_of_a_transport_ends_in_a_decision(transport: str, wire: Wire) -> None:
    whole = Counted(0, wire, None)
    assert transact(whole, transport) == []
    assert whole.number > 10
    chance, wrong = random.Random(f"{SEED} {transport}"), {}
    for _case in range(CASES):
        at, error = chance.randint(1, whole.number), chance.choice(EXCEPTIONS)
        found = transact(Counted(at, wire, raising(error)), transport)
        if found:
            wrong[f"reply {at}, {error()!r}"] = found
    assert wrong == {}
    assert wire.met == CASES


@pytest.mark.parametrize("fault", ["stop", "block"])
def test_a_thread_that_does_not_go_on_ends_in_a_decision(fault: str, transport: str, wire: Wire) -> None:
    whole = Counted(0, wire, None)
    transact(whole, transport)
    chance, wrong = random.Random(f"{SEED} {transport} {fault}"), {}
    for at in chance.sample(range(1, whole.number + 1), 4):
        wire.goes_on.clear()
        found = transact(Counted(at, wire, getattr(wire, fault)), transport)
        wire.goes_on.set()
        if found:
            wrong[f"reply {at}"] = found
    assert wrong == {}
