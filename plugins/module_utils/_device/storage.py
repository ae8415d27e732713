# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Is there room? The document's section on free disk space, as a judgement of each file system.

Most rows of C(show system storage) say nothing: images and device trees are full by nature. What counts is where Junos
writes, and above all where it writes logs, configurations and what a commit works with.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Filesystem

State = t.Literal["ok", "failed", "skipped"]

LOGS = "/var/log"
MIB = 1024 * 1024

# Device trees, and memory disks that hold an unpacked image: 100% whatever the state of the device.
_FULL_BY_NATURE = re.compile(r"devfs|procfs|fdescfs|linprocfs|devpts|/dev/md\d+(\.\w+)?")
_INSTALLED = re.compile(r"/(\.mount/)?(junos|packages|opt|dev|proc|jail/dev|boot)(/.*)?")
# Where Junos keeps configurations and logs, and what a commit works with.
_COMMITS = re.compile(r"/(\.mount/|cf/)?(var|config)")
_UNITS = {"": 512, "B": 1, "K": 1024, "M": MIB, "G": 1024 * MIB, "T": 1024 * 1024 * MIB, "P": 1024**3 * MIB}
_SIZE = re.compile(r"(-?\d+(?:\.\d+)?)([BKMGTP]?)")


@dataclass(frozen=True)
class Room(Filesystem):
    """A file system, judged. ``free_bytes`` is ``None`` where the device did not say it readably."""

    free_bytes: int | None = None
    state: State = "skipped"
    reason: str = ""


def judge(filesystems: t.Iterable[Filesystem], max_used_percent: int = 90, min_free: int = 0) -> list[Room]:
    """Each file system as C(ok), C(failed) or C(skipped), with the reason in words. C(min_free) is in bytes."""
    return [_judge(one, max_used_percent, min_free) for one in filesystems]


def written_by_commits(filesystem: Filesystem) -> bool:
    """Whether a commit fails once this file system is full."""
    return _COMMITS.fullmatch(filesystem.mounted_on) is not None


def holder_of(path: str, filesystems: t.Iterable[Filesystem]) -> Filesystem | None:
    """The file system that a folder is on: the one with the longest mount point above it.

    Junos mounts its parts below C(/.mount) or C(/cf) and links to them, so that both spellings are looked at.
    """
    found: tuple[int, Filesystem] | None = None
    for one in filesystems:
        for prefix in ("", "/.mount", "/cf"):
            inside = one.mounted_on.removeprefix(prefix) if one.mounted_on.startswith(prefix) else None
            # The bare mount points themselves ("/.mount", "/cf") stand for the root of what is below them.
            if inside is not None and _is_above(inside or "/", path) and (found is None or len(inside) > found[0]):
                found = len(inside), one
    return found[1] if found else None


def room_for(host: str, need: int, margin: int, answer: Answer[Filesystem]) -> None:
    """Raise SessionError where trace files of C(need) bytes would leave less than C(margin) bytes for the rest.

    A device that does not tell how much is free is refused too: a full flash is worse than no trace.
    """
    # The nodes of a cluster have a flash each, and both write.
    for node in sorted({one.node or "" for one in answer.items}) or [""]:
        one = holder_of(LOGS, [row for row in answer.items if (row.node or "") == node])
        free = free_bytes(one) if one else None
        if one is None or free is None:
            raise SessionError(
                f"{host}: show system storage: expected the free space of the file system with {LOGS}, actual"
                f" {answer.reason or 'not told'}. Without it nothing is switched on: see what that command answers.",
                "storage",
            )
        if free - need < margin:
            raise SessionError(
                f"{host}: storage of {' '.join(filter(None, (node, one.mounted_on)))}: expected {_words(need + margin)}"
                f" free, {_words(need)} for the trace files and a margin of {_words(margin)}, actual {_words(free)}."
                " Make room with 'request system storage cleanup', or take smaller or fewer files.",
                "storage",
            )


def free_bytes(filesystem: Filesystem) -> int | None:
    """What is free, in bytes: exact where the reply had blocks, else as printed."""
    if filesystem.available_blocks is not None:
        return filesystem.available_blocks * 512
    return bytes_of(filesystem.available)


def bytes_of(size: str) -> int | None:
    """C(75M), C(1.7M), C(1024) as bytes; bare numbers are blocks of 512 bytes, as the device counts. None otherwise."""
    found = _SIZE.fullmatch(size.strip())
    return int(float(found[1]) * _UNITS[found[2]]) if found else None


def _judge(one: Filesystem, max_used_percent: int, min_free: int) -> Room:
    free = free_bytes(one)

    def room(state: State, reason: str) -> Room:
        return Room(**vars(one), free_bytes=free, state=state, reason=reason)

    if _FULL_BY_NATURE.fullmatch(one.name) and one.used_percent >= 100:
        return room("skipped", "an image or a device tree, which is always full")
    if _INSTALLED.fullmatch(one.mounted_on):
        return room("skipped", "holds what is installed and is not written to")
    if one.used_percent > max_used_percent:
        return room("failed", f"{one.used_percent}% used, expected at most {max_used_percent}%: {_remedy(one)}")
    if free is not None and free < min_free and written_by_commits(one):
        return room("failed", f"{_words(free)} free, expected at least {_words(min_free)}: {_remedy(one)}")
    return room("ok", f"{one.used_percent}% used, {one.available} free")


def _remedy(one: Filesystem) -> str:
    if written_by_commits(one) or one.mounted_on in ("/", "/cf", "/.mount"):
        return "logs and commits need it; 'request system storage cleanup' makes room"
    return "see what fills it with 'file list detail'"


def _is_above(mount: str, path: str) -> bool:
    return mount == "/" or path == mount or path.startswith(f"{mount.rstrip('/')}/")


def _words(size: int) -> str:
    return f"{size / MIB:.0f} MiB" if size >= 10 * MIB or size == 0 else f"{size / MIB:.1f} MiB"
