# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real OpenSSH server on loopback, as a bastion or in front of a device: Debian's where none is installed."""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "openssh"
PACKAGES = ("openssh-server", "libwrap0")
_PARTS = (
    ("SshdSessionPath", "usr/lib/openssh/sshd-session"),
    ("SshdAuthPath", "usr/lib/openssh/sshd-auth"),
)
SUBSYSTEM = Path(__file__).with_name("subsystem.py")
USER = pwd.getpwuid(os.getuid()).pw_name


class NotAvailable(Exception):
    """No OpenSSH server can be had here; the sentence says why."""


@dataclass(frozen=True)
class Programs:
    """Where OpenSSH is, and what it needs in the environment."""

    sshd: str
    environment: dict[str, str]

    @classmethod
    def find(cls) -> Programs:
        """Return the installed OpenSSH, or one that is unpacked into .cache. Raise NotAvailable."""
        path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
        installed = shutil.which("sshd", path=path)
        if shutil.which("ssh") is None or shutil.which("ssh-keygen") is None:
            raise NotAvailable("no ssh client is installed, which says what should happen: install openssh-client")
        if installed:
            return cls(installed, {})
        return cls._unpacked()

    @classmethod
    def _unpacked(cls) -> Programs:
        sshd = CACHE / "usr" / "sbin" / "sshd"
        CACHE.mkdir(parents=True, exist_ok=True)
        with open(CACHE / "lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not sshd.is_file():
                _unpack()
        libraries = ":".join(str(path.parent) for path in CACHE.glob("usr/lib/*/libwrap.so.0"))
        return cls(str(sshd), {"LD_LIBRARY_PATH": libraries})


def _unpack() -> None:
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise NotAvailable("OpenSSH's server is not installed, and this is no Debian to unpack it on: install it")
    # The lists of a fresh image are empty.
    steps = [["apt-get", "update"], ["apt-get", "download", *PACKAGES]]
    for step in steps:
        done = subprocess.run(step, cwd=CACHE, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["nothing"]
        raise NotAvailable(f"OpenSSH's server is not installed, and apt-get download says: {said[-1]}")
    for package in CACHE.glob("*.deb"):
        subprocess.run(["dpkg", "-x", str(package), str(CACHE)], check=True, timeout=60)


@dataclass
class Server:
    """One sshd. As a context manager it listens during the block."""

    programs: Programs
    folder: Path
    options: t.Sequence[str] = ()
    host_keys: t.Sequence[str] = ("ed25519",)
    address: str = "127.0.0.1"
    port: int = 0
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        self.log = self.folder / "log"
        self.authorized = self.folder / "authorized_keys"
        self.authorized.touch(mode=0o600)
        for kind in self.host_keys:
            keygen("-t", kind, "-f", str(self.host_key(kind)))
        self.port = self.port or _free_port(self.address)

    def host_key(self, kind: str | None = None) -> Path:
        return self.folder / f"host_{kind or self.host_keys[0]}"

    def public(self, kind: str | None = None) -> str:
        """Return a host key as known_hosts lists it, without the name."""
        return " ".join(Path(f"{self.host_key(kind)}.pub").read_text(encoding="utf-8").split()[:2])

    @property
    def name(self) -> str:
        return f"[{self.address}]:{self.port}"

    def known(self, kind: str | None = None) -> str:
        return f"{self.name} {self.public(kind)}"

    def admit(self, *keys: Path) -> None:
        """Let whoever has one of these keys log in."""
        with self.authorized.open("a", encoding="utf-8") as handle:
            handle.writelines(Path(f"{key}.pub").read_text(encoding="utf-8") for key in keys)

    def connections(self) -> list[str]:
        """Return who has logged in until now, by the server's own log."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return re.findall(r"Accepted \S+ for \S+ from .*", text)

    def __enter__(self) -> Server:
        configuration = self.folder / "sshd_config"
        given = {line.split()[0].lower() for line in self.options}
        lines = [
            f"ListenAddress {self.address}",
            f"Port {self.port}",
            f"PidFile {self.folder}/pid",
            *(f"HostKey {self.host_key(kind)}" for kind in self.host_keys),
            f"AuthorizedKeysFile {self.authorized}",
            "AuthenticationMethods publickey",
            "StrictModes no",
            "PermitRootLogin yes",
            "UsePAM no",
            "LogLevel VERBOSE",
            f"Subsystem netconf {sys.executable} {SUBSYSTEM}",
            # From OpenSSH 9.8 and 10.0 on, parts of the server are programs of their own.
            *(f"{option} {CACHE / path}" for option, path in _PARTS if (CACHE / path).is_file()),
        ]
        text = "\n".join([*self.options, *(line for line in lines if line.split()[0].lower() not in given or
                                           line.startswith("HostKey "))])  # fmt: skip
        configuration.write_text(text + "\n", encoding="utf-8")
        command = [self.programs.sshd, "-D", "-e", "-f", str(configuration)]
        if os.getuid() == 0:
            command = _with_privilege_separation(self.folder, command)
        with self.log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=os.environ | self.programs.environment, start_new_session=True,
            )  # fmt: skip
        _wait_for(self.address, self.port, self._process, self.log)
        return self

    def __exit__(self, *_details: object) -> None:
        # Those that serve a connection are in the session of the one that listens.
        for _turn in range(2):
            try:
                os.killpg(self._process.pid, 15)
            except ProcessLookupError:
                break
            time.sleep(0.05)
        self._process.wait(300)


def _with_privilege_separation(folder: Path, command: t.Sequence[str]) -> list[str]:
    """Return the command for root: in a view of its own on the files, with the user and the folder that sshd wants."""
    passwd = folder / "passwd"
    text = Path("/etc/passwd").read_text(encoding="utf-8")
    if not re.search(r"^sshd:", text, re.MULTILINE):
        text += "sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n"
    passwd.write_text(text, encoding="utf-8")
    script = (
        f"mount --bind {passwd} /etc/passwd && mkdir -p /run && mount -t tmpfs none /run && mkdir -p -m 755 /run/sshd"
        ' && exec "$@"'
    )
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sshd", *command]


def _free_port(address: str) -> int:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as one:
        one.bind((address, 0))
        return int(one.getsockname()[1])


def _wait_for(address: str, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 300
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            socket.create_connection((address, port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["nothing"]
    raise NotAvailable(f"sshd does not start here, and says: {said[-1]}")


def keygen(*arguments: str, passphrase: str = "") -> None:
    """Make a key or a certificate."""
    extra = ["-q", "-N", passphrase] if "-t" in arguments and "-s" not in arguments else ["-q"]
    subprocess.run(["ssh-keygen", *extra, *arguments], check=True, capture_output=True, timeout=300)


class Agent:
    """An ssh-agent. As a context manager it runs during the block, and the environment names it."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "agent"

    def __enter__(self) -> Agent:
        self._process = subprocess.Popen(
            ["ssh-agent", "-D", "-a", str(self.socket)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + 300
        while not self.socket.exists() and time.monotonic() < until:
            time.sleep(0.01)
        return self

    def add(self, key: Path, passphrase: str = "") -> None:
        """Have it hold a key, whose passphrase is told to no one else."""
        asking = self.socket.with_name("askpass")
        asking.write_text(f"#!/bin/sh\necho '{passphrase}'\n", encoding="utf-8")
        asking.chmod(0o700)
        subprocess.run(
            ["ssh-add", str(key)], check=True, capture_output=True, timeout=300, stdin=subprocess.DEVNULL,
            env=os.environ
            | {"SSH_AUTH_SOCK": str(self.socket), "SSH_ASKPASS": str(asking), "SSH_ASKPASS_REQUIRE": "force"},
        )  # fmt: skip

    def __exit__(self, *_details: object) -> None:
        self._process.terminate()
        self._process.wait(300)
