# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Why a login by PyEZ failed: from the exception of the library below it, never from timing as PyEZ's own."""

from __future__ import annotations

import errno
import hashlib
import re
import select
import socket
import time
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.deadline import Deadline
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.host_keys import HostKeys, Verdict
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import (
    CutShort,
    is_busy,
    login_error,
    lower_first,
    quoted,
    socket_error,
    unforeseen,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.proxy_command import (
    Ended,
    Proxy,
    proxy_error,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.regular_files import why_not_regular
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_config import SshSettings, no_way_behind
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError

try:
    import jnpr.junos.device
    import ncclient.transport.errors as nc
    import paramiko
    from jnpr.junos import exception as ez

    paramiko.Transport, jnpr.junos.device.netconf_ssh.connect  # noqa: B018 (what a mismatch lacks)
except ImportError as error:  # The argument specs and the documentation must load without it.
    MISSING: str | None = f"no module {error.name}"
except Exception as error:
    # A library that does not fit the ones below it raises what it will.
    MISSING = f"{type(error).__name__}: {error}"
else:
    MISSING = None

_LOOK = 512
_HOST_KEY = re.compile("Host key verification failed|HOST IDENTIFICATION HAS CHANGED|REVOKED")
# What ssh says in the end of a bastion that carries nothing, after the reason for it.
_NO_WAY = re.compile(r"channel \d+: open failed: (?P<reason>.*)")


class Carrier(t.Protocol):
    """The carrier of a connection: ``is_expired`` once this side ended it, as the time for the login was over."""

    socket: socket.socket
    proxy: Proxy | None
    settings: SshSettings
    is_expired: bool

    def is_waiting(self) -> bool:
        """Whether the other end is there and says nothing."""

    def end_proxy(self, *, is_over: bool) -> Ended | None:
        """Stop the command in front of the device, and return how it ended."""


class NextMethod(Exception):
    """A refused attempt, after which another one is possible."""


def look_for_version(where: str, carrier: Carrier, end: Deadline) -> None:
    """Wait for the version line, and leave it for the library. Raise SessionError, or CutShort."""
    seen = b""
    try:
        while not any(line.startswith(b"SSH-") for line in seen.splitlines()[: seen.count(b"\n")]):
            carrier.socket.settimeout(max(0.01, end.remaining))
            now = carrier.socket.recv(_LOOK, socket.MSG_PEEK)
            # What was said stays to be read, so the end must be asked for.
            is_over = not now or (now == seen and _has_hung_up(carrier.socket))
            if is_over or len(seen) == _LOOK or end.is_over:
                raise _no_version(where, carrier, seen, is_over=is_over, seconds=end.seconds)
            if now == seen:
                time.sleep(0.02)
            seen = now
    except TimeoutError:
        raise _no_version(where, carrier, seen, is_over=False, seconds=end.seconds) from None
    except ConnectionError:
        raise _no_version(where, carrier, seen, is_over=True, seconds=end.seconds) from None
    carrier.socket.settimeout(max(0.01, end.remaining))


def _has_hung_up(connected: socket.socket) -> bool:
    poll = select.poll()
    # Linux alone tells of an end with something before it.
    poll.register(connected, select.POLLHUP | getattr(select, "POLLRDHUP", 0))
    return bool(poll.poll(0))


def _no_version(where: str, carrier: Carrier, seen: bytes, *, is_over: bool, seconds: float) -> Exception:
    ended = carrier.end_proxy(is_over=is_over)
    if ended is not None and carrier.proxy is not None:
        if carrier.settings.jump is None:
            return proxy_error(where, carrier.proxy.program, ended, seen, seconds)
        if not seen:
            return _no_bastion(where, carrier.settings, ended, seconds)
    if seen:
        # Behind a bastion as well: what ssh writes comes from the device.
        return CutShort(by_device=True) if is_busy(seen) else login_error(where, "not_ssh", words=quoted(seen))
    return CutShort() if is_over else login_error(where, "silent", awaited="a version line", seconds=seconds)


def _no_bastion(where: str, settings: SshSettings, ended: Ended, seconds: float) -> Exception:
    """Return the error of a bastion, from what the ssh in front of it says, or CutShort."""
    lines = [line for line in ended.lines if not line.startswith("Pseudo-terminal")]
    # Of several hosts the first one that fails says why, and those behind it that the connection is closed.
    causes = [line for line in lines if not is_busy(line.encode())]
    if lines and not causes:
        return CutShort()
    words = lower_first(causes[0]) if causes else ended.words(b"", seconds)
    found = _NO_WAY.search("\n".join(causes))
    if found is not None:
        return no_way_behind(where, settings, found["reason"].lower())
    hosts = settings.jumps
    hop = next((one for one in hosts if _is_about(one, causes)), hosts[0] if len(hosts) == 1 else None)
    name = hop.described if hop else " or ".join(one.described for one in hosts)
    error = login_error(where, "bastion", bastion=name, words=words, by_hand=(hop or hosts[-1]).by_hand(), remedy="")
    if _HOST_KEY.search("\n".join(causes)):
        error.reason = "host_key"
    return error


def _is_about(host: SshSettings, lines: t.Sequence[str]) -> bool:
    """Whether ssh speaks of a host, by address and port or by user and address."""
    return any(
        f"host {host.hostname} port {host.port}:" in line or line.startswith(f"{host.user}@{host.hostname}: ")
        for line in lines
    )


def explain(where: str, keys: HostKeys, carrier: Carrier, error: Exception, seconds: float) -> Exception:
    """Return a SessionError, CutShort, or NextMethod where the login was refused."""
    if isinstance(error, ez.ConnectAuthError):
        return NextMethod()
    cause = getattr(error, "_orig", None) or error.__context__ or error
    if isinstance(cause, nc.SSHUnknownHostError):
        return keys.error_of(where, _verdict(keys, cause.fingerprint), "", f"MD5:{cause.fingerprint}")
    if isinstance(cause, OSError) and cause.errno in (errno.EMFILE, errno.ENFILE):
        return socket_error(where, cause, seconds)
    words = " ".join(str(cause).split()) or type(cause).__name__
    return _by_words(where, carrier, words, seconds)


def _by_words(where: str, carrier: Carrier, words: str, seconds: float) -> Exception:
    """Return the error of an exception that has no class of its own in the library."""
    if _NO_HELLO.search(words):
        never = carrier.is_expired or "timed out" in words
        return login_error(where, "no_hello", words=f"none within {seconds:g} s" if never else lower_first(words))
    for pattern, kind in _TOLD:
        found = pattern.search(words)
        if found is not None:
            return login_error(where, kind, words=lower_first(words), **found.groupdict())
    if carrier.is_expired or carrier.is_waiting():
        return login_error(where, "silent", awaited="an answer to the login", seconds=seconds)
    return CutShort() if _CUT.search(words) else unforeseen(where, Exception(words))


_NO_HELLO = re.compile(r"Unexpected session close|Capability exchange timed out|[Hh]ello")
_TOLD: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Incompatible ssh (?:peer|server) \(no acceptable (?P<what>[^)]+?)(?: algorithm)?\)"), "no_algorithm"),
    (re.compile(r"unacceptable SSH subsystem name|Channel closed|[Ss]ubsystem"), "no_subsystem"),
)
_CUT = re.compile(r"EOF|Connection|Broken pipe|Negotiation failed: *$|Error reading SSH protocol banner")


