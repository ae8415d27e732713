# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Output of threads is kept for the main thread."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import traceback
import typing as t
import warnings

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import event_loop
from ansible_collections.hubspoke.srx.plugins.module_utils._device.rpc_log import noted
from ansible_collections.hubspoke.srx.plugins.plugin_utils import _output
from ansible_collections.hubspoke.srx.plugins.plugin_utils._quiet_threads import QuietThreads, _Keeper


def in_a_thread(act: t.Callable[[], object]) -> None:
    thread = threading.Thread(target=act, name="worker")
    thread.start()
    thread.join()


def dies() -> None:
    raise RuntimeError("of no class of ours")


def flush() -> None:
    sys.stderr.flush()


@pytest.mark.parametrize(
    ("act", "kept"),
    [
        (lambda: print("to stdout"), ["to stdout"]),
        (lambda: print("a\n\nb", file=sys.stderr), ["a", "b"]),
        (flush, []),
        (lambda: warnings.warn("deprecated", stacklevel=1), []),
        (dies, ["worker ended: RuntimeError: of no class of ours"]),
    ],
)
def test_output_of_a_thread_is_kept(
    act: t.Callable[[], object], kept: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    with QuietThreads() as quiet:
        in_a_thread(act)
        print("main")
    assert list(quiet.lines) == kept
    assert capfd.readouterr() == ("main\n", "")


def test_streams_and_hooks_are_restored() -> None:
    before = (sys.stdout, sys.stderr, threading.excepthook, sys.unraisablehook, list(warnings.filters))
    with QuietThreads():
        assert sys.stdout is not before[0]
    assert (sys.stdout, sys.stderr, threading.excepthook, sys.unraisablehook, list(warnings.filters)) == before


def log_an_exception(name: str) -> None:
    try:
        raise EOFError("the device has gone")
    except EOFError:
        logging.getLogger(name).exception("reading")


@pytest.mark.parametrize("name", ["paramiko.transport", "ncclient.transport.ssh", "jnpr.junos.device", "asyncssh",
                                  "asyncio", "concurrent.futures"])  # fmt: skip
def test_a_message_of_a_library_is_kept_without_its_traceback(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    with QuietThreads() as quiet:
        log_an_exception(name)
        in_a_thread(lambda: log_an_exception(name))
    logging.getLogger(name).error("to nobody")
    assert list(quiet.lines) == [f"{name}: reading: EOFError: the device has gone"] * 2
    assert capfd.readouterr() == ("", "")


def test_a_traceback_in_lines_is_kept_as_its_last_line() -> None:
    with QuietThreads() as quiet:
        for line in ("Traceback (most recent call last):", '  File "transport.py", line 7', "EOFError", ""):
            logging.getLogger("paramiko.transport").error(line)
        in_a_thread(lambda: traceback.print_exception(EOFError("gone"), file=sys.stderr))
    assert list(quiet.lines) == ["paramiko.transport: EOFError", "EOFError: gone"]


def test_a_library_that_quotes_replies_is_kept_for_its_errors_only() -> None:
    with QuietThreads() as quiet:
        logging.getLogger("ncclient.transport.session").warning("within data received: %s", "half a k")
        logging.getLogger("asyncssh").warning("an algorithm is weak")
        logging.getLogger("asyncssh").info("opening a connection")
    assert list(quiet.lines) == ["asyncssh: an algorithm is weak"]


def test_a_message_that_does_not_fit_its_arguments_ends_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    found: list[str] = []
    _Keeper(found.append).handle(logging.LogRecord("asyncssh", logging.ERROR, "", 1, "%d devices", ("some",), None))
    assert found == ["asyncssh: %d devices: TypeError"]
    assert capfd.readouterr() == ("", "")


def test_an_exception_that_no_session_waits_for_is_a_message() -> None:
    event_loop._note(
        asyncio.new_event_loop(), {"message": "Task exception was never retrieved", "exception": OSError(5)}
    )
    with QuietThreads() as quiet:
        event_loop._note(t.cast("t.Any", None), {"message": "a task", "exception": OSError(5)})
    assert list(quiet.lines) == ["asyncio: a task: OSError(5)"]


def test_a_thread_that_goes_on_writing_does_not_disturb_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    def show(line: str) -> None:
        shown.append(line)
        in_a_thread(lambda: print("and more"))

    monkeypatch.setattr("ansible_collections.hubspoke.srx.plugins.plugin_utils._quiet_threads.show_verbose", show)
    with QuietThreads() as quiet:
        in_a_thread(lambda: print("a\nb"))
        quiet.show()
    assert shown == ["a", "b"]


@pytest.mark.parametrize(("verbosity", "told"), [(2, []), (3, ["oslo a: error"]), (4, ["oslo a: error", "line"])])
def test_rpcs_and_lines_are_shown_as_verbose_as_wanted(
    verbosity: int, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []

    def vvv(text: str, host: str) -> None:
        found.append(f"{host} {text.partition(':')[0]}: {text.rpartition('error: ')[2]}")

    monkeypatch.setattr(_output.display, "verbosity", verbosity)
    monkeypatch.setattr(_output.display, "vvv", vvv)
    monkeypatch.setattr(_output.display, "vvvv", lambda text: found.append(text) if verbosity > 3 else None)
    with QuietThreads(lambda text: text.replace("s3cret", "error").replace("a line", "line")) as quiet:
        with pytest.raises(RuntimeError), noted("oslo", "a", "<a/>"):
            raise RuntimeError("s3cret")
        in_a_thread(lambda: print("a line"))
    quiet.show()
    assert found == told
