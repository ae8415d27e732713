# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The answer of ``ssh -G``: for each host on its own, or once for all where the configuration tells no hosts apart."""

from __future__ import annotations

import functools
import glob
import os
import pwd
import shutil
import subprocess
import threading
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import ssh_config_without_client
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.regular_files import (
    require_regular,
)

Options = dict[str, list[str]]
_SECONDS = 20
_SYSTEM_FILE = "/etc/ssh/ssh_config"
# Each of these may answer otherwise for another host. A token does where it stands.
_TELLS_APART = frozenset(("match", "hostname", "canonicalizehostname", "canonicaldomains"))
# Its tokens are many a configuration's only ones.
_OF_NO_EFFECT = "controlpath"
_ask_once = threading.Lock()


class SshConfigError(Exception):
    """The SSH configuration cannot be read, or means nothing that can be done."""


def options_of(own: tuple[str, ...], arguments: tuple[str, ...], host: str) -> Options:
    """Return the options of a host by their names in lower case, each as the values of its lines.

    ``own`` are options for ssh that hold for this host alone (``-p``, ``-l``), ``arguments`` those of many.
    """
    files = _files(arguments)
    is_for_all = _is_for_all_hosts(arguments, files, _changed(files))
    client = find_client()
    if client is None:
        try:
            return ssh_config_without_client.options_of((*own, *arguments), host)
        except (OSError, ValueError) as error:
            raise SshConfigError(str(error)) from None
    if not is_for_all:
        return _ask(client, (*own, *arguments), host)
    # One at a time, as the first answer is that of all.
    with _ask_once:
        found = {name: list(values) for name, values in _ask_for_all(client, arguments, _changed(files)).items()}
    given = dict(zip(own[::2], own[1::2], strict=True))
    found["hostname"] = [host.lower()]
    found["port"] = [given["-p"]] if "-p" in given else found["port"]
    found["user"] = [given["-l"]] if "-l" in given else found["user"]
    return found


def find_client() -> str | None:
    """Return the path of the ssh client."""
    return shutil.which("ssh")


def _ask(client: str, arguments: tuple[str, ...], host: str) -> Options:
    try:
        done = subprocess.run(  # noqa: S603 (the arguments are the operator's own, and no shell reads them)
            [client, "-G", *arguments, "--", host],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False,
        )  # fmt: skip
    except (ValueError, subprocess.TimeoutExpired) as error:
        raise SshConfigError(f"ssh -G: {error}") from None
    if done.returncode:
        raise SshConfigError(_complaint(done.stderr) or f"ssh -G ended with {done.returncode}")
    found: Options = {}
    for line in done.stdout.splitlines():
        name, _space, value = line.partition(" ")
        found.setdefault(name.lower(), []).append(value.strip())
    return found


@functools.lru_cache(maxsize=32)
def _ask_for_all(client: str, arguments: tuple[str, ...], _changes: tuple[float, ...]) -> Options:
    return _ask(client, arguments, "any-host")


def _complaint(text: str) -> str:
    """Return the first thing that ssh says, which is the cause."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("Pseudo-terminal")]
    return lines[0] if lines else ""


# --- whether a configuration tells hosts apart ---


def _files(arguments: t.Sequence[str]) -> tuple[str, ...]:
    named = config_among(arguments)
    return named[1:] if named else (expand_home("~/.ssh/config"), _SYSTEM_FILE)


def expand_home(path: str) -> str:
    """Return a path with ``~`` as ssh has it: the home that the user database knows, whatever HOME says."""
    if path != "~" and not path.startswith("~/"):
        return os.path.expanduser(path)
    try:
        return pwd.getpwuid(os.getuid()).pw_dir + path[1:]
    except KeyError:
        return os.path.expanduser(path)


def config_among(arguments: t.Sequence[str]) -> tuple[str, ...]:
    """Return the last ``-F`` among options of ssh, or nothing."""
    found: tuple[str, ...] = ()
    for number, word in enumerate(arguments):
        if word == "-F" and number + 1 < len(arguments):
            found = ("-F", arguments[number + 1])
        elif word.startswith("-F") and word != "-F":
            found = ("-F", word[2:])
    return found


def _changed(files: t.Iterable[str]) -> tuple[float, ...]:
    return tuple(os.stat(file).st_mtime_ns if os.path.exists(file) else 0 for file in files)


@functools.lru_cache(maxsize=32)
def _is_for_all_hosts(arguments: tuple[str, ...], files: tuple[str, ...], _changes: tuple[float, ...]) -> bool:
    words = [word.lower().removeprefix("-o").lstrip() for word in arguments]
    seen: set[str] = set()
    # Every file is looked at, also after the first that tells hosts apart: ssh would wait for ever for a FIFO.
    tell_apart = [_tells_apart(file, seen) for file in files]
    return not (
        any(tell_apart)
        or any("%" in word and not word.startswith(_OF_NO_EFFECT) for word in words)
        or any(word.startswith(tuple(_TELLS_APART)) for word in words)
    )


def _tells_apart(file: str, seen: set[str]) -> bool:
    if file in seen:
        return False
    seen.add(file)
    require_regular("SSH configuration", file)
    try:
        with open(file, encoding="utf-8", errors="replace") as handle:
            lines = handle.read().splitlines()
    except OSError:
        return False
    told = [_line_tells_apart(line.strip(), file, seen) for line in lines]
    return any(told)


def _line_tells_apart(line: str, file: str, seen: set[str]) -> bool:
    if not line or line.startswith("#"):
        return False
    words = line.replace("=", " ", 1).split()
    keyword, values = words[0].lower(), words[1:]
    if keyword == "include":
        folder = "/etc/ssh" if file.startswith("/etc/ssh/") else expand_home("~/.ssh")
        patterns = (os.path.join(folder, expand_home(value.strip("\"'"))) for value in values)
        found = (path for pattern in patterns for path in glob.glob(pattern) if _is_included(path, pattern))
        told = [_tells_apart(path, seen) for path in found]
        return any(told)
    return (
        ("%" in line and keyword != _OF_NO_EFFECT) or keyword in _TELLS_APART or (keyword == "host" and values != ["*"])
    )


def _is_included(path: str, pattern: str) -> bool:
    """Whether a path that a pattern of Include matches is meant: of folders that match, ssh reads nothing."""
    return path == pattern or not os.path.isdir(path)
