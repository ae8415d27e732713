# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kill a process with all its descendants, as a power cut would.

A process group is not enough: the workers of newer ansible-core versions are in sessions of their own, and one that
notices the end of its parent rolls back.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path


def kill_tree(root: int) -> None:
    """Stop every process of the tree, so that none notices the end of another, then kill them all."""
    tree: list[int] = []
    found = [root]
    while found:
        for process in found:
            _send(process, signal.SIGSTOP)
        tree += found
        found = [child for parent in found for child in _children(parent)]
    for process in tree:
        _send(process, signal.SIGKILL)


def _children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in brackets, may contain any character; state and parent follow it.
            fields = status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == parent:
            found.append(int(status.parent.name))
    return found


def _send(process: int, number: signal.Signals) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return
