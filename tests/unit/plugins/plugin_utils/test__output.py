# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts for people: none of them ends the thread of the main process that shows it, and none waits for a reader."""

from __future__ import annotations

import os
import pickle
import sys
import typing as t
from types import SimpleNamespace

import pytest
from ansible import constants
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Moment
from ansible_collections.hubspoke.srx.plugins.plugin_utils import _output

Shown = list[tuple[str, dict[str, t.Any]]]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """Provide the texts that the main process shows."""
    found: Shown = []
    monkeypatch.setattr(_output.display, "display", lambda text, **options: found.append((text, options)))
    return found


def test_the_main_process_shows_a_text_as_it_reads_it_from_the_queue(shown: Shown) -> None:
    sent = _output._Text("a table", "display", {"color": None, "stderr": True})
    assert sent == "a table"
    assert pickle.loads(pickle.dumps(sent)) == ""  # noqa: S301  what is loaded is what this test has made
    assert shown == [("a table", {"color": None, "stderr": True})]


def test_a_text_commands_no_terminal(shown: Shown) -> None:
    _output.show("hub1: \x1b]0;title\x07 \x9b31m \u202ename \udce9\n\t[edit]")
    assert [text for text, _options in shown] == ["hub1: ?]0;title? ?31m ?name ?\n\t[edit]"]


@pytest.mark.parametrize("error", [BrokenPipeError(), OSError(28, "full"), ValueError("closed")])
def test_an_error_of_standard_output_ends_nothing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    asked = []

    def display(text: str, **_options: t.Any) -> None:
        asked.append(text)
        raise error

    monkeypatch.setattr(_output.display, "display", display)
    assert pickle.loads(pickle.dumps(_output._Text("a table", "display", {}))) == ""  # noqa: S301  as above
    assert asked == ["a table"]


def test_a_standard_output_that_is_closed_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold both: a text that comes without a standard output is lost, and what Ansible flushes at its end is there."""
    monkeypatch.setattr(sys, "stdout", None)
    assert pickle.loads(pickle.dumps(_output._Text("a table", "display", {}))) == ""  # noqa: S301  as above
    _output.fill_closed_output()
    with sys.stdout:
        print("lost", flush=True)
    again = sys.stdout
    _output.fill_closed_output()
    assert sys.stdout is again


def test_progress_is_dropped_where_nobody_reads_it(monkeypatch: pytest.MonkeyPatch, shown: Shown) -> None:
    reader, writer = os.pipe()
    try:
        with open(writer, "wb", buffering=0) as pipe:
            monkeypatch.setattr(_output, "_PATIENCE", 0.01)
            monkeypatch.setattr(_output.display, "_final_q", SimpleNamespace(_writer=pipe), raising=False)
            output = _output.StageOutput()
            output.show(Moment(stage="reach", state="ended", done=2, total=2))
            os.set_blocking(writer, False)
            while pipe.write(bytes(65536)):
                pass
            output.show(Moment(stage="check", state="ended", done=2, total=2))
    finally:
        os.close(reader)
    assert [text for text, _options in shown] == ["Reach    2/2"]


def test_a_decision_is_written_once_to_the_first_place_that_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    gone, closed = os.pipe()
    os.close(gone)
    first, second = os.pipe(), os.pipe()
    monkeypatch.setattr(_output, "_TERMINALS", [closed, first[1], second[1]])
    try:
        _output.tell("Interrupted. Rolled back.")
        os.close(second[1])
        assert os.read(first[0], 100) == b"Interrupted. Rolled back.\n"
        assert os.read(second[0], 100) == b""
    finally:
        for descriptor in (closed, *first, second[0]):
            os.close(descriptor)


# --- the line that a terminal rewrites ---


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> t.Iterator[t.Callable[[], str]]:
    """Provide the characters that a terminal gets, and a live line that is closed before and after."""
    monkeypatch.setattr(_output, "_live", _output._Live())
    monkeypatch.setattr(_output, "_IS_TERMINAL", True)
    monkeypatch.setattr(_output, "_columns", lambda: 40)
    monkeypatch.setattr(constants, "DEFAULT_STDOUT_CALLBACK", "default")
    yield lambda: capsys.readouterr().out
    vars(_output.display).pop("display", None)


def moment(state: t.Any, done: int, **more: t.Any) -> Moment:
    return Moment(stage="reach", state=state, done=done, total=2, **more)


def test_a_stage_ends_in_the_place_of_its_live_line(written: t.Callable[[], str]) -> None:
    output = _output.StageOutput()
    output.show(moment("begun", 0))
    output.show(moment("waiting", 1, busy=("oslo",)))
    output.show(moment("ended", 2))
    live = "Reach    1/2   waiting for oslo"
    assert written() == f"\rReach    0/2\r{live}\r{' ' * len(live)}\rReach    2/2\n"


def test_a_shorter_live_line_covers_the_longer_one(written: t.Callable[[], str]) -> None:
    output = _output.StageOutput()
    output.show(moment("waiting", 0, busy=("oslo",)))
    output.show(moment("waiting", 0))
    assert written().endswith("\rReach    0/2" + " " * len("   waiting for oslo"))


def test_a_live_line_is_no_wider_than_the_terminal(written: t.Callable[[], str]) -> None:
    _output.StageOutput().show(moment("waiting", 0, busy=("a" * 60,)))
    assert len(written().strip("\r")) == 39


def test_another_text_begins_on_a_line_of_its_own(written: t.Callable[[], str]) -> None:
    output = _output.StageOutput()
    output.show(moment("begun", 0))
    # The text in which a worker sends ours is empty.
    _output.display.display("", screen_only=True, log_only=True)
    _output.display.display("[WARNING]: of Ansible")
    output.show(moment("ended", 2))
    assert written() == "\rReach    0/2\n[WARNING]: of Ansible\nReach    2/2\n"
    assert "display" not in vars(_output.display)


def test_a_quiet_stage_removes_its_live_line(written: t.Callable[[], str]) -> None:
    output = _output.StageOutput()
    output.show(moment("begun", 0, quiet=True))
    assert written() == ""
    output.show(moment("waiting", 1, quiet=True))
    output.show(moment("ended", 2, quiet=True))
    assert written() == f"\rReach    1/2\r{' ' * 12}\r"
    output.show(moment("ended", 2, quiet=True))
    assert written() == ""


@pytest.mark.parametrize("callback", ["ansible.posix.json", "awx_display"])
def test_programs_get_no_live_line(
    written: t.Callable[[], str], monkeypatch: pytest.MonkeyPatch, callback: str
) -> None:
    monkeypatch.setattr(constants, "DEFAULT_STDOUT_CALLBACK", callback)
    output = _output.StageOutput()
    output.show(moment("begun", 0))
    output.show(moment("waiting", 1))
    assert "\r" not in written()


def test_a_decision_is_told_below_a_live_line(written: t.Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    monkeypatch.setattr(_output, "_TERMINALS", [writer])
    try:
        _output.StageOutput().show(moment("begun", 0))
        _output.tell("Interrupted.")
        assert os.read(reader, 100) == b"\nInterrupted.\n"
    finally:
        os.close(reader)
        os.close(writer)
