# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Free disk space of a device, by file system, as the document's section on it asks for.

Most rows of ``show system storage`` mean nothing: images and device trees are always full. The rows that count are
those that Junos writes to, above all for logs, configurations and commits.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import Filesystem
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer

State = t.Literal["ok", "failed", "skipped"]

LOGS = "/var/log"
MIB = 1024 * 1024
# Percent used from which on a commit, which writes several files, has no room.
FULL_FOR_COMMITS = 98

_FULL = 100
# Device trees, and memory disks that hold an unpacked image: 100% whatever the state of the device.
_ALWAYS_FULL = re.compile(r"devfs|procfs|fdescfs|linprocfs|devpts|/dev/md\d+(\.\w+)?")
_INSTALLED = re.compile(r"/(\.mount/)?(junos|packages|opt|dev|proc|jail/dev|boot)(/.*)?")
# Where Junos keeps configurations and logs, and the working files of a commit.
_COMMITS = re.compile(r"/(\.mount/|cf/)?(var|config)")
_UNITS = {"": 512, "B": 1, "K": 1024, "M": MIB, "G": 1024 * MIB, "T": 1024 * 1024 * MIB, "P": 1024**3 * MIB}
_SIZE = re.compile(r"(-?\d+(?:\.\d+)?)([BKMGTP]?)")


@dataclass(frozen=True)
class AssessedFilesystem(Filesystem):
    """A file system with its state. ``free_bytes`` is ``None`` where the reply has no readable number."""

    free_bytes: int | None = None
    state: State = "skipped"
    reason: str = ""


def assess(
    filesystems: t.Iterable[Filesystem], max_used_percent: int = 90, min_free: int = 0
) -> list[AssessedFilesystem]:
    """Return each file system with its state and the reason. ``min_free`` is in bytes."""
    return [_assess(one, max_used_percent, min_free) for one in filesystems]


def written_by_commits(filesystem: Filesystem) -> bool:
    """Return whether a commit fails once this file system is full."""
    return _COMMITS.fullmatch(filesystem.mounted_on) is not None


def full_for_commits(filesystems: t.Iterable[Filesystem]) -> list[str]:
    """Return in words each file system on which a commit has no room, with the node of a cluster."""
    return [
        " ".join(filter(None, (one.node, f"{one.mounted_on} {one.used_percent}% ({one.available} free)")))
        for one in filesystems
        if written_by_commits(one) and one.used_percent >= FULL_FOR_COMMITS
    ]


def filesystem_of(path: str, filesystems: t.Iterable[Filesystem]) -> Filesystem | None:
    """Return the file system of a folder: the one with the longest mount point above it.

    Junos mounts its parts below ``/.mount`` or ``/cf`` and links to them, so both spellings count.
    """
    found: tuple[int, Filesystem] | None = None
    for one in filesystems:
        for prefix in ("", "/.mount", "/cf"):
            inside = one.mounted_on.removeprefix(prefix) if one.mounted_on.startswith(prefix) else None
            # The bare mount points themselves ("/.mount", "/cf") are the root of everything below them.
            if inside is not None and _is_above(inside or "/", path) and (found is None or len(inside) > found[0]):
                found = len(inside), one
    return found[1] if found else None


def require_space(host: str, need: int, margin: int, answer: Answer[Filesystem]) -> None:
    """Raise SessionError where ``need`` bytes of trace files would not keep ``margin`` bytes free.

    Refuse a device that does not tell its free space, too: a full flash is worse than a missing trace.
    """
    # Each node of a cluster has its own flash, and both write trace files.
    for node in sorted({one.node or "" for one in answer.items}) or [""]:
        one = filesystem_of(LOGS, [row for row in answer.items if (row.node or "") == node])
        free = free_bytes(one) if one else None
        if one is None or free is None:
            actual = "none in the reply" if answer.state == "ok" else f"{answer.state} ({answer.reason})"
            raise SessionError(
                f"{host}: show system storage: expected the free space of the file system with {LOGS}, actual {actual}."
                " No trace is switched on without it: see the output of that command.",
                "storage",
            )
        if free - need < margin:
            raise SessionError(
                f"{host}: storage of {' '.join(filter(None, (node, one.mounted_on)))}: expected {_words(need + margin)}"
                f" free, {_words(need)} for the trace files and a margin of {_words(margin)}, actual {_words(free)}."
                " Free space with 'request system storage cleanup', or use smaller or fewer files.",
                "storage",
            )


def free_bytes(filesystem: Filesystem) -> int | None:
    """Return the free space in bytes: exact where the reply has blocks, else as printed."""
    if filesystem.available_blocks is not None:
        return filesystem.available_blocks * 512
    return bytes_of(filesystem.available)


def bytes_of(size: str) -> int | None:
    """Return ``75M``, ``1.7M`` or ``1024`` in bytes, else ``None``. A bare number counts blocks of 512 bytes."""
    found = _SIZE.fullmatch(size.strip())
    return int(float(found[1]) * _UNITS[found[2]]) if found else None


def _assess(one: Filesystem, max_used_percent: int, min_free: int) -> AssessedFilesystem:
    free = free_bytes(one)

    def assessed(state: State, reason: str) -> AssessedFilesystem:
        return AssessedFilesystem(**vars(one), free_bytes=free, state=state, reason=reason)

    if _ALWAYS_FULL.fullmatch(one.name) and one.used_percent >= _FULL:
        return assessed("skipped", "an image or a device tree, which is always full")
    if _INSTALLED.fullmatch(one.mounted_on):
        return assessed("skipped", "holds installed software and is not written to")
    if one.used_percent > max_used_percent:
        return assessed("failed", f"{one.used_percent}% used, expected at most {max_used_percent}%: {_remedy(one)}")
    if free is not None and free < min_free and written_by_commits(one):
        return assessed("failed", f"{_words(free)} free, expected at least {_words(min_free)}: {_remedy(one)}")
    return assessed("ok", f"{one.used_percent}% used, {one.available} free")


def _remedy(one: Filesystem) -> str:
    if written_by_commits(one) or one.mounted_on in ("/", "/cf", "/.mount"):
        return "logs and commits need it; 'request system storage cleanup' makes room"
    return "see what fills it with 'file list detail'"


def _is_above(mount: str, path: str) -> bool:
    return mount in ("/", path) or path.startswith(f"{mount.rstrip('/')}/")


def _words(size: int) -> str:
    return f"{size / MIB:.0f} MiB" if size >= 10 * MIB or size == 0 else f"{size / MIB:.1f} MiB"
