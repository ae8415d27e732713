# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When ssh is asked for each host, and when once for all."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import (
    asyncssh_login,
    ssh_config,
    ssh_config_client,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.target import Target

# Stands for ssh: it says for which host it was asked, and repeats the options of the call.
SSH = """#!/bin/sh
echo "$@" >> "{folder}/calls"
port=22
for last; do [ "$before" = -p ] && port=$last; before=$last; done
cat <<END
user asked
hostname $last
port $port
identityfile ~/.ssh/id_ed25519
userknownhostsfile {folder}/known one {folder}/two
globalknownhostsfile none
stricthostkeychecking true
proxyjump none
END
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "ssh"
    program.write_text(SSH.format(folder=tmp_path))
    program.chmod(0o700)
    (tmp_path / "known one").touch()
    monkeypatch.setattr(ssh_config_client, "find_client", lambda: str(program))
    return tmp_path


def calls(folder: Path, text: str, *arguments: str) -> list[str]:
    """Resolve two hosts, and return how ssh was called."""
    config = folder / "config"
    config.write_text(text)
    for host, port in (("oslo", 830), ("bergen", 831)):
        found = ssh_config.settings_of(
            Target(host, host, port, "admin", ssh_config=str(config), ssh_args=tuple(arguments))
        )
        assert (found.hostname, found.port, found.known_as) == (host, port, f"[{host}]:{port}")
    return (folder / "calls").read_text().splitlines()


@pytest.mark.parametrize(
    ("text", "arguments", "count"),
    [
        ("Host *\n  IdentityFile ~/.ssh/x\n", (), 1),
        ("User=admin\n# Match all %h\n", ("-o", "Compression=yes"), 1),
        ("Host *\n  ControlPath ~/%r@%h:%p\n", ("-o", "ControlPath=%C"), 1),
        ("", ("-o", "HostName=192.0.2.1"), 2),
        ("", ("-oHostName 192.0.2.1",), 2),
        ("Include {folder}/absent\nHost *\n", (), 1),
        ("Include {folder}/plain\n", (), 1),
        ("Include {folder}/told\n", (), 2),
        ("Include {folder}/*\n", (), 2),
        ("Host oslo\n  Port 1\n", (), 2),
        ("Match all\n  Port 1\n", (), 2),
        ("IdentityFile %h\n", (), 2),
        ("HostName other\n", (), 2),
        ("Host *\n", ("-i", "%h"), 2),
    ],
)
def test_ssh_is_asked_once_where_a_configuration_tells_no_hosts_apart(
    text: str, arguments: tuple[str, ...], count: int, folder: Path
) -> None:
    (folder / "plain").write_text("User x\n")
    (folder / "told").write_text("Host bergen\n  User x\n")
    found = calls(folder, text.format(folder=folder), *arguments)
    assert len(found) == count
    assert (" -p 831 " in found[-1]) == (count > 1)


def test_what_ssh_says_is_what_a_session_takes(folder: Path) -> None:
    config = folder / "config"
    config.write_text("Match all\n")
    found = ssh_config.settings_of(Target("oslo", "OSLO", ssh_config=str(config), key_file="/key"))
    assert (found.user, found.port, found.strict, found.jump, found.proxy_command) == ("asked", 830, "yes", None, None)
    assert found.known_hosts == (f"{folder}/known one", f"{folder}/two")
    assert found.identity_files[0] == "/key"
    assert found.identity_files[1].endswith("/.ssh/id_ed25519")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ((), ["a", "b"]),
        (("b", "c", "unheard-of"), ["b", "c"]),
        (("+c",), ["a", "b", "c"]),
        (("^c", "b"), ["c", "b", "a"]),
        (("-a",), ["b"]),
        (("-*",), []),
        (("unheard-of",), []),
    ],
)
def test_algorithms_as_a_configuration_has_them(wanted: tuple[str, ...], expected: list[str]) -> None:
    assert asyncssh_login.expanded(wanted, ["a", "b", "c"], ["a", "b"]) == expected


@pytest.mark.parametrize("word", ["false", "no"])
def test_only_none_is_no_proxy(word: str) -> None:
    found = ssh_config._settings("oslo", {"proxycommand": [word], "revokedhostkeys": [word]}, (), 0)
    assert (found.proxy_command, found.revoked_keys) == (word, word)
    none = ssh_config._settings("oslo", {"proxycommand": ["none"], "proxyjump": ["None"]}, (), 0)
    assert (none.proxy_command, none.jump, none.revoked_keys) == (None, None, None)
