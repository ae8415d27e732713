# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state directory of a running lab: its process, its control channel, and the files for its clients.

The running lab holds a lock on ``lab.lock`` for its whole life, so that the process id of a crashed lab is never taken
for a running one. The lab removes all its files when it stops.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import typing as t
from pathlib import Path

import yaml

from tests.lab.errors import LabError

# A socket address holds little more than a hundred bytes of path.
MAX_SOCKET_PATH = 100

_FILES = (
    "control.json",
    "control.sock",
    "known_hosts",
    "ssh_config",
    "id_ed25519",
    "id_ed25519.pub",
    "lab.log",
    "inventory.yml",
)


class StateDir:
    """The files of one lab below ``path``."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._lock: t.IO[str] | None = None

    @property
    def log(self) -> Path:
        """Return the path of the output of a lab in the background."""
        return self.path / "lab.log"

    @property
    def ssh_config(self) -> Path:
        """Return the path of an SSH client configuration with the devices' host keys and the client key."""
        return self.path / "ssh_config"

    @property
    def inventory(self) -> Path:
        """Return the path of an inventory overlay: where each device listens, and the SSH client configuration."""
        return self.path / "inventory.yml"

    @property
    def client_key(self) -> Path:
        """Return the path of the private key that every device accepts."""
        return self.path / "id_ed25519"

    def create(self) -> None:
        """Create the directory, for its owner only."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def claim(self) -> None:
        """Take the directory's lock for this process. Raise ``LabError`` if another lab holds it."""
        self.create()
        handle = open(self.path / "lab.lock", "a+", encoding="utf-8")  # noqa: SIM115 (held for the life of the lab)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.close()
            raise LabError(
                f"{self.path}: a lab is running already (process {self.pid()}); end it with 'python -m tests.lab down'"
            ) from error
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        self._lock = handle

    def pid(self) -> int | None:
        """Return the process id of the running lab, or None if none runs."""
        try:
            with open(self.path / "lab.lock", "r+", encoding="utf-8") as handle:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    text = handle.read().strip()
                    return int(text) if text.isdigit() else None
        except OSError:
            return None
        return None

    def clean(self) -> None:
        """Remove the lab's files, and the directory if it is then empty."""
        for name in (*_FILES, "lab.lock"):
            (self.path / name).unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        try:
            self.path.rmdir()
        except OSError:
            return

    def write_control(self, address: list[t.Any]) -> str:
        """Write the address of the control channel. Return the token that callers must send."""
        token = secrets.token_hex(16)
        self._write("control.json", json.dumps({"pid": os.getpid(), "address": address, "token": token}))
        return token

    def read_control(self) -> dict[str, t.Any] | None:
        """Return what ``write_control`` wrote, or None."""
        try:
            return t.cast("dict[str, t.Any]", json.loads((self.path / "control.json").read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return None

    def socket_path(self) -> str | None:
        """Return the path of the control socket, or None if it is too long for one."""
        path = os.path.abspath(self.path / "control.sock")
        return path if len(os.fsencode(path)) <= MAX_SOCKET_PATH else None

    def write_inventory(self, places: t.Mapping[str, tuple[str, int]]) -> None:
        """Write the inventory overlay for the devices that listen at ``places``, by host."""
        hosts = {
            host: {
                "ansible_host": address,
                "ansible_port": port,
                "nhtb_ssh_config": os.path.abspath(self.ssh_config),
            }
            for host, (address, port) in places.items()
        }
        self._write("inventory.yml", yaml.safe_dump({"all": {"hosts": hosts}}, sort_keys=False))

    def write_ssh(self, host_key: str, private_key: str, public_key: str, places: t.Iterable[tuple[str, int]]) -> None:
        """Write the files for SSH clients of the devices at ``places``: client keys and the devices' ``host_key``."""
        self._write("id_ed25519", private_key)
        self._write("id_ed25519.pub", public_key)
        # One line for all devices: clients parse the file at every login, and parsing the key is slow.
        names = ",".join(f"[{address}]:{port}" for address, port in places)
        self._write("known_hosts", f"{names} {host_key.strip()}\n")
        self._write("ssh_config", _SSH_CONFIG.format(directory=os.path.abspath(self.path)))

    def _write(self, name: str, text: str) -> None:
        descriptor = os.open(self.path / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(text)


_SSH_CONFIG = """\
Host *
    UserKnownHostsFile "{directory}/known_hosts"
    IdentityFile "{directory}/id_ed25519"
    IdentitiesOnly yes
    StrictHostKeyChecking yes
"""
