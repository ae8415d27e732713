# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Pack the replies of each device into an archive, and write the index of the folder as JSON and Markdown."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import typing as t
from pathlib import PurePosixPath

from ansible_collections.hubspoke.srx.plugins.module_utils._collect.gather import Collected, Item

FORMAT = 1
STATES = ("collected", "incomplete", "unreachable", "failed", "skipped")


def pack(found: Collected, head: t.Mapping[str, t.Any], at: int) -> bytes:
    """Return the archive of one device: its files and their index, in a folder with the host's name.

    The same content gives the same bytes. ``at`` is the modification time of all files, in seconds since 1970.
    """
    index = {"format": FORMAT, **head, "files": [item.as_data() for item in found.items]}
    files = {item.file: item.content for item in found.items if item.state == "ok"}
    files["index.json"] = json.dumps(index, indent=2) + "\n"
    folders = {str(parent) for name in files for parent in PurePosixPath(found.host, name).parents} - {"."}
    packed = io.BytesIO()
    # Neither gzip nor tar may add the time of packing.
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=at) as zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
        for folder in sorted(folders):
            tar.addfile(_member(folder, at, tarfile.DIRTYPE, 0o700))
        for name in sorted(files):
            content = files[name].encode()
            tar.addfile(_member(f"{found.host}/{name}", at, size=len(content)), io.BytesIO(content))
    return packed.getvalue()


def _member(name: str, at: int, kind: bytes = tarfile.REGTYPE, mode: int = 0o600, size: int = 0) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.mode, member.size, member.mtime = kind, mode, size, at
    return member


def entry(found: Collected, archive: str, packed: bytes | None) -> dict[str, t.Any]:
    """Return a device's entry in the index of the folder. ``packed`` is its archive, ``None`` without one."""
    return {
        "host": found.host,
        "state": _state(found),
        "message": _message(found),
        "device_time": found.device_time,
        "release": found.release,
        "archive": archive if packed is not None else None,
        "bytes": len(packed) if packed is not None else None,
        "sha256": hashlib.sha256(packed).hexdigest() if packed is not None else None,
        "files": [item.as_data() for item in found.items],
    }


def skipped(host: str, reason: str) -> dict[str, t.Any]:
    """Return the index entry of a planned host that is not asked."""
    return {**entry(Collected(host), "", None), "state": "skipped", "message": reason}


def summary(run: str, begun: str, hosts: t.Sequence[t.Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """Return the index of the folder, with a fixed order of keys. ``begun`` is the controller's time."""
    counts = {state: sum(host["state"] == state for host in hosts) for state in STATES}
    return {
        "format": FORMAT,
        "run": run,
        "mode": "collect",
        "controller_time": begun,
        "decision": _decision(hosts, counts),
        "counts": counts,
        "hosts": list(hosts),
    }


def markdown(content: t.Mapping[str, t.Any]) -> str:
    """Return a ``summary()`` as Markdown."""
    lines = [
        f"# Collected for support: {content['run']}",
        "",
        f"{content['decision']} Begun at {content['controller_time']} by the controller's clock. Secrets are masked.",
        "",
        *_row("Host", "State", "Archive", "Bytes", "SHA-256", "Device's time", head=True),
    ]
    for host in content["hosts"]:
        digest = f"`{host['sha256']}`" if host["sha256"] else "-"
        lines += _row(host["host"], host["state"], host["archive"], host["bytes"], digest, host["device_time"])
    for host in content["hosts"]:
        lines += ["", f"## {host['host']}", "", _cell(host["message"])]
        if host["files"]:
            lines += ["", *_row("File", "Command", "State", "Bytes", head=True)]
        for file in host["files"]:
            state = f"{file['state']}: {file['reason']}" if file["reason"] else file["state"]
            state += f" (without the oldest {file['cut_bytes']} bytes)" if file["cut_bytes"] else ""
            lines += _row(file["file"], file["command"], state, file["bytes"])
    return "\n".join(lines) + "\n"


def _row(*cells: t.Any, head: bool = False) -> list[str]:
    row = f"| {' | '.join(_cell(cell) for cell in cells)} |"
    return [row, "|" + "---|" * len(cells)] if head else [row]


def _cell(value: t.Any) -> str:
    """Return a value for a table cell: on one line, with Markdown and HTML from a device escaped."""
    text = " ".join(("-" if value in (None, "") else str(value)).split())
    return text.replace("|", "\\|").replace("<", "&lt;")


def _state(found: Collected) -> str:
    if found.unreachable:
        return "unreachable"
    if not found.items:
        return "failed"
    return "incomplete" if _missing(found) else "collected"


def _missing(found: Collected) -> list[Item]:
    """Return the files without an answer. A refusal is an answer."""
    return [item for item in found.items if item.state in ("lost", "not_asked")]


def _message(found: Collected) -> str:
    missing = _missing(found)
    if found.error and not found.items:
        return found.error
    states = [item.state for item in found.items]
    told = f"{states.count('ok')} files, {states.count('refused')} refused"
    if not missing:
        return f"collected: {told}"
    return f"incomplete: {told}, {len(missing)} not answered: {missing[0].reason}"


def _decision(hosts: t.Sequence[t.Mapping[str, t.Any]], counts: t.Mapping[str, int]) -> str:
    done = ", ".join(f"{number} {state}" for state, number in counts.items() if number) or "none"
    without = [str(host["host"]) for host in hosts if host["state"] in ("incomplete", "unreachable", "failed")]
    if without:
        return f"Not collected completely: {', '.join(without)}. Hosts: {done}."
    return f"{'Collected' if counts['collected'] else 'Nothing collected: no device took part'}. Hosts: {done}."