def _verdict(keys: HostKeys, fingerprint: str) -> Verdict:
    if any(_md5(key.data) == fingerprint for key in keys.revoked):
        return "revoked"
    # The library negotiates for keys of the known types alone, so another one has taken the place of ours.
    return "changed" if keys.trusted else "unknown"


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).digest().hex(":")


def refusal(where: str, settings: SshSettings, passphrase: str | None, tried: t.Sequence[str]) -> SessionError:
    """Return the error of a login where all that could be tried was refused."""
    words = ", ".join(dict.fromkeys(tried)) or "nothing, as there is neither key nor password"
    facts = {"user": settings.user, "tried": words}
    for path in settings.identity_files:
        problem, words = key_problem(path, passphrase)
        if problem == "encrypted" and settings.agent is None:
            words += ", and there is no agent"
        if problem and not (problem == "missing" and "/.ssh/id_" in path):
            return login_error(where, f"key_{problem}", path=path, words=words, **facts)
    return login_error(where, "login_refused", **facts)


def key_problem(path: str, passphrase: str | None) -> tuple[str, str]:
    """Return why a key file cannot be used (missing, encrypted, unreadable) with words, or two empty strings."""
    if words := why_not_regular(path):
        return "unreadable", words
    try:
        paramiko.PKey.from_path(path)
    except FileNotFoundError:
        return "missing", ""
    except paramiko.PasswordRequiredException:
        return _encrypted(path, passphrase)
    except Exception as error:
        words = lower_first(str(error) or type(error).__name__)
        # Not every format has an exception of its own for it.
        return (
            _encrypted(path, passphrase) if re.search("password|passphrase|encrypted", words) else ("unreadable", words)
        )
    return "", ""


def _encrypted(path: str, passphrase: str | None) -> tuple[str, str]:
    if passphrase is None:
        return "encrypted", "no passphrase is known for it"
    try:
        paramiko.PKey.from_path(path, passphrase.encode())
    except Exception:
        return "encrypted", "the passphrase given is wrong"
    return "", ""
