# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The keys that an asyncssh login offers, in the order in which ssh offers them."""

from __future__ import annotations

import base64
import binascii
import contextlib
import copy
import functools
import os
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.known_hosts import fingerprint
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import lower_first
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.regular_files import why_not_regular
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_config import SshSettings

with contextlib.suppress(ImportError):  # asyncssh_channel.py tells of it.
    import asyncssh

_OPENSSH = re.compile(rb"-----BEGIN OPENSSH PRIVATE KEY-----(.*?)-----END", re.DOTALL)
_MAGIC = b"openssh-key-v1\0"
_STRINGS_BEFORE_COUNT = 3
_LENGTH = 4
# No private key comes near it.
_LARGEST = 1024 * 1024


@dataclass(frozen=True)
class KeyFile:
    """The content of an IdentityFile: a key, or its public half and the problem. ``words`` are about the problem."""

    path: str
    key: t.Any = None
    public: bytes | None = None
    problem: t.Literal["", "missing", "encrypted", "unreadable"] = ""
    words: str = ""


@dataclass(frozen=True)
class Offer:
    """A key pair, and how an error names it."""

    pair: t.Any
    label: str


def key_files(settings: SshSettings, passphrases: t.Sequence[str]) -> tuple[KeyFile, ...]:
    """Read the key files of a host. Slow for encrypted ones, so never in the event loop."""
    return tuple(_read(path, tuple(passphrases)) for path in settings.identity_files)


def offers(files: t.Sequence[KeyFile], settings: SshSettings, agent_pairs: t.Sequence[t.Any]) -> list[Offer]:
    """Return what to offer: keys that the configuration names and the agent holds, its others, then those of files."""
    certificates = _certificates(settings)
    named = {file.public: file.path for file in files if file.public}
    in_agent = {pair.public_data for pair in agent_pairs}
    configured = [pair for blob in named for pair in agent_pairs if pair.public_data == blob]
    others = [] if settings.identities_only else [pair for pair in agent_pairs if pair.public_data not in named]
    found = []
    for pair in (*configured, *others):
        path = named.get(pair.public_data)
        label = f"agent key {path or pair.get_comment() or fingerprint(pair.public_data)}"
        for certificate in certificates:
            if certificate.key.public_data == pair.public_data:
                certified = copy.copy(pair)
                certified.set_certificate(certificate)
                found.append(Offer(certified, f"{label} with certificate"))
        found.append(Offer(pair, label))
    for file in files:
        if file.key is not None and file.public not in in_agent:
            pairs = asyncssh.load_keypairs([file.key], certlist=certificates)
            found += [Offer(pair, f"key {file.path}{' with certificate' * bool(pair.has_cert)}") for pair in pairs]
    return found


def _read(path: str, passphrases: tuple[str, ...]) -> KeyFile:
    if words := why_not_regular(path):
        return KeyFile(path, problem="unreadable", words=words)
    try:
        status = os.stat(path)
        if status.st_size > _LARGEST:
            return KeyFile(path, problem="unreadable", words=f"a file of {status.st_size} bytes")
        return _load(path, status.st_mtime_ns, passphrases)
    except FileNotFoundError:
        return KeyFile(path, problem="missing")
    except OSError as error:
        return KeyFile(path, problem="unreadable", words=lower_first(error.strerror or str(error)))


@functools.lru_cache(maxsize=64)
def _load(path: str, _changed: int, passphrases: tuple[str, ...]) -> KeyFile:
    words, problem = "no passphrase is known for it", "unreadable"
    # A passphrase for a key that has none changes nothing.
    for passphrase in (None, *passphrases):
        try:
            key = asyncssh.read_private_key(path, passphrase)
        except asyncssh.KeyEncryptionError:
            problem = "encrypted"
            words = "the passphrase given is wrong" if passphrase else words
        except asyncssh.KeyImportError as error:
            if passphrase is None and "assphrase" in str(error):
                problem = "encrypted"
            elif problem != "encrypted":
                words = lower_first(str(error))
            else:
                words = "the passphrase given is wrong"
        except ValueError as error:
            words = lower_first(str(error))
        else:
            return KeyFile(path, key, key.public_data)
    return KeyFile(path, None, _public_half(path), "encrypted" if problem == "encrypted" else "unreadable", words)


def _public_half(path: str) -> bytes | None:
    """Return the public half of a key that cannot be read: of a file next to it, or of the head of its own file."""
    for public in (f"{path}.pub", path):
        if why_not_regular(public):
            continue
        try:
            return asyncssh.read_public_key(public).public_data
        except (OSError, ValueError):
            continue
    with open(path, "rb") as handle:
        found = _OPENSSH.search(handle.read())
    if found is None:
        return None
    try:
        rest = base64.b64decode(b"".join(found[1].split()), validate=True)
    except binascii.Error:
        return None
    if not rest.startswith(_MAGIC):
        return None
    rest = rest[len(_MAGIC) :]
    for _cipher_kdf_options in range(_STRINGS_BEFORE_COUNT):
        _skipped, rest = _string(rest)
    return _string(rest[_LENGTH:])[0] or None


def _string(data: bytes) -> tuple[bytes, bytes]:
    end = _LENGTH + int.from_bytes(data[:_LENGTH], "big")
    return data[_LENGTH:end], data[end:]


def _certificates(settings: SshSettings) -> list[t.Any]:
    """Return the certificates of CertificateFile, and those next to the key files."""
    found = []
    for path in (*settings.certificate_files, *(f"{path}-cert.pub" for path in settings.identity_files)):
        if why_not_regular(path):
            continue
        try:
            found.append(asyncssh.read_certificate(path))
        except (OSError, ValueError):
            continue
    return found
