# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A login by PyEZ: one connection for each thing to log in with, over a socket that is connected already.

These libraries read no more of an SSH configuration than a few words, so what it means is handed to them: a socket that
is connected, through a ProxyCommand or ``ssh -W`` where that is asked for, the keys, and the host keys.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
import tempfile
import threading
import time
import typing as t
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.deadline import (
    CONNECT_SECONDS,
    TRIES,
    Deadline,
    login_seconds,
    pause_after,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.host_keys import HostKeys
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import (
    CutShort,
    bastion_error,
    cut_error,
    login_error,
    socket_error,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.proxy_command import (
    Ended,
    Proxy,
    start_proxy,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.pyez_errors import (
    MISSING,
    NextMethod,
    explain,
    key_problem,
    look_for_version,
    refusal,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.regular_files import why_not_regular
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_agent import require_answer
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_config import (
    FAMILIES,
    SshSettings,
    bracketed,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.target import Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError

if MISSING is None:
    import paramiko
    from jnpr.junos import Device

    class _Device(Device):  # type: ignore[misc]
        """A device whose SSH configuration is the one that it is given, also where it is given a socket."""

        def _sshconf_lkup(self) -> t.Any:
            return self._ssh_config

    def _with_sha_2(start_client: t.Callable[..., None]) -> t.Callable[..., None]:
        def start(self: t.Any, *arguments: t.Any, **options: t.Any) -> None:
            # ncclient asks for the kinds of the keys that are known: for an RSA key SHA-1, which is refused today.
            kinds = [("rsa-sha2-512", "rsa-sha2-256", kind) if kind == "ssh-rsa" else (kind,)
                     for kind in self._preferred_keys]  # fmt: skip
            self._preferred_keys = tuple(dict.fromkeys(kind for one in kinds for kind in one))
            start_client(self, *arguments, **options)

        return start

    paramiko.Transport.start_client = _with_sha_2(paramiko.Transport.start_client)


_T = t.TypeVar("_T")
# What the libraries are told the device is called: they look it up in the files that they are given.
_NAME = "device"
_PORT = 830
# For a library to say why, once its connection is ended.
_GRACE = 3.0


class Login:
    """A login to one device. ``device`` is PyEZ's, and ``carrier`` what its bytes go through.

    ``tries`` is the number of connections, those for other things to log in with not counted. ``seconds`` are those of
    one try.
    """

    def __init__(self, where: str, settings: SshSettings, target: Target) -> None:
        self.device: t.Any = None
        self.carrier: Carrier | None = None
        self.tries = 1
        self._where = where
        self._settings = settings
        self._target = target
        # A try goes through all jump hosts, of which each may take as long.
        self._hosts = 1 + len(settings.jumps)
        self.seconds = (settings.connect_timeout or CONNECT_SECONDS) * self._hosts

    def run(self) -> None:
        """Log in, within the time that all tries have together. Raise SessionError, or anything else."""
        settings, target = self._settings, self._target
        require_answer(self._where, settings.agent, self.seconds)
        attempts = _attempts(target, settings)
        keys = HostKeys(settings, checking=target.host_key_checking)
        tried: list[str] = []
        end = Deadline(login_seconds(self.seconds))
        while attempts:
            try:
                self._try(keys, attempts[0], end.part(self.seconds))
                return
            except SessionError as error:
                if error.reason != "host_key" or settings.strict != "no" or not keys.checking:
                    raise
                # ssh goes on, but tells no password to whoever this is.
                self.drop()
                keys = HostKeys(settings, checking=False)
                attempts = [attempt for attempt in attempts if attempt.has_keys]
            except NextMethod:
                self.drop()
                tried += attempts.pop(0).labels
            except CutShort as cut:
                self.drop()
                pause = pause_after(self.tries, random.random())  # noqa: S311 (no secret)
                if self.tries == TRIES or pause >= end.remaining:
                    raise self._cut(cut) from None
                self.tries += 1
                time.sleep(pause)
        raise refusal(self._where, settings, target.passphrase or target.password, tried)

    def _cut(self, cut: CutShort) -> SessionError:
        error, jump = cut_error(self._where, self.tries), None if cut.by_device else self._settings.jump
        return bastion_error(self._where, jump.described, jump.by_hand(), error) if jump else error

    def _try(self, keys: HostKeys, attempt: _Attempt, seconds: float) -> None:
        end = Deadline(seconds)
        self.carrier = carrier = Carrier(self._where, self._settings, end)
        look_for_version(self._where, carrier, end)
        with tempfile.TemporaryDirectory(prefix="hubspoke-") as folder:
            device = _Device(
                host=_NAME,
                port=_PORT,
                user=self._settings.user,
                ssh_config=_configuration(folder, self._settings, keys, attempt),
                hostkey_verify=keys.checking and not _takes_any(self._settings, keys),
                sock_fd=carrier.socket.fileno(),
                conn_open_timeout=seconds,
                gather_facts=False,
                huge_tree=True,
                **attempt.arguments,
            )
            try:
                # The libraries have times of their own for each step. This one holds for all.
                within(end.remaining, device.open, carrier.expire)
            except Exception as error:
                raise explain(self._where, keys, carrier, error, seconds) from None
        self.device = device

    def drop(self) -> None:
        """End the connection on this side at once."""
        carrier, self.carrier, self.device = self.carrier, None, None
        if carrier is not None:
            carrier.drop()


def within(seconds: float, work: t.Callable[[], _T], expire: t.Callable[[], None]) -> _T:
    """Do something in a thread, for so many seconds; then end its connection. Raise TimeoutError if it still goes on.

    Some waits of the libraries have no end, for an agent that wants a key confirmed for instance.
    """
    done: Future[_T] = Future()

    def take() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=take, name="hubspoke-login", daemon=True).start()
    try:
        return done.result(seconds)
    except FutureTimeout:
        if done.done():
            raise
    expire()
    try:
        return done.result(_GRACE)
    except FutureTimeout:
        raise TimeoutError("no answer") from None


class Carrier:
    """The socket that the libraries speak through, and the command behind it where there is one."""

    def __init__(self, where: str, settings: SshSettings, end: Deadline) -> None:
        self.proxy: Proxy | None = None
        self.settings = settings
        self.is_expired = False
        command = settings.proxy_command or _jump_command(settings)
        if command:
            self.proxy = start_proxy(where, command)
            self.socket = self.proxy.socket
            return
        try:
            self.socket = _dial(settings, end)
        except UnicodeError:
            raise login_error(where, "unknown_name", words="no valid name") from None
        except OSError as error:
            raise socket_error(where, error, end.seconds) from None

    def expire(self) -> None:
        """End the connection as the time is over."""
        self.is_expired = True
        self.hang_up()

    def is_waiting(self) -> bool:
        """Whether the other end is there and says nothing."""
        try:
            return bool(self.socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def end_proxy(self, *, is_over: bool) -> Ended | None:
        """Stop the command, and return how it ended."""
        return None if self.proxy is None else self.proxy.end(is_over=is_over)

    def hang_up(self) -> None:
        """End the connection under the libraries, which have copies of the descriptor."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def drop(self) -> None:
        """End the connection, and the command."""
        self.hang_up()
        if self.proxy is not None:
            self.proxy.stop()
        self.socket.close()


def _dial(settings: SshSettings, end: Deadline) -> socket.socket:
    family = FAMILIES.get(settings.family, socket.AF_UNSPEC)
    last = OSError("no address")
    found = socket.getaddrinfo(settings.hostname, settings.port, family, socket.SOCK_STREAM)
    for number, (kind, style, protocol, _name, address) in enumerate(found):
        made = socket.socket(kind, style, protocol)
        try:
            made.settimeout(max(0.01, end.remaining / (len(found) - number)))
            if settings.bind_address:
                made.bind((settings.bind_address, 0))
            made.connect(address)
        except OSError as error:
            made.close()
            last = error
        else:
            return made
    raise last


def _jump_command(settings: SshSettings) -> str:
    """Return what ssh itself runs for a ProxyJump."""
    if settings.jump is None:
        return ""
    place = f"{bracketed(settings.hostname)}:{settings.port}"
    return settings.jump.by_hand("-o", "BatchMode=yes", "-W", place)


@dataclass(frozen=True)
class _Attempt:
    arguments: dict[str, t.Any]
    labels: list[str]
    has_keys: bool = False


def _attempts(target: Target, settings: SshSettings) -> list[_Attempt]:
    """Return what to log in with, one connection each: the libraries take the password for that of the key as well."""
    found = []
    if "publickey" in settings.methods:
        files = [f"key {path}" for path in settings.identity_files if _is_key_file(path)]
        # The libraries know no other agent than that of the environment.
        agent = settings.agent is not None and settings.agent == os.environ.get("SSH_AUTH_SOCK")
        secret = target.passphrase or target.password
        if files or agent:
            # To the libraries a passphrase for a key that has none is an error.
            encrypted = any(key_problem(path, None)[0] == "encrypted" for path in settings.identity_files)
            for passwd in (None, secret) if secret and encrypted else (None,):
                arguments = {"passwd": passwd, "allow_agent": agent, "look_for_keys": False}
                labels = [*files, *(["keys of the agent"] if agent else [])]
                found.append(_Attempt(arguments, labels, has_keys=True))
    if target.password and settings.methods & {"password", "keyboard-interactive"}:
        # Without files of keys, or the libraries would tell them apart by the password.
        arguments = {"passwd": target.password, "allow_agent": False, "look_for_keys": False}
        found.append(_Attempt(arguments, ["password"]))
    return found or [_Attempt({"passwd": None, "allow_agent": False, "look_for_keys": False}, [])]


def _is_key_file(path: str) -> bool:
    return os.path.exists(path) and not why_not_regular(path)


def _takes_any(settings: SshSettings, keys: HostKeys) -> bool:
    """Whether a host of which nothing is known may be spoken to."""
    return settings.strict in ("no", "accept-new") and not keys.trusted and not keys.revoked


def _configuration(folder: str, settings: SshSettings, keys: HostKeys, attempt: _Attempt) -> str:
    """Write the two files that the libraries read, with what concerns this device alone."""
    known = os.path.join(folder, "known_hosts")
    with open(known, "w", encoding="utf-8") as handle:
        revoked = {key.text for key in keys.revoked}
        handle.writelines(f"[{_NAME}]:{_PORT} {key.text}\n" for key in keys.trusted if key.text not in revoked)
    path = os.path.join(folder, "ssh_config")
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(f"Host *\n  UserKnownHostsFile {known}\n")
        files = settings.identity_files if attempt.has_keys else ()
        handle.writelines(f'  IdentityFile "{file}"\n' for file in files if _is_key_file(file))
        handle.write("  Compression yes\n" if settings.compression else "")
    return path
