# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Files of known hosts, read as ssh reads them: a line that it does not understand says nothing of other hosts."""

from __future__ import annotations

import base64
import binascii
import fnmatch
import functools
import hashlib
import hmac
import os
import re
import threading
import typing as t
from dataclasses import dataclass

Kind = t.Literal["key", "cert-authority", "revoked"]
_MARKERS: t.Mapping[str, Kind] = {"@cert-authority": "cert-authority", "@revoked": "revoked"}
_SHORTEST = 3
_LENGTH = 4
_PATTERN = re.compile(r"[*?!|]")
# What one device has read is there for the others: a large file takes seconds, and memory, once.
_one_reader = threading.Lock()


@dataclass(frozen=True)
class KnownKey:
    """A key that a file lists for a host: ``text`` is its type and its data, ``place`` the file and line."""

    kind: Kind
    text: str
    place: str

    @property
    def algorithm(self) -> str:
        return self.text.partition(" ")[0]

    @property
    def data(self) -> bytes:
        return base64.b64decode(self.text.partition(" ")[2])

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.data)


@dataclass(frozen=True)
class _Line:
    kind: Kind
    names: str
    text: str
    place: str


@dataclass(frozen=True)
class _File:
    """The lines of a file: by name where they only have names, and those that must be tried one by one."""

    exact: t.Mapping[str, t.Sequence[_Line]]
    patterns: t.Sequence[_Line]

    def lines_of(self, name: str) -> t.Iterator[_Line]:
        yield from self.exact.get(name.lower(), ())
        yield from (line for line in self.patterns if _matches(line.names, name))


def keys_of(files: t.Iterable[str], name: str) -> tuple[KnownKey, ...]:
    """Return what the files list for a host. A file that is not there lists nothing."""
    read = [found for file in files if (found := _read(file)) is not None]
    return tuple(KnownKey(line.kind, line.text, line.place) for file in read for line in file.lines_of(name))


def unread(files: t.Iterable[str]) -> tuple[str, str] | None:
    """Return the first file that is there and cannot be read, and why; ``None`` where all can."""
    for file in files:
        try:
            os.close(os.open(file, os.O_RDONLY | os.O_NONBLOCK))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            return file, error.strerror or type(error).__name__
    return None


def fingerprint(data: bytes) -> str:
    """Return the fingerprint of a public key as ssh prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def text_of(algorithm: str, data: bytes) -> str:
    """Return a public key as files list it."""
    return f"{algorithm} {base64.b64encode(data).decode()}"


def add(file: str, name: str, text: str) -> None:
    """List a key for a host, as ssh does under ``StrictHostKeyChecking accept-new``. Raise OSError."""
    folder = os.path.dirname(file)
    if folder:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    # One write: sessions of other devices may do the same at this moment.
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{name} {text}\n".encode())
    finally:
        os.close(descriptor)


def _read(file: str) -> _File | None:
    try:
        status = os.stat(file)
        with _one_reader:
            return _parse(file, status.st_mtime_ns, status.st_size)
    except OSError:
        return None


@functools.lru_cache(maxsize=32)
def _parse(file: str, _changed: int, _size: int) -> _File:
    """Return what is in a file, read once for all devices as long as it does not change."""
    exact: dict[str, list[_Line]] = {}
    patterns: list[_Line] = []
    with open(file, encoding="utf-8", errors="replace") as handle:
        for number, text in enumerate(handle, 1):
            line = _line(text, f"{file}:{number}")
            if line is None:
                continue
            if _PATTERN.search(line.names):
                patterns.append(line)
                continue
            for name in line.names.lower().split(","):
                exact.setdefault(name, []).append(line)
    return _File(exact, patterns)


def _line(text: str, place: str) -> _Line | None:
    words = text.split()
    if not words or words[0].startswith("#"):
        return None
    kind: Kind = "key"
    if words[0].startswith("@"):
        if words[0] not in _MARKERS:
            return None
        kind = _MARKERS[words.pop(0)]
    if len(words) < _SHORTEST or not _is_key(words[1], words[2]):
        return None
    return _Line(kind, words[0], f"{words[1]} {words[2]}", place)


def _is_key(algorithm: str, data: str) -> bool:
    """Whether the data is a key's: fields with their lengths, the algorithm first. That of a cut line is not."""
    try:
        rest = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return False
    fields: list[bytes] = []
    while len(rest) >= _LENGTH:
        size = _LENGTH + int.from_bytes(rest[:_LENGTH], "big")
        if size > len(rest):
            return False
        fields.append(rest[_LENGTH:size])
        rest = rest[size:]
    return not rest and len(fields) > 1 and fields[0] == algorithm.encode()


@functools.lru_cache(maxsize=8192)
def _matches(names: str, name: str) -> bool:
    if names.startswith("|"):
        return any(_is_hash_of(one, name) for one in names.split(","))
    found = False
    for pattern in names.lower().split(","):
        if _glob(pattern.lstrip("!")).fullmatch(name.lower()):
            if pattern.startswith("!"):
                return False
            found = True
    return found


@functools.lru_cache(maxsize=8192)
def _glob(pattern: str) -> re.Pattern[str]:
    # Only * and ? mean something; brackets belong to a host with a port.
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")))


def _is_hash_of(hashed: str, name: str) -> bool:
    _empty, version, salt, digest = [*hashed.split("|"), "", "", ""][:4]
    try:
        made = hmac.new(base64.b64decode(salt), name.lower().encode(), hashlib.sha1).digest()
        return version == "1" and hmac.compare_digest(made, base64.b64decode(digest))
    except (binascii.Error, ValueError):
        return False
