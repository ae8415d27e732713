# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Why an asyncssh login failed: from asyncssh's own error and what the login had seen until then, never from timing."""

from __future__ import annotations

import asyncio
import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_carrier import Carrier, Way
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_keys import KeyFile
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import (
    CutShort,
    is_busy,
    login_error,
    lower_first,
    quoted,
    socket_error,
    unforeseen,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.proxy_command import proxy_error
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_config import no_way_behind
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError

OLDEST = (2, 19)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


try:
    import asyncssh
except ImportError as error:  # The argument specs and the documentation must load without it.
    MISSING: str | None = f"no module {error.name}"
except Exception as error:
    # A library that does not fit the ones below it raises what it will.
    MISSING = f"{type(error).__name__}: {error}"
else:
    MISSING = None if _number(asyncssh.__version__) >= OLDEST else f"version {asyncssh.__version__}"
    # A connection that is over, or should have been.
    _ENDS = (asyncssh.DisconnectError, OSError, EOFError, asyncio.TimeoutError)

_NO_MATCH = re.compile(r"No matching (.*?) algorithm found, sent (\S+) and received (\S+)")


class UnknownAuthority(Exception):
    """The certificate of a host is not one of ours. Its key may be known all the same."""


class Seen(t.Protocol):
    """The facts that a login has seen."""

    tried: list[str]
    first: bytes
    has_version: bool
    refused_key: t.Any
    has_unknown_authority: bool


def explain(way: Way, carrier: Carrier, seen: Seen, error: Exception) -> Exception:
    """Return a SessionError, CutShort or UnknownAuthority."""
    if isinstance(error, (SessionError, CutShort)):
        return error
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        if seen.has_unknown_authority and not way.without_certificates:
            return UnknownAuthority()
        return _host_key(way, seen, error)
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return _algorithm(way, error)
    if isinstance(error, asyncssh.PermissionDenied) or (seen.tried and isinstance(error, asyncssh.DisconnectError)):
        return _refusal(way, seen)
    if not seen.has_version and isinstance(error, _ENDS):
        return _before_version(way, carrier, seen, error)
    return _after_version(way, error)


def _before_version(way: Way, carrier: Carrier, seen: Seen, error: Exception) -> Exception:
    if carrier.proxy is not None and carrier.ended is not None:
        return proxy_error(way.where, carrier.proxy.program, carrier.ended, seen.first, way.seconds)
    if seen.first:
        return CutShort() if is_busy(seen.first) else login_error(way.where, "not_ssh", words=quoted(seen.first))
    if isinstance(error, asyncio.TimeoutError):
        return login_error(way.where, "silent", awaited="a version line", seconds=way.seconds)
    return _cut_or_other(way, error)


def _after_version(way: Way, error: Exception) -> Exception:
    if isinstance(error, asyncio.TimeoutError):
        return login_error(way.where, "silent", awaited="an answer to the login", seconds=way.seconds)
    if isinstance(error, asyncssh.ChannelOpenError):
        return no_way_behind(way.where, way.settings, lower_first(error.reason))
    return _cut_or_other(way, error)


def _cut_or_other(way: Way, error: Exception) -> Exception:
    if isinstance(error, (asyncssh.DisconnectError, ConnectionError, EOFError)):
        return CutShort()
    if isinstance(error, OSError):
        return socket_error(way.where, error, way.seconds)
    return unforeseen(way.where, error)


def _host_key(way: Way, seen: Seen, error: Exception) -> SessionError:
    key = seen.refused_key
    if key is not None:
        return way.host_keys.error(way.where, key.get_algorithm(), key.public_data)
    revoked = next(iter(way.host_keys.revoked), None)
    if revoked is not None and "revoked" in str(error):
        return way.host_keys.error(way.where, revoked.algorithm, revoked.data)
    name = way.settings.key_alias or way.settings.hostname
    return login_error(way.where, "host_certificate", name=name, words=lower_first(str(error)))


def _algorithm(way: Way, error: Exception) -> SessionError:
    found = _NO_MATCH.search(str(error))
    if found is None:
        return login_error(way.where, "no_algorithm", what="key exchange", words=lower_first(str(error)))
    what, ours, theirs = found.groups()
    return login_error(way.where, "no_algorithm", what=what, words=f"the device offers {theirs}, this side {ours}")


def _refusal(way: Way, seen: Seen) -> SessionError:
    settings = way.settings
    facts = {"user": settings.user, "tried": ", ".join(seen.tried) or "nothing, as there is neither key nor password"}
    # ssh goes on without a key that it cannot read, and so do we: it is told where that was the end of it.
    problem = next((file for file in way.files if _is_worth_a_word(file)), None)
    if problem is None or any(problem.path in label for label in seen.tried):
        return login_error(way.where, "login_refused", **facts)
    no_agent = problem.problem == "encrypted" and settings.agent is None
    words = f"{problem.words}, and there is no agent" if no_agent else problem.words
    return login_error(way.where, f"key_{problem.problem}", path=problem.path, words=words, **facts)


def _is_worth_a_word(file: KeyFile) -> bool:
    """Whether a file has a problem that matters: most of ssh's own default names are not there."""
    return file.problem not in ("", "missing") or (file.problem == "missing" and "/.ssh/id_" not in file.path)
