# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A login by asyncssh: trusted and authenticated as the SSH configuration has it, each failure told."""

from __future__ import annotations

import asyncio
import contextlib
import fnmatch
import functools
import random
import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import asyncssh_keys
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_carrier import (
    Carrier,
    Connection,
    Way,
    carrier_of,
    jump_of,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_errors import (
    MISSING,
    UnknownAuthority,
    explain,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.deadline import (
    CONNECT_SECONDS,
    TRIES,
    Deadline,
    pause_after,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.host_keys import HostKeys
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import CutShort, cut_error
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_agent import require_answer
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_config import SshSettings

if MISSING is None:
    import asyncssh
    from asyncssh.encryption import get_default_encryption_algs, get_encryption_algs
    from asyncssh.kex import get_default_kex_algs, get_kex_algs
    from asyncssh.mac import get_default_mac_algs, get_mac_algs
    from asyncssh.public_key import (
        get_certificate_algs,
        get_default_certificate_algs,
        get_default_public_key_algs,
        get_public_key_algs,
    )

_ALIVE_SECONDS = 30.0
_CERTIFICATE = "-cert-v01@openssh.com"
_FIRST_BYTES = 256
_VERSION = b"\nSSH-"


def way_to(
    where: str,
    settings: SshSettings,
    *,
    checking: bool,
    password: str | None = None,
    passphrases: t.Sequence[str] = (),
    is_jump: bool = False,
) -> Way:
    """Return how to log in. A jump host gets no password: as for ssh, it has keys or an agent."""
    jump, way = settings.jump, None
    if jump is not None:
        at_jump = f"{where.partition(' (')[0]} (jump host {jump.name}: {jump.hostname} port {jump.port})"
        way = way_to(at_jump, jump, checking=checking, is_jump=True)
    keys = HostKeys(settings, checking=checking)
    seconds = settings.connect_timeout or CONNECT_SECONDS
    require_answer(where, settings.agent, seconds)
    files = asyncssh_keys.key_files(settings, passphrases)
    return Way(where, settings, keys, files, password, way, is_jump, seconds=seconds)


async def connect(way: Way) -> Connection:
    """Log in, within the time that all tries have together. Raise SessionError."""
    end, tries = Deadline(way.login_seconds), 1
    while True:
        try:
            connection = await _try(replace(way, seconds=end.part(way.seconds)))
        except CutShort:
            pause = pause_after(tries, random.random())  # noqa: S311 (no secret)
            if tries == TRIES or pause >= end.remaining:
                raise cut_error(way.where, tries) from None
            tries += 1
            await asyncio.sleep(pause)
        except UnknownAuthority:
            way = replace(way, without_certificates=True)
        else:
            connection.tries = tries
            return connection


async def _try(way: Way) -> Connection:
    jump = await jump_of(way, connect)
    end = Deadline(way.seconds)
    carrier = jump or await carrier_of(way, end)
    agent = asyncssh.SSHAgentClient(way.settings.agent) if way.settings.agent else None
    login = _Login(way)
    try:
        ssh = await asyncio.wait_for(_log_in(way, carrier, agent, login), end.remaining)
    except Exception as error:
        if carrier.proxy is not None and not login.has_version:
            is_over = not isinstance(error, asyncio.TimeoutError)
            ended = functools.partial(carrier.proxy.end, is_over=is_over)
            carrier.ended = await asyncio.get_running_loop().run_in_executor(None, ended)
        reason = explain(way, carrier, login, error)
        carrier.release()
        raise reason from None
    except BaseException:
        carrier.release()
        raise
    finally:
        if agent is not None:
            agent.close()
    login.connection = Connection(ssh, carrier)
    return login.connection


async def _log_in(way: Way, carrier: Carrier, agent: t.Any, login: _Login) -> t.Any:
    pairs: t.Sequence[t.Any] = ()
    if agent is not None and "publickey" in way.settings.methods:
        # As for ssh, an agent that is gone has no keys.
        with contextlib.suppress(OSError, ValueError):
            pairs = await agent.get_keys()
    login.offers = asyncssh_keys.offers(way.files, way.settings, pairs)
    ssh, _login = await asyncssh.create_connection(
        lambda: login, way.settings.hostname, way.settings.port, **carrier.arguments, **options_of(way)
    )
    return ssh


if MISSING is None:

    class _Login(asyncssh.SSHClient):
        """The questions of asyncssh during a login, and their answers."""

        def __init__(self, way: Way) -> None:
            self.way = way
            self.offers: list[asyncssh_keys.Offer] = []
            self.tried: list[str] = []
            self.first = b""
            self.has_version = False
            self.refused_key: asyncssh.SSHKey | None = None
            self.has_unknown_authority = False
            self.connection: Connection | None = None
            self._password = way.password

        def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
            """Keep the first bytes: asyncssh drops what comes before the version line, as SSH allows."""
            receive, seen = conn.data_received, b"\n"

            def look(data: bytes, datatype: t.Any = None) -> None:
                nonlocal seen
                self.first = (self.first + data)[:_FIRST_BYTES]
                # Of a line before, its end may be what the version begins with. asyncssh itself is no witness: behind
                # a bastion it tells the bastion's version until there is another one.
                seen = seen[-len(_VERSION) :] + data
                self.has_version = _VERSION in seen
                receive(data, datatype)
                if self.has_version:
                    conn.data_received = receive  # type: ignore[method-assign]

            conn.data_received = look  # type: ignore[method-assign]

        def connection_lost(self, exc: Exception | None) -> None:
            if self.connection is not None:
                self.connection.is_over = True

        def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
            """Decide on a key that is not trusted already."""
            keys, algorithm, data = self.way.host_keys, key.get_algorithm(), key.public_data
            if keys.accepts(algorithm, data):
                if keys.checking and keys.verdict(algorithm, data) in ("changed", "revoked"):
                    # ssh goes on with StrictHostKeyChecking no, but tells no password to whoever this is.
                    self._password = None
                return True
            self.refused_key = key
            return False

        def validate_host_ca_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
            """Refuse an authority that is not known, as ssh does: it then looks at the key alone."""
            self.has_unknown_authority = True
            return False

        def public_key_auth_requested(self) -> t.Any:
            if not self.offers:
                return None
            offer = self.offers.pop(0)
            self.tried.append(offer.label)
            return offer.pair

        def password_auth_requested(self) -> str | None:
            return self._tell("password")

        def kbdint_auth_requested(self) -> str | None:
            return None if self._password is None or "keyboard-interactive" in self.tried else ""

        def kbdint_challenge_received(
            self, name: str, instructions: str, lang: str, prompts: t.Sequence[tuple[str, bool]]
        ) -> list[str] | None:
            if not prompts:
                return []
            password = self._tell("keyboard-interactive") if len(prompts) == 1 else None
            return None if password is None else [password]

        def _tell(self, method: str) -> str | None:
            # A password that is refused once is not told again.
            if self._password is None or method in self.tried:
                return None
            self.tried.append(method)
            return self._password


def options_of(way: Way) -> dict[str, t.Any]:
    """Return the options of asyncssh for a connection as the SSH configuration has it."""
    settings, keys = way.settings, way.host_keys
    algorithms = dict(settings.algorithms)

    def chosen(option: str, known: t.Iterable[bytes], usual: t.Iterable[bytes]) -> list[str]:
        names = [algorithm.decode() for algorithm in known]
        return expanded(algorithms.get(option, ()), names, [algorithm.decode() for algorithm in usual])

    options: dict[str, t.Any] = {
        "config": None,
        "known_hosts": (lambda _host, _address, _port: _imported(keys)) if keys.checking else None,
        "x509_trusted_certs": None,
        "host_key_alias": settings.key_alias,
        "server_host_key_algs": _known_first(
            chosen(
                "hostkeyalgorithms",
                [*get_certificate_algs(), *get_public_key_algs()],
                [*get_default_certificate_algs(), *get_default_public_key_algs()],
            ),
            way,
        ),
        "kex_algs": chosen("kexalgorithms", get_kex_algs(), get_default_kex_algs()),
        "encryption_algs": chosen("ciphers", get_encryption_algs(), get_default_encryption_algs()),
        "mac_algs": chosen("macs", get_mac_algs(), get_default_mac_algs()),
        "signature_algs": chosen("pubkeyacceptedalgorithms", get_public_key_algs(), get_default_public_key_algs()),
        "compression_algs": ["zlib@openssh.com", "zlib", "none"] if settings.compression else ["none"],
        "username": settings.user,
        "client_keys": None,
        "agent_path": None,
        "public_key_auth": "publickey" in settings.methods,
        "password_auth": "password" in settings.methods,
        "kbdint_auth": "keyboard-interactive" in settings.methods,
        "host_based_auth": False,
        # Junos has no GSSAPI. A bastion may.
        "gss_host": () if way.is_jump and settings.gssapi else None,
        "login_timeout": 0,
        "keepalive_interval": settings.alive_interval or _ALIVE_SECONDS,
        "keepalive_count_max": settings.alive_count,
    }
    if settings.preferred:
        options["preferred_auth"] = list(settings.preferred)
    return options


def expanded(wanted: t.Sequence[str], known: t.Sequence[str], usual: t.Sequence[str]) -> list[str]:
    """Return the algorithms that a configuration wants: a list of its own, or with + - ^ a change of the usual one.

    Names that the library does not know are of no use to it.
    """
    if not wanted:
        return list(usual)
    sign, names = (wanted[0][0], [wanted[0][1:], *wanted[1:]]) if wanted[0][:1] in "+-^" else ("", list(wanted))
    found = [algorithm for name in names for algorithm in fnmatch.filter(known, name)]
    if sign == "-":
        found = [algorithm for algorithm in usual if algorithm not in found]
    elif sign:
        found = [*found, *usual] if sign == "^" else [*usual, *found]
    return list(dict.fromkeys(found))


def _imported(keys: HostKeys) -> tuple[list[t.Any], list[t.Any], list[t.Any]]:
    found: tuple[list[t.Any], list[t.Any], list[t.Any]] = ([], [], [])
    # Under StrictHostKeyChecking no, ssh goes on with a revoked key too, and tells it no password.
    revoked = keys.revoked if keys.settings.strict != "no" else []
    for listed, imported in zip((keys.trusted, keys.authorities, revoked), found, strict=True):
        for key in listed:
            try:
                imported.append(asyncssh.import_public_key(key.text))
            except asyncssh.KeyImportError:
                # Of a kind that asyncssh does not know, so no device can show it.
                continue
    return found


def _known_first(allowed: t.Sequence[str], way: Way) -> t.Sequence[str]:
    """Return host key algorithms, those of known keys first: a device has several keys, and we may know one of them."""
    known = {key.algorithm for key in way.host_keys.trusted}
    authorities = way.host_keys.authorities and not way.without_certificates
    if not authorities:
        allowed = [algorithm for algorithm in allowed if not algorithm.endswith(_CERTIFICATE)]

    def rank(algorithm: str) -> bool:
        if algorithm.endswith(_CERTIFICATE):
            return False
        kind = "ssh-rsa" if algorithm.startswith("rsa-sha2-") else algorithm
        return kind not in known

    return sorted(allowed, key=rank)
