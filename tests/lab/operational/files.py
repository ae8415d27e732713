# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``show log``, ``file list``, ``file show``, ``file copy``, ``file delete``."""

from __future__ import annotations

import posixpath

from tests.lab.operational.reply import Maker, OperationalError, Reply, Request, joined, moment

LOGS = "/var/log"
HOME = "/var/home/remote"


def show_log(request: Request) -> Reply:
    """Show a file of ``/var/log``; without a name, the list of files."""
    name = request.text("filename")
    if name is None:
        return _listing(request, LOGS)
    return _content(request, posixpath.join(LOGS, name))


def clear_log(request: Request) -> Reply:
    name = request.text("filename")
    if name is None or request.network.log(request.host).lines(name) is None:
        raise OperationalError(f"could not resolve file: {name or ''}", "filename")
    request.network.log(request.host).clear(name)
    return Reply(None, "", padded=False, wrapped=False)


def show(request: Request) -> Reply:
    name = request.text("filename")
    if name is None:
        raise OperationalError("missing argument", "filename")
    return _content(request, posixpath.join(HOME, name))


def listing(request: Request) -> Reply:
    return _listing(request, posixpath.join(HOME, request.text("path") or "").rstrip("/"))


def copy(request: Request) -> Reply:
    """Copy a file, on the device or to a server, whose copy is kept as ``sent``. The reply to a success is short."""
    source, destination = request.text("source"), request.text("destination")
    if source is None or destination is None:
        raise OperationalError("missing argument", "source" if source is None else "destination")
    path = posixpath.join(HOME, source)
    text = _read(request, path)
    if text is None:
        raise OperationalError(f"could not resolve file: {source}", kind="application")
    if "://" in destination:
        request.network.log(request.host).sent[destination] = text
        size = max(1, len(text) // 1000)
        note = f"{destination}                 100% of {size:>4} kB   12 MBps\n"
        return Reply(Maker(request)("output", f"\n{note}"), note, padded=False, wrapped=False)
    target = posixpath.join(HOME, destination)
    if destination.endswith("/"):
        target = posixpath.join(target, posixpath.basename(path))
    request.network.log(request.host).copies[target] = text
    return Reply(None, "", padded=False, wrapped=False)


def delete(request: Request) -> Reply:
    path = posixpath.join(HOME, request.text("path") or "")
    log = request.network.log(request.host)
    if path in log.copies:
        del log.copies[path]
    elif posixpath.dirname(path) == LOGS and log.lines(posixpath.basename(path)) is not None:
        log.clear(posixpath.basename(path))
    else:
        raise OperationalError(f"{path}: No such file or directory", kind="application")
    return Reply(None, "", padded=False, wrapped=False)


def _files(request: Request, directory: str) -> dict[str, tuple[str, float]]:
    """Return the names in a folder with their text and the time of their last change."""
    log = request.network.log(request.host)
    found = {posixpath.basename(path): (text, request.now) for path, text in log.copies.items()
             if posixpath.dirname(path) == directory}  # fmt: skip
    if directory == LOGS:
        for name in log.names():
            text = "".join(f"{line}\n" for line in log.lines(name) or ())
            found[name] = (text, log.changed_at(name) or request.now)
    return dict(sorted(found.items()))


def _read(request: Request, path: str) -> str | None:
    found = _files(request, posixpath.dirname(path)).get(posixpath.basename(path))
    return found[0] if found else None


def _content(request: Request, path: str) -> Reply:
    text = _read(request, path)
    if text is None:
        raise OperationalError(f"could not resolve file: {path}", kind="application")
    make = Maker(request)
    xml = make("file-content", f"\n{text}")
    xml.set("filename", path)
    xml.set("filesize", str(len(text)))
    xml.set("encoding", "text")
    return Reply(xml, text, padded=False, wrapped=False)


def _listing(request: Request, directory: str) -> Reply:
    files = _files(request, directory)
    if not files and directory not in (LOGS, HOME, "/var/tmp"):
        raise OperationalError(f"{directory}: No such file or directory", kind="application")
    make = Maker(request)
    entries = []
    for name, (text, at) in files.items():
        date = f"{moment(at):%b} {moment(at).day:2d} {moment(at):%H:%M}"
        entries.append(make(
            "file-information",
            make("file-name", f"{directory}/{name}" if not request.flag("detail") else name),
            make.rows((("file-size", len(text)),)) if request.flag("detail") else None,
            make("file-date", date, format=date) if request.flag("detail") else None,
        ))  # fmt: skip
    folder = make("directory", make("directory-name", directory), entries, make("total-files", len(files)))
    root = make("directory-list", folder, style="normal", seconds=int(request.now))
    root.set("root-path", directory)
    lines = [f"\n{directory}:"] + [f"{name}" for name in files]
    return Reply(root, joined(lines), padded=False, wrapped=False)
