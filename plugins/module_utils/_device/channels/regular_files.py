# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Files that an operator names: to read a FIFO or a device may never end, so no library gets to open one."""

from __future__ import annotations

import os
import stat


class FileError(Exception):
    """The path of an option leads to no file. ``facts``: the option that names it, the path, and what it is."""

    def __init__(self, option: str, path: str, words: str) -> None:
        self.facts = {"option": option, "path": path, "words": words}
        super().__init__(f"{option} {path}: {words}")


_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def why_not_regular(path: str) -> str:
    """Return what a path is instead of a regular file. Empty also for the null device, and for what is absent."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return ""
    if stat.S_ISREG(mode) or _is_null(path):
        return ""
    return next((words for is_kind, words in _KINDS if is_kind(mode)), "no regular file")


def require_regular(option: str, path: str) -> None:
    """Raise FileError, with the name of the option, for a path that is something else."""
    if words := why_not_regular(path):
        raise FileError(option, path, words)


def _is_null(path: str) -> bool:
    return os.path.samefile(path, os.devnull)
