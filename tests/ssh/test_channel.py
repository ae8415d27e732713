# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A device's trouble on an open session is that device's SessionError, and our side closes the session at once."""

from __future__ import annotations

import io
import logging
import multiprocessing
import sys
import threading
import time
import typing as t
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import event_loop
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session, Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.reply import tree

from tests.ssh import fake_device as fake

MIB = 1024 * 1024


def target(device: fake.FakeDevice, transport: str, **changes: t.Any) -> Target:
    plain = Target("oslo", device.address, device.port, "admin", "secret", host_key_checking=False, timeout=2)
    return replace(plain, transport=transport, **changes)


def opened(device: fake.FakeDevice, transport: str, **changes: t.Any) -> Session:
    session = Session(target(device, transport, **changes))
    session.open()
    return session


def raw(text: bytes) -> fake.Answer:
    return lambda _number: text + fake.END


BROKEN: tuple[tuple[str, fake.Answer, str], ...] = (
    ("swallowed", lambda _number: None, r"get-x: expected a reply, actual none \(none within 2 s\)"),
    ("no message-id", raw(b"<rpc-reply><ok/></rpc-reply>"), r"get-x: expected a reply, actual none \("),
    ("another message-id", raw(b'<rpc-reply message-id="99"/>'), r"get-x: expected a reply, actual none \("),
    ("no rpc-reply", raw(b"<notification/>"), r"get-x: expected a reply, actual none \("),
)


