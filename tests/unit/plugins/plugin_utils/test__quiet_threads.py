# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Output of threads is kept for the main thread."""

from __future__ import annotations

import sys
import threading
import typing as t
import warnings

import pytest
from ansible_collections.hubspoke.srx.plugins.plugin_utils._quiet_threads import QuietThreads


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
