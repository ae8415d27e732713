# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The other channel: PyEZ over ncclient and paramiko, two threads a device.

These libraries read no more of an SSH configuration than a few words, so what it means is handed to them: a socket that
is connected, through a ProxyCommand or ``ssh -W`` where that is asked for, the keys, and the host keys.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import random
import shlex
import socket
import tempfile
import threading
import time
import typing as t
import warnings
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._device import event_loop
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channel import ChannelLost, NotXml, Target
from ansible_collections.hubspoke.srx.plugins.module_utils._device.host_keys import HostKeys
from ansible_collections.hubspoke.srx.plugins.module_utils._device.login_errors import (
    login_error,
    lower_first,
    socket_error,
    unforeseen,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.netconf_framing import LATIN_1, NOT_UTF_8
from ansible_collections.hubspoke.srx.plugins.module_utils._device.proxy_command import Proxy, start_proxy
from ansible_collections.hubspoke.srx.plugins.module_utils._device.pyez_errors import (
    FIRST_PAUSE,
    MISSING,
    TRIES,
    CutShort,
    NextMethod,
    explain,
    key_problem,
    look_for_version,
    refusal,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.ssh_config import FAMILIES, SshSettings, settings_of
from ansible_collections.hubspoke.srx.plugins.module_utils._device.ssh_config_client import SshConfigError
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError

if MISSING is None:
    import paramiko
    from jnpr.junos import Device
    from jnpr.junos import exception as ez
    from lxml import etree
    from ncclient.operations import RaiseMode

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


# Nothing in a thread may reach stderr: on ansible-core before 2.19 it waits there for ever. ncclient logs requests.
event_loop.quiet("jnpr", "ncclient", "paramiko")
warnings.filterwarnings("ignore", module=r"(jnpr|ncclient|paramiko)\b")
_GOODBYE_SECONDS = 3
_ALIVE_SECONDS = 30
CONNECT_SECONDS = 30.0
# What the libraries are told the device is called: they look it up in the files that they are given.
_NAME = "device"
_PORT = 830


class PyezChannel:
    """NETCONF with one device over PyEZ."""

    def __init__(self, target: Target) -> None:
        if MISSING:
            raise login_error(target.host, "library", library="junos-eznc", expected="installed, with the libraries"
                              " that it needs", words=MISSING)  # fmt: skip
        self.notes: list[str] = []
        self._target = target
        self._device: t.Any = None
        self._carrier: _Carrier | None = None

    def open(self) -> None:
        """Log in and exchange hellos. Raise SessionError."""
        target = self._target
        where = f"{target.host} ({target.address}{f' port {target.port}' if target.port else ''})"
        try:
            settings = settings_of(target)
            where = f"{target.host} ({target.address} port {settings.port})"
            self._log_in(where, settings)
        except SshConfigError as error:
            raise login_error(where, "ssh_config", words=error) from None
        except SessionError:
            self._drop()
            raise
        except Exception as error:
            self._drop()
            told = socket_error(where, error, 0) if isinstance(error, OSError) else unforeseen(where, error)
            raise told from None

    def _log_in(self, where: str, settings: SshSettings) -> None:
        attempts = _attempts(self._target, settings)
        keys = HostKeys(settings, checking=self._target.host_key_checking)
        tried: list[str] = []
        tries = 0
        while attempts:
            try:
                self._try(where, settings, keys, attempts[0])
                return
            except SessionError as error:
                if error.reason != "host_key" or settings.strict != "no" or not keys.checking:
                    raise
                # ssh goes on, but tells no password to whoever this is.
                self._drop()
                keys = HostKeys(settings, checking=False)
                attempts = [attempt for attempt in attempts if attempt.has_keys]
            except NextMethod:
                self._drop()
                tried += attempts.pop(0).labels
            except CutShort:
                self._drop()
                tries += 1
                if tries == TRIES:
                    raise login_error(where, "cut", tries=TRIES) from None
                time.sleep(FIRST_PAUSE * 2 ** (tries - 1) * random.uniform(0.5, 1.5))  # noqa: S311 (no secret)
        raise refusal(where, settings, self._target.passphrase or self._target.password, tried)

    def _try(self, where: str, settings: SshSettings, keys: HostKeys, attempt: _Attempt) -> None:
        seconds = settings.connect_timeout or CONNECT_SECONDS
        self._carrier = carrier = _Carrier(where, settings, self._target, seconds)
        look_for_version(where, carrier, seconds)
        with tempfile.TemporaryDirectory(prefix="hubspoke-") as folder:
            device = _Device(
                host=_NAME,
                port=_PORT,
                user=settings.user,
                ssh_config=_configuration(folder, settings, keys, attempt),
                hostkey_verify=keys.checking and not _takes_any(settings, keys),
                sock_fd=carrier.socket.fileno(),
                conn_open_timeout=seconds,
                gather_facts=False,
                huge_tree=True,
                **attempt.arguments,
            )
            # The libraries have times of their own for each step. This one holds for all.
            clock = threading.Timer(seconds, carrier.expire)
            clock.daemon = True
            clock.start()
            try:
                device.open()
            except Exception as error:
                raise explain(where, keys, carrier, error, seconds) from None
            finally:
                clock.cancel()
        device.timeout = self._target.timeout
        # What a device refuses is for the session to tell, from the reply.
        device._conn.raise_mode = RaiseMode.NONE
        device._conn._session.transport.set_keepalive(int(settings.alive_interval) or _ALIVE_SECONDS)
        self._read_any_bytes(device._conn._session)
        self._device = device

    def _read_any_bytes(self, session: t.Any) -> None:
        """Let the library see UTF-8 only: one other byte in an interface's description would end its thread."""
        decoder = codecs.getincrementaldecoder("utf-8")(LATIN_1)
        read = session._transport_read

        def read_utf_8() -> bytes:
            while data := read():
                text = decoder.decode(data)
                clean = text.encode()
                if not data.isascii() and clean not in data and data not in clean and NOT_UTF_8 not in self.notes:
                    self.notes.append(NOT_UTF_8)
                if clean:
                    return clean
            return b""

        session._transport_read = read_utf_8

    def execute(self, rpc: str, timeout: float) -> str:
        """Send one request and return its reply. Raise ChannelLost."""
        if self._device is None:
            raise ChannelLost("the session is closed")
        try:
            reply = self._device.execute(etree.fromstring(rpc), ignore_warning=True, dev_timeout=timeout)
        except etree.XMLSyntaxError as error:
            raise NotXml(str(error.msg)) from None
        except ez.RpcTimeoutError:
            self._drop()
            raise ChannelLost(f"none within {timeout:g} s") from None
        except Exception as error:
            # ncclient lets through whatever a dying transport raises below it.
            self._drop()
            words = "the device ended the session" if isinstance(error, ez.ConnectClosedError) else str(error)
            raise ChannelLost(lower_first(words or type(error).__name__)) from None
        except BaseException:
            self._drop()
            raise
        if not etree.iselement(reply):
            return "<rpc-reply/>"
        return str(etree.tostring(reply.getroottree().getroot(), encoding="unicode", with_tail=False))

    def close(self) -> None:
        """End the session. Raise nothing."""
        device = self._device
        try:
            if device is not None:
                device.timeout = _GOODBYE_SECONDS
                device.close()
        except Exception:  # noqa: S110 (a dead link fails in whichever library notices first)
            pass
        finally:
            self._drop()

    def abandon(self) -> None:
        """End the session at once, from another thread, under a request that does not end. Raise nothing."""
        self._drop()

    def _drop(self) -> None:
        """End the session on this side at once, whatever the device does: so ends what it had locked."""
        carrier, self._carrier, self._device = self._carrier, None, None
        if carrier is not None:
            carrier.drop()


class _Carrier:
    """The socket that the libraries speak through, and the command behind it where there is one."""

    def __init__(self, where: str, settings: SshSettings, target: Target, seconds: float) -> None:
        self.proxy: Proxy | None = None
        self.bastion = settings.jump.name if settings.jump else ""
        self.is_expired = False
        command = settings.proxy_command or _jump_command(settings, target)
        if command:
            self.proxy = start_proxy(where, command)
            self.socket = self.proxy.socket
            return
        try:
            self.socket = _dial(settings, seconds)
        except UnicodeError:
            raise login_error(where, "unknown_name", words="no valid name") from None
        except OSError as error:
            raise socket_error(where, error, seconds) from None

    def expire(self) -> None:
        self.is_expired = True
        self._end()

    def is_waiting(self) -> bool:
        try:
            return bool(self.socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def _end(self) -> None:
        # The libraries have copies of the descriptor: this ends the connection under all of them.
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def drop(self) -> None:
        self._end()
        if self.proxy is not None:
            self.proxy.stop()
        self.socket.close()


def _dial(settings: SshSettings, seconds: float) -> socket.socket:
    family = FAMILIES.get(settings.family, socket.AF_UNSPEC)
    last = OSError("no address")
    found = socket.getaddrinfo(settings.hostname, settings.port, family, socket.SOCK_STREAM)
    for kind, style, protocol, _name, address in found:
        made = socket.socket(kind, style, protocol)
        try:
            made.settimeout(seconds)
            if settings.bind_address:
                made.bind((settings.bind_address, 0))
            made.connect(address)
        except OSError as error:
            made.close()
            last = error
        else:
            return made
    raise last


def _jump_command(settings: SshSettings, target: Target) -> str:
    """Return what ssh itself runs for a ProxyJump."""
    jumps, one = [], settings.jump
    while one is not None:
        jumps.append(one)
        one = one.jump
    if not jumps:
        return ""
    last, before = jumps[0], jumps[1:]
    words = ["ssh", "-o", "BatchMode=yes", "-l", last.user, "-p", str(last.port)]
    if target.ssh_config:
        words += ["-F", target.ssh_config]
    if before:
        words += ["-J", ",".join(f"{jump.user}@{jump.name}:{jump.port}" for jump in reversed(before))]
    host = f"[{settings.hostname}]" if ":" in settings.hostname else settings.hostname
    return shlex.join([*words, "-W", f"{host}:{settings.port}", last.name])


@dataclass(frozen=True)
class _Attempt:
    arguments: dict[str, t.Any]
    labels: list[str]
    has_keys: bool = False


def _attempts(target: Target, settings: SshSettings) -> list[_Attempt]:
    """Return what to log in with, one connection each: the libraries take the password for that of the key as well."""
    found = []
    if "publickey" in settings.methods:
        files = [f"key {path}" for path in settings.identity_files if os.path.exists(path)]
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
        handle.writelines(f'  IdentityFile "{file}"\n' for file in files if os.path.exists(file))
        handle.write("  Compression yes\n" if settings.compression else "")
    return path


def _keep_silent(previous: t.Callable[[t.Any], t.Any]) -> t.Callable[[t.Any], None]:
    def told(arguments: t.Any) -> None:
        thread = type(arguments.thread).__module__ if arguments.thread else ""
        if thread.partition(".")[0] not in ("ncclient", "paramiko"):
            previous(arguments)

    return told


# A thread that ends with an exception prints it. What it means for the session, the session finds out by itself.
threading.excepthook = _keep_silent(threading.excepthook)
