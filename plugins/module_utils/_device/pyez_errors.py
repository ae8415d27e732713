# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Why a login by PyEZ failed: from the exception of the library below it, never from timing as PyEZ's own."""

from __future__ import annotations

import re
import socket
import time
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.host_keys import HostKeys
from ansible_collections.hubspoke.srx.plugins.module_utils._device.login_errors import (
    login_error,
    lower_first,
    quoted,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.proxy_command import Proxy
from ansible_collections.hubspoke.srx.plugins.module_utils._device.ssh_config import SshSettings
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

# A login that is cut before authentication is tried again: bastions and devices refuse some of many at once.
TRIES = 6
FIRST_PAUSE = 0.25
_LOOK = 512
_BUSY = re.compile(
    rb"Exceeded MaxStartups|Not allowed at this time|kex_exchange_identification|banner exchange|Connection reset"
)


class CutShort(Exception):
    """The other end hung up before it was asked to log anyone in: worth another try."""


class NextMethod(Exception):
    """What was tried is refused, and there is something else to try."""


def look_for_version(where: str, connected: socket.socket, proxy: Proxy | None, seconds: float) -> None:
    """Wait for the version line, and leave it for the library. Raise SessionError, or CutShort."""
    until = time.monotonic() + seconds
    seen = b""
    try:
        while b"\n" not in seen or not any(line.startswith(b"SSH-") for line in seen.splitlines()):
            connected.settimeout(max(0.01, until - time.monotonic()))
            now = connected.recv(_LOOK, socket.MSG_PEEK)
            if not now or (now == seen and len(now) == _LOOK) or time.monotonic() > until:
                break
            if now == seen:
                time.sleep(0.02)
            seen = now
        else:
            connected.settimeout(seconds)
            return
    except TimeoutError:
        pass
    except ConnectionError:
        raise CutShort from None
    raise _no_version(where, proxy, seen, seconds, is_over=time.monotonic() < until)


def _no_version(where: str, proxy: Proxy | None, seen: bytes, seconds: float, *, is_over: bool) -> Exception:
    if proxy is not None:
        could_run, words = proxy.end()
        kind = "proxy_command" if could_run else "broken_proxy_command"
        told = login_error(where, kind, command=proxy.command, words=words)
        return CutShort() if _BUSY.search(words.encode()) else told
    if seen:
        return CutShort() if _BUSY.search(seen) else login_error(where, "not_ssh", words=quoted(seen))
    if is_over:
        return CutShort()
    return login_error(where, "silent", awaited="a version line", seconds=seconds)


def explain(where: str, keys: HostKeys, error: Exception, seconds: float) -> Exception:
    """Return a SessionError, CutShort, or NextMethod where the login was refused."""
    if isinstance(error, ez.ConnectAuthError):
        return NextMethod()
    cause = getattr(error, "_orig", None) or error.__context__ or error
    if isinstance(cause, nc.SSHUnknownHostError):
        # The library negotiates for keys of the known types alone, so another one has taken the place of ours.
        verdict: t.Literal["changed", "unknown"] = "changed" if keys.trusted else "unknown"
        return keys.error_of(where, verdict, "", f"MD5:{cause.fingerprint}")
    words = " ".join(str(cause).split()) or type(cause).__name__
    for pattern, kind, facts in _TOLD:
        found = pattern.search(words)
        if found is not None:
            return login_error(where, kind, seconds=seconds, words=lower_first(words), **facts, **found.groupdict())
    if isinstance(cause, (EOFError, ConnectionError)) or _CUT.search(words):
        return CutShort()
    return login_error(where, "other", words=lower_first(words))


_TOLD: tuple[tuple[re.Pattern[str], str, dict[str, str]], ...] = (
    (re.compile(r"Incompatible ssh peer \(no acceptable (?P<what>[^)]+?)(?: algorithm)?\)"), "no_algorithm", {}),
    (re.compile(r"unacceptable SSH subsystem name|Channel closed|[Ss]ubsystem"), "no_subsystem", {}),
    (re.compile(r"Unexpected session close|Capability exchange timed out|hello"), "no_hello", {}),
    (re.compile(r"[Tt]imeout|timed out"), "silent", {"awaited": "an answer to the login"}),
)
_CUT = re.compile(r"EOF|Connection (?:reset|closed|lost)|Negotiation failed: *$|Error reading SSH protocol banner")


def refusal(where: str, settings: SshSettings, passphrase: str | None, tried: t.Sequence[str]) -> SessionError:
    """Return the error of a login where all that could be tried was refused."""
    facts = {"user": settings.user, "tried": ", ".join(tried) or "nothing, as there is neither key nor password"}
    for path in settings.identity_files:
        problem, words = key_problem(path, passphrase)
        if problem == "encrypted" and settings.agent is None:
            words += ", and there is no agent"
        if problem and not (problem == "missing" and "/.ssh/id_" in path):
            return login_error(where, f"key_{problem}", path=path, words=words, **facts)
    return login_error(where, "login_refused", **facts)


def key_problem(path: str, passphrase: str | None) -> tuple[str, str]:
    """Return why a key file cannot be used (missing, encrypted, unreadable) with words, or two empty strings."""
    try:
        paramiko.PKey.from_path(path, passphrase.encode() if passphrase else None)
    except FileNotFoundError:
        return "missing", ""
    except paramiko.PasswordRequiredException:
        return "encrypted", "no passphrase is known for it"
    except Exception as error:
        words = lower_first(str(error) or type(error).__name__)
        encrypted = "assword" in words or "assphrase" in words or "ncrypted" in words
        return ("encrypted", "the passphrase is not known") if encrypted else ("unreadable", words)
    return "", ""
