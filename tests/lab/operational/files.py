# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(show log), C(file list), C(file show), C(file copy), C(file delete)."""

from __future__ import annotations

import posixpath

from tests.lab.operational.reply import Asked, Maker, OperationalError, Reply, joined, moment

LOGS = "/var/log"
HOME = "/var/home/remote"


def show_log(asked: Asked) -> Reply:
    """A file of C(/var/log); without a name the list of them."""
    name = asked.text("filename")
    if name is None:
        return _listing(asked, LOGS)
    return _content(asked, posixpath.join(LOGS, name))


def clear_log(asked: Asked) -> Reply:
    name = asked.text("filename")
    if name is None or asked.network.log(asked.host).lines(name) is None:
        raise OperationalError(f"could not resolve file: {name or ''}", "filename")
    asked.network.log(asked.host).clear(name)
    return Reply(None, "", padded=False, wrapped=False)


def show(asked: Asked) -> Reply:
    name = asked.text("filename")
    if name is None:
        raise OperationalError("missing argument", "filename")
    return _content(asked, posixpath.join(HOME, name))


def listing(asked: Asked) -> Reply:
    return _listing(asked, posixpath.join(HOME, asked.text("path") or "").rstrip("/"))


def copy(asked: Asked) -> Reply:
    """Local copies stay on the device; what goes to a server is remembered as sent. Success says little."""
    source, destination = asked.text("source"), asked.text("destination")
    if source is None or destination is None:
        raise OperationalError("missing argument", "source" if source is None else "destination")
    path = posixpath.join(HOME, source)
    text = _read(asked, path)
    if text is None:
        raise OperationalError(f"could not resolve file: {source}", kind="application")
    if "://" in destination:
        asked.network.log(asked.host).sent[destination] = text
        size = max(1, len(text) // 1000)
        note = f"{destination}                 100% of {size:>4} kB   12 MBps\n"
        return Reply(Maker(asked)("output", f"\n{note}"), note, padded=False, wrapped=False)
    target = posixpath.join(HOME, destination)
    if destination.endswith("/"):
        target = posixpath.join(target, posixpath.basename(path))
    asked.network.log(asked.host).copies[target] = text
    return Reply(None, "", padded=False, wrapped=False)


def delete(asked: Asked) -> Reply:
    path = posixpath.join(HOME, asked.text("path") or "")
    log = asked.network.log(asked.host)
    if path in log.copies:
        del log.copies[path]
    elif posixpath.dirname(path) == LOGS and log.lines(posixpath.basename(path)) is not None:
        log.clear(posixpath.basename(path))
    else:
        raise OperationalError(f"{path}: No such file or directory", kind="application")
    return Reply(None, "", padded=False, wrapped=False)


def _files(asked: Asked, directory: str) -> dict[str, tuple[str, float]]:
    """Names in a folder with their text and when they were last written."""
    log = asked.network.log(asked.host)
    found = {posixpath.basename(path): (text, asked.now) for path, text in log.copies.items()
             if posixpath.dirname(path) == directory}  # fmt: skip
    if directory == LOGS:
        for name in log.names():
            text = "".join(f"{line}\n" for line in log.lines(name) or ())
            found[name] = (text, log.changed_at(name) or asked.now)
    return dict(sorted(found.items()))


def _read(asked: Asked, path: str) -> str | None:
    found = _files(asked, posixpath.dirname(path)).get(posixpath.basename(path))
    return found[0] if found else None


def _content(asked: Asked, path: str) -> Reply:
    text = _read(asked, path)
    if text is None:
        raise OperationalError(f"could not resolve file: {path}", kind="application")
    make = Maker(asked)
    xml = make("file-content", f"\n{text}")
    xml.set("filename", path)
    xml.set("filesize", str(len(text)))
    xml.set("encoding", "text")
    return Reply(xml, text, padded=False, wrapped=False)


def _listing(asked: Asked, directory: str) -> Reply:
    files = _files(asked, directory)
    if not files and directory not in (LOGS, HOME, "/var/tmp"):
        raise OperationalError(f"{directory}: No such file or directory", kind="application")
    make = Maker(asked)
    entries = []
    for name, (text, at) in files.items():
        date = f"{moment(at):%b} {moment(at).day:2d} {moment(at):%H:%M}"
        entries.append(make(
            "file-information",
            make("file-name", f"{directory}/{name}" if not asked.flag("detail") else name),
            make.rows((("file-size", len(text)),)) if asked.flag("detail") else None,
            make("file-date", date, format=date) if asked.flag("detail") else None,
        ))  # fmt: skip
    folder = make("directory", make("directory-name", directory), entries, make("total-files", len(files)))
    root = make("directory-list", folder, style="normal", seconds=int(asked.now))
    root.set("root-path", directory)
    lines = [f"\n{directory}:"] + [f"{name}" for name in files]
    return Reply(root, joined(lines), padded=False, wrapped=False)
