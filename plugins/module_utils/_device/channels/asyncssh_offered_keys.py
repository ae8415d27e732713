# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The host keys that devices and bastions offer, where none of them is known. They are read, and never trusted."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import threading
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import event_loop, known_hosts
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_carrier import (
    Way,
    carrier_of,
    jump_of,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_errors import MISSING
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_login import (
    connect,
    options_of,
    way_to,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.deadline import Deadline
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_config import settings_of
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.target import Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError

if MISSING is None:
    import asyncssh

# A key of a security token is a user's, and a certificate is trusted by its authority.
_NO_HOST_KEY = ("sk-", "x509v3-")
_CERTIFICATE = "-cert-v01@openssh.com"


@dataclass(frozen=True)
class OfferedKey:
    """An unknown host key.

    ``name`` is the host's in files of known hosts, ``text`` the type of the key and its data, ``known_hosts`` the file
    to which ssh would add it, empty where there is none.
    """

    name: str
    text: str
    known_hosts: str

    def __str__(self) -> str:
        """Return the line of a file of known hosts."""
        return f"{self.name} {self.text}"

    @property
    def described(self) -> str:
        """The type of the key and its fingerprint, as an error names a key."""
        algorithm, _space, data = self.text.partition(" ")
        fingerprint = known_hosts.fingerprint(base64.b64decode(data))
        return f"{algorithm.upper().removeprefix('SSH-')} key {fingerprint}"


class OfferedKeys:
    """The unknown host keys of one run. Each host is asked once, also a bastion with many devices behind it."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[OfferedKey, ...]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, target: Target) -> tuple[OfferedKey, ...]:
        """Return the keys of a device, or of the bastion in front of it that is not trusted, where no key is known.

        Nothing is returned for a host whose known key has changed or is revoked: another device may answer there.
        Raise nothing: where a host offers no key, the login has told why.
        """
        with contextlib.suppress(Exception):
            return self._on(way_to(target.host, settings_of(target), checking=True))
        return ()

    def _on(self, way: Way) -> tuple[OfferedKey, ...]:
        """Return the keys of a host, or of a bastion in front of it whose keys are not trusted. Raise SessionError."""
        if way.jump is not None and (found := self._found.get(way.jump.settings.known_as)):
            return found
        try:
            return self._of_host(way)
        except SessionError:
            if way.jump is None:
                raise
            return self._on(way.jump)

    def _of_host(self, way: Way) -> tuple[OfferedKey, ...]:
        name = way.settings.known_as
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            if name not in self._found:
                self._found[name] = event_loop.run(_offered(way), way.login_seconds + way.seconds)
            return self._found[name]


async def _offered(way: Way) -> tuple[OfferedKey, ...]:
    """Return the keys of a host, none where one of them is known, has changed or is revoked.

    Raise SessionError where a bastion does not let the connection through.
    """
    keys = []
    # Held meanwhile, so that a bastion is logged in to once.
    bastion = await jump_of(way, connect)
    try:
        for algorithm in _algorithms(way):
            key = await _key(way, algorithm)
            if key is None:
                continue
            if way.host_keys.verdict(key.get_algorithm(), key.public_data) != "unknown":
                return ()
            text = known_hosts.text_of(key.get_algorithm(), key.public_data)
            keys.append(OfferedKey(way.settings.known_as, text, next(iter(way.settings.known_hosts), "")))
    finally:
        if bastion is not None:
            bastion.release()
    return tuple(dict.fromkeys(keys))


def _algorithms(way: Way) -> list[str]:
    """Return one algorithm for each kind of key that the SSH configuration allows."""
    allowed = options_of(way)["server_host_key_algs"]
    kinds: dict[str, str] = {}
    for algorithm in allowed:
        if not algorithm.startswith(_NO_HOST_KEY) and not algorithm.endswith(_CERTIFICATE):
            kinds.setdefault("ssh-rsa" if algorithm.startswith("rsa-sha2-") else algorithm, algorithm)
    return list(kinds.values())


async def _key(way: Way, algorithm: str) -> t.Any:
    """Return the key that a host shows for an algorithm, ``None`` where it has none. Raise SessionError."""
    end = Deadline(way.seconds)
    carrier = await jump_of(way, connect) or await carrier_of(way, end)
    shown = _Shown()
    options = options_of(way) | {
        "server_host_key_algs": [algorithm],
        "known_hosts": lambda _host, _address, _port: ([], [], []),
    }
    try:
        made = asyncssh.create_connection(
            lambda: shown, way.settings.hostname, way.settings.port, **carrier.arguments, **options
        )
        connection, _client = await asyncio.wait_for(made, end.remaining)
        connection.abort()
    except (asyncssh.Error, OSError, EOFError, asyncio.TimeoutError):
        # Every connection ends here, as no key is accepted.
        pass
    finally:
        carrier.release()
    return shown.key


if MISSING is None:

    class _Shown(asyncssh.SSHClient):
        """Look at the host key, and go no further."""

        def __init__(self) -> None:
            self.key: asyncssh.SSHKey | None = None

        def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
            self.key = key
            return False

        def validate_host_ca_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
            return False