@pytest.mark.parametrize(("answer", "says"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_reply_that_is_none_ends_the_session_at_once(answer: fake.Answer, says: str, transport: str) -> None:
    with fake.FakeDevice(answer=answer) as device:
        session = opened(device, transport)
        started = time.monotonic()
        with pytest.raises(SessionError, match=says) as told:
            session.rpc("<get-x/>")
        assert told.value.reason == "lost"
        assert device.has_ended(), "the session is open on the device, with all that it has locked"
        assert time.monotonic() - started < 5
        with pytest.raises(SessionError, match="actual none") as again:
            session.rpc("<get-x/>")
        assert again.value.reason == "lost"
        session.close()


@pytest.mark.parametrize("garbage", [b"<rpc-reply/>", b"\n#0\n", b"\n#4294967295\n", b"\n#5\nabc"])
def test_chunks_that_are_none_are_that_device_s(garbage: bytes) -> None:
    with fake.FakeDevice(hello=fake.CHUNKED_HELLO, answer=lambda _number: garbage) as device:
        session = opened(device, "asyncssh")
        with pytest.raises(SessionError) as told:
            session.rpc("<get-x/>")
        assert told.value.reason == "lost"
        assert device.has_ended()


@pytest.mark.parametrize("size", [1, 5, 4096])
def test_framing_1_1(size: int, transport: str) -> None:
    # Junos speaks 1.0 only. In 1.1 ncclient takes no sign of two bytes that is cut between chunks.
    text = "<a>]]&gt;]]&gt; ø</a>" if transport == "asyncssh" else "<a>]]&gt;]]&gt;</a>"
    with fake.FakeDevice(hello=fake.CHUNKED_HELLO, answer=fake.chunked(text, size)) as device:
        session = opened(device, transport)
        assert text in session.rpc("<get-x/>")
        assert text in session.rpc("<get-x/>")
        session.close()


def test_bytes_that_are_not_utf_8_are_read_with_a_note(transport: str) -> None:
    def answer(number: bytes) -> bytes:
        return b'<rpc-reply message-id="%s"><d>Z\xfcrich \xc3\xb8</d></rpc-reply>%s' % (number, fake.END)

    with fake.FakeDevice(answer=answer) as device:
        session = opened(device, transport)
        assert "<d>Zürich ø</d>" in session.rpc("<get-x/>")
        assert "<d>Zürich ø</d>" in session.rpc("<get-x/>")
        assert session.warnings == ["oslo: replies hold bytes that are not UTF-8; they are read as Latin-1."]
        session.close()


def test_a_control_character_in_a_log_does_not_end_the_session(transport: str) -> None:
    answers = iter([fake.reply("IKE-ID: \x02\x0c"), fake.reply("<ok/>")])

    def answer(number: bytes) -> bytes | None:
        return next(answers)(number)

    with fake.FakeDevice(answer=answer) as device:
        session = opened(device, transport)
        with pytest.raises(ReplyNotUnderstood, match="oslo: get-log: expected well-formed XML"):
            session.rpc("<get-log/>")
        assert "<ok" in session.rpc("<get-x/>")
        session.close()


def test_a_huge_reply_arrives_whole(transport: str) -> None:
    line = "<line>" + "x" * 1000 + "</line>"
    with fake.FakeDevice(answer=fake.reply(line * (40 * MIB // len(line)))) as device:
        session = opened(device, transport, timeout=120)
        assert session.rpc("<get-log/>").count("<line>") == 40 * MIB // len(line)
        session.close()


def test_a_reply_nested_beyond_reason_is_not_understood(transport: str) -> None:
    with fake.FakeDevice(answer=fake.reply("<a>" * 100_000 + "</a>" * 100_000)) as device:
        session = opened(device, transport, timeout=30)
        with pytest.raises((ReplyNotUnderstood, SessionError)):
            tree(session.rpc("<get-x/>"))
        session.close()


def test_a_device_without_the_subsystem_has_the_program(transport: str) -> None:
    with fake.FakeDevice(subsystem=False, program="xml-mode netconf need-trailer") as device:
        session = opened(device, transport)
        assert "<ok" in session.rpc("<get-x/>")
        session.close()


@pytest.mark.parametrize("when", ["idle", "waiting"])
def test_a_device_that_hangs_up_is_lost(when: str, transport: str) -> None:
    with fake.FakeDevice(answer=lambda _number: None) as device:
        session = opened(device, transport, timeout=20)

        def hang_up() -> None:
            device._loop.call_soon_threadsafe(device.connections[0].abort)

        if when == "idle":
            hang_up()
            device.has_ended()
        else:
            threading.Timer(0.3, hang_up).start()
        started = time.monotonic()
        with pytest.raises(SessionError) as told:
            session.rpc("<get-x/>")
        assert told.value.reason == "lost"
        assert time.monotonic() - started < 10
        session.close()


def test_close_ends_within_seconds_whatever_the_device_does(transport: str) -> None:
    with fake.FakeDevice(answer=lambda _number: None) as device:
        session = opened(device, transport, timeout=60)
        started = time.monotonic()
        session.close()
        assert time.monotonic() - started < 8
        assert device.has_ended()
        session.close()


def test_an_interrupt_in_the_middle_ends_the_session(transport: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reply would be taken for that of the next request."""
    with fake.FakeDevice(answer=fake.reply()) as device:
        session = opened(device, transport)
        kind = "ansible_collections.hubspoke.srx.plugins.module_utils._device.channels"

        def interrupted(*_arguments: t.Any, **_options: t.Any) -> t.Any:
            raise KeyboardInterrupt

        if transport == "asyncssh":
            monkeypatch.setattr(f"{kind}.event_loop.run", interrupted)
        else:
            monkeypatch.setattr(session._channel._login.device, "execute", interrupted)  # type: ignore[attr-defined]
        with pytest.raises(KeyboardInterrupt):
            session.rpc("<get-x/>")
        monkeypatch.undo()
        assert device.has_ended()


def test_sessions_side_by_side_do_not_mix(transport: str) -> None:
    def answer(number: bytes) -> bytes:
        time.sleep(0.01)
        return fake.reply(f"<n>{number.decode()}</n>")(number) or b""

    with fake.FakeDevice(answer=answer) as device:

        def talk(_turn: int) -> set[int]:
            session = opened(device, transport, timeout=30)
            sizes = {session.rpc("<get-x/>").count("<n>") for _request in range(5)}
            session.close()
            return sizes

        with ThreadPoolExecutor(12) as pool:
            assert all(found == {1} for found in pool.map(talk, range(24)))


def _child(place: tuple[str, int], transport: str, queue: t.Any) -> None:
    session = Session(Target("oslo", *place, "admin", "secret", host_key_checking=False, transport=transport))
    session.open()
    queue.put(session.rpc("<get-x/>"))
    session.close()


def test_a_fork_begins_a_loop_of_its_own(transport: str) -> None:
    """Ansible forks a worker for each task, whatever its own process has done before."""
    with fake.FakeDevice() as device:
        session = opened(device, transport)
        context = multiprocessing.get_context("fork")
        queue = context.Queue()
        # As if a thread were in the middle of a call.
        with event_loop._running.lock:
            child = context.Process(target=_child, args=((device.address, device.port), transport, queue))
            child.start()
        assert "<ok" in queue.get(timeout=300)
        child.join(30)
        assert child.exitcode == 0
        assert "<ok" in session.rpc("<get-x/>")
        session.close()


class _Loud(io.StringIO):
    """A stderr that no thread may write to: there ansible-core 2.16 and 2.18 wait for ever."""


def test_no_thread_writes_to_stderr_or_warns(transport: str, monkeypatch: pytest.MonkeyPatch) -> None:
    loud = _Loud()
    monkeypatch.setattr(sys, "stderr", loud)
    monkeypatch.setattr(sys, "stdout", loud)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("default", RuntimeWarning)
        warnings.filterwarnings("ignore", module=r"(jnpr|ncclient|paramiko)\b")
        for answer in (
            raw(b"<rpc-reply><ok/></rpc-reply>"),
            raw(b"<rpc-reply"),
            raw(b"\xff\xfe"),
            lambda _number: None,
        ):
            with fake.FakeDevice(answer=answer) as device:
                session = opened(device, transport, timeout=1)
                with pytest.raises((SessionError, ReplyNotUnderstood)):
                    session.rpc("<get-x/>")
                session.close()
        for talk in (fake.hang_up, fake.say(b"SSH-2.0-x\r\n\xff\xff\xff\xff garbage"), fake.say_for_ever(b"x\n")):
            soon = Target("oslo", "127.0.0.1", 0, "admin", "secret", ssh_args=("-o", "ConnectTimeout=2"))
            with fake.plain_server(talk) as port, pytest.raises(SessionError):
                Session(replace(soon, port=port, transport=transport)).open()
        time.sleep(0.3)
    assert loud.getvalue() == ""
    assert [str(one.message) for one in warned if one.category is RuntimeWarning] == []


class _Records(logging.Handler):
    """The handler that Ansible's log_path puts on the root."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(f"{record.name}: {record.getMessage()}")


def test_nothing_of_a_request_is_logged(transport: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By itself ncclient logs every request at INFO, keys and all."""
    records, root = _Records(), logging.getLogger()
    monkeypatch.setattr(root, "handlers", [records])
    monkeypatch.setattr(root, "level", logging.DEBUG)
    with fake.FakeDevice() as device:
        session = opened(device, transport)
        session.load_set(["set security ike policy p pre-shared-key ascii-text hush"])
        session.close()
    assert records.found == []
