# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The meaning of an SSH configuration where no ssh client is installed, as in some execution environments."""

from __future__ import annotations

import getopt
import getpass
import os
import tempfile
import typing as t
from pathlib import Path

try:
    from asyncssh.config import SSHClientConfig
except Exception:  # asyncssh_channel.py tells of it.
    HAS_ASYNCSSH = False
else:
    HAS_ASYNCSSH = True

    class _Config(SSHClientConfig):
        """The options that asyncssh leaves to its caller are options of a configuration too."""

        _handlers = {  # noqa: RUF012 (as the class above has it)
            **SSHClientConfig._handlers,
            **{
                name.lower(): (name, handler)
                for name, handler in (
                    ("StrictHostKeyChecking", SSHClientConfig._set_string),
                    ("PubkeyAcceptedAlgorithms", SSHClientConfig._set_string),
                    ("RevokedHostKeys", SSHClientConfig._set_string),
                )
            },
        }


# The ssh client's own: which of them take a value.
_FLAGS = "46AaCfGgKkMNnqsTtVvXxYyB:b:c:D:E:e:F:I:i:J:L:l:m:O:o:p:Q:R:S:W:w:"
_WORDS = {"-p": "Port", "-l": "User", "-i": "IdentityFile", "-J": "ProxyJump", "-b": "BindAddress"}
_SETS = {"-C": "Compression yes", "-4": "AddressFamily inet", "-6": "AddressFamily inet6"}
_IDENTITIES = ("id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk")
_DEFAULTS: dict[str, list[str]] = {
    "identityfile": [f"~/.ssh/{name}" for name in _IDENTITIES],
    "userknownhostsfile": ["~/.ssh/known_hosts ~/.ssh/known_hosts2"],
    "globalknownhostsfile": ["/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"],
    "port": ["22"],
}
_FAMILIES = {"2": "inet", "10": "inet6", "0": "any"}


def options_of(arguments: t.Sequence[str], host: str) -> dict[str, list[str]]:
    """Return the options of a host as ``ssh -G`` would print them. Raise OSError and ValueError."""
    if not HAS_ASYNCSSH:
        raise ValueError("neither an ssh client nor asyncssh is there to read it")
    lines, files = _first_lines(arguments)
    with tempfile.NamedTemporaryFile("w", prefix="hubspoke-", suffix=".conf") as first:
        first.write("\n".join(lines) + "\n")
        first.flush()
        own = [Path(first.name), *files]
        user = getpass.getuser()
        found = _Config.load(None, own, False, False, False, user, (), host, ())  # noqa: FBT003
        if found.has_match_final():
            found = _Config.load(found, own, True, False, True, user, (), host, ())  # noqa: FBT003
    options = {name.lower(): _printed(name, value) for name, value in found.get_options(False).items()}  # noqa: FBT003
    return _DEFAULTS | {"hostname": [host], "user": [getpass.getuser()]} | options


def _first_lines(arguments: t.Sequence[str]) -> tuple[list[str], list[Path]]:
    """Return what options of the ssh client say as lines of a configuration, and the files that come after them."""
    try:
        given, _rest = getopt.getopt(list(arguments), _FLAGS)
    except getopt.GetoptError as error:
        raise ValueError(f"options of ssh: {error.msg}") from None
    lines, files = [], []
    for flag, value in given:
        if flag == "-F":
            files = [Path(value)]
        elif flag == "-o":
            lines.append(value.replace("=", " ", 1))
        elif flag in _WORDS:
            lines.append(f'{_WORDS[flag]} "{value}"')
        elif flag in _SETS:
            lines.append(_SETS[flag])
    if files:
        return lines, [] if str(files[0]).lower() == "none" else files
    defaults = (Path(os.path.expanduser("~/.ssh/config")), Path("/etc/ssh/ssh_config"))
    return lines, [path for path in defaults if path.is_file()]


def _printed(name: str, value: t.Any) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if name == "AddressFamily":
        return [_FAMILIES.get(str(int(value)), "any")]
    if isinstance(value, list):
        words = [str(word) for word in value]
        return words if name in ("IdentityFile", "CertificateFile") else [" ".join(words) or "none"]
    return ["none" if value is None else str(value)]
