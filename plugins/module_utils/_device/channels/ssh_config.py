# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The meaning of an SSH configuration for one host: ``ssh -G`` tells it where an ssh client is installed."""

from __future__ import annotations

import functools
import getpass
import hashlib
import os
import re
import shlex
import socket
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import LoginError, login_error
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_config_client import (
    SshConfigError,
    config_among,
    expand_home,
    options_of,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.target import DEFAULT_PORT, Target

SSH_PORT = 22
_DEEPEST = 8
FAMILIES = {"any": socket.AF_UNSPEC, "inet": socket.AF_INET, "inet6": socket.AF_INET6}
_TOKEN = re.compile(r"%(.)")
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_JUMP = re.compile(r"(?:ssh://)?(?:(?P<user>.*)@)?(?:\[(?P<six>[^]]+)\]|(?P<host>[^:@]+))(?::(?P<port>\d+))?/?")
_NO = frozenset(("no", "false", "none", ""))
# Where a command, a host or a file may have the name "no" or "false".
_NONE = frozenset(("none", ""))


@dataclass(frozen=True)
class SshSettings:
    """The way to reach, trust and log in to one host. ``name`` is its name in the configuration."""

    name: str
    hostname: str
    port: int
    user: str
    identity_files: tuple[str, ...] = ()
    certificate_files: tuple[str, ...] = ()
    identities_only: bool = False
    agent: str | None = None
    known_hosts: tuple[str, ...] = ()
    revoked_keys: str | None = None
    strict: str = "ask"
    key_alias: str | None = None
    proxy_command: str | None = None
    jump: SshSettings | None = None
    algorithms: tuple[tuple[str, tuple[str, ...]], ...] = ()
    methods: frozenset[str] = frozenset(("publickey", "password", "keyboard-interactive"))
    preferred: tuple[str, ...] = ()
    connect_timeout: float | None = None
    alive_interval: float = 0.0
    alive_count: int = 3
    compression: bool = False
    family: str = "any"
    bind_address: str | None = None
    gssapi: bool = False
    config: str | None = None

    @property
    def described(self) -> str:
        """The name with user and port, as an error names a bastion."""
        return f"{self.name} (user {self.user}, port {self.port})"

    def by_hand(self, *options: str) -> str:
        """Return the command that logs in to this host alone, through the same jump hosts."""
        before = ",".join(f"{one.user}@{bracketed(one.name)}:{one.port}" for one in self.jumps)
        words = ["ssh", *_option("-F", self.config), *_option("-J", before or None)]
        return shlex.join([*words, "-l", self.user, "-p", str(self.port), *options, self.name])

    @property
    def jumps(self) -> list[SshSettings]:
        """The jump hosts in the order in which the connection comes through them."""
        return [] if self.jump is None else [*self.jump.jumps, self.jump]

    @property
    def known_as(self) -> str:
        """The name under which known_hosts lists the host key."""
        if self.key_alias:
            return self.key_alias
        return self.hostname.lower() if self.port == SSH_PORT else f"[{self.hostname.lower()}]:{self.port}"


def settings_of(target: Target) -> SshSettings:
    """Return what the SSH configuration means for a device; what the target says itself holds. Raise SshConfigError."""
    config = ("-F", target.ssh_config) if target.ssh_config else config_among(target.ssh_args)
    own = (*_option("-p", target.port or None), *_option("-l", target.user))
    found = options_of(own, (*_option("-i", target.key_file), *target.ssh_args, *config), target.address)
    # ssh itself knows no other default than 22, so a configuration cannot be told from it: see connections.rst.
    if not target.port and found["port"] == [str(SSH_PORT)]:
        found["port"] = [str(DEFAULT_PORT)]
    if target.key_file:
        # ssh drops a file that is not there. It is the first to be tried, and to be told of.
        found["identityfile"] = [target.key_file, *found.get("identityfile", ())]
    return _settings(target.address, found, config, depth=0)


def no_way_behind(where: str, settings: SshSettings, reason: str) -> LoginError:
    """Return the error of a device that its bastion does not reach, or may not connect with."""
    jump = settings.jump or settings
    place = f"{bracketed(settings.hostname)}:{settings.port}"
    words = f"no way to {settings.hostname} port {settings.port} ({reason})"
    return login_error(where, "bastion", bastion=jump.described, words=words, remedy="",
                       by_hand=jump.by_hand("-W", place))  # fmt: skip


def bracketed(name: str) -> str:
    """Return a host as it stands before a port."""
    return f"[{name}]" if ":" in name else name


def local_user() -> str:
    """Return the name of the user who runs this, or the number where a container knows no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return str(os.getuid())


def _option(name: str, value: object) -> tuple[str, ...]:
    return () if value is None else (name, str(value))


def _settings(name: str, found: dict[str, list[str]], config: tuple[str, ...], depth: int) -> SshSettings:
    def one(option: str, default: str = "") -> str:
        return found.get(option, [default])[0]

    def says_no(option: str, default: str = "no") -> bool:
        return one(option, default).lower() in _NO

    hostname, user = one("hostname", name), one("user") or local_user()
    port = int(one("port", str(SSH_PORT)))
    jump = one("proxyjump")
    expand = functools.partial(_expand, tokens=_tokens(name, hostname, port, user, one("hostkeyalias"), jump))
    command = one("proxycommand")
    methods = {
        "publickey": "pubkeyauthentication",
        "password": "passwordauthentication",
        "keyboard-interactive": "kbdinteractiveauthentication",
    }
    known_hosts = _paths(one("userknownhostsfile")) + _paths(one("globalknownhostsfile"))
    return SshSettings(
        name=name,
        hostname=hostname,
        port=port,
        user=user,
        identity_files=_unique(expand(path) for path in found.get("identityfile", ()) if path.lower() != "none"),
        certificate_files=_unique(expand(path) for path in found.get("certificatefile", ()) if path.lower() != "none"),
        identities_only=not says_no("identitiesonly"),
        agent=_agent(one("identityagent", "SSH_AUTH_SOCK"), expand),
        known_hosts=_unique(expand(path) for path in known_hosts),
        revoked_keys=None if one("revokedhostkeys").lower() in _NONE else expand(one("revokedhostkeys")),
        strict=_strict(one("stricthostkeychecking", "ask")),
        key_alias=one("hostkeyalias") or None,
        proxy_command=None if command.lower() in _NONE else expand(command),
        jump=None if jump.lower() in _NONE else _jump(jump, config, depth),
        algorithms=tuple((option, tuple(one(option).split(","))) for option in _ALGORITHMS if one(option)),
        methods=frozenset(method for method, option in methods.items() if not says_no(option, "yes")),
        preferred=tuple(filter(None, one("preferredauthentications").split(","))),
        connect_timeout=None if says_no("connecttimeout", "none") else float(one("connecttimeout")),
        alive_interval=float(one("serveraliveinterval", "0")),
        alive_count=int(one("serveralivecountmax", "3")),
        compression=not says_no("compression"),
        family=one("addressfamily", "any"),
        bind_address=one("bindaddress") or None,
        gssapi=not says_no("gssapiauthentication"),
        config=config[-1] if config else None,
    )


_ALGORITHMS = ("kexalgorithms", "ciphers", "macs", "hostkeyalgorithms", "pubkeyacceptedalgorithms")


def _jump(text: str, config: tuple[str, ...], depth: int) -> SshSettings:
    """Return the last of the jump hosts, which is reached through those before it, as ssh does it."""
    if depth >= _DEEPEST:
        raise SshConfigError(f"ProxyJump {text}: more than {_DEEPEST} jump hosts: does one lead to itself?")
    before, _comma, last = text.rpartition(",")
    found = _JUMP.fullmatch(last)
    if found is None:
        raise SshConfigError(f"ProxyJump {text}: expected [user@]host[:port]")
    name = found["six"] or found["host"]
    own = (*_option("-p", found["port"]), *_option("-l", found["user"]))
    return _settings(name, options_of(own, (*_option("-J", before or None), *config), name), config, depth + 1)


def _strict(word: str) -> str:
    return {"true": "yes", "false": "no", "off": "no"}.get(word.lower(), word.lower())


def _agent(value: str, expand: t.Callable[[str], str]) -> str | None:
    if value.lower() == "none":
        return None
    if value == "SSH_AUTH_SOCK":
        return os.environ.get("SSH_AUTH_SOCK") or None
    if value.startswith("$") and not value.startswith("${"):
        return os.environ.get(value[1:]) or None
    return expand(value)


def _paths(text: str) -> tuple[str, ...]:
    """Return the paths of a line. ``ssh -G`` does not quote blanks, so words that are one existing path are one."""
    words, paths = text.split(), []
    while words:
        length = next((n for n in range(len(words), 1, -1) if os.path.exists(" ".join(words[:n]))), 1)
        paths.append(" ".join(words[:length]))
        del words[:length]
    return tuple(path for path in paths if path.lower() != "none")


def _tokens(name: str, hostname: str, port: int, user: str, alias: str, jump: str) -> dict[str, str]:
    local = socket.gethostname()
    jump = "" if jump.lower() == "none" else jump
    connection = hashlib.sha1(f"{local}{hostname}{port}{user}{jump}".encode(), usedforsecurity=False).hexdigest()
    return {
        "%": "%", "C": connection, "d": expand_home("~"), "h": hostname, "i": str(os.getuid()), "j": jump,
        "k": alias or name, "L": local.partition(".")[0], "l": local, "n": name, "p": str(port), "r": user,
        "u": local_user(),
    }  # fmt: skip


def _expand(text: str, tokens: t.Mapping[str, str]) -> str:
    try:
        text = _VARIABLE.sub(lambda found: os.environ[found[1]], text)
        return expand_home(_TOKEN.sub(lambda found: tokens[found[1]], text))
    except KeyError as error:
        raise SshConfigError(f"{text}: no value for {error.args[0]}") from None


def _unique(values: t.Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
