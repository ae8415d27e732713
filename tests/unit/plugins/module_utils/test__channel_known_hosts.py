# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of known hosts, with lines of every kind, and what they make of a key."""

from __future__ import annotations

import base64
import errno
import hashlib
import hmac
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import known_hosts
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.host_keys import HostKeys
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_config import SshSettings


def key(number: int, algorithm: str = "ssh-ed25519") -> str:
    """Return a public key as files list it."""
    fields = (algorithm.encode(), bytes([number]) * 32)
    data = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    return f"{algorithm} {base64.b64encode(data).decode()}"


def blob(text: str) -> bytes:
    return base64.b64decode(text.split()[1])


def hashed(name: str) -> str:
    salt = b"salt"
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (f"oslo {key(1)}", "key"),
        (f"OSLO,[192.0.2.1]:830 {key(1)} a comment", "key"),
        (f"berlin,o?lo {key(1)}", "key"),
        (f"*,!berlin {key(1)}", "key"),
        (f"{hashed('oslo')} {key(1)}", "key"),
        (f"@revoked oslo {key(1)}", "revoked"),
        (f"@cert-authority *slo {key(1)}", "cert-authority"),
        (f"*,!oslo {key(1)}", None),
        (f"{hashed('berlin')} {key(1)}", None),
        (f"|1|cut {key(1)}", None),
        (f"|2|c2FsdA==|c2FsdA== {key(1)}", None),
        (f"oslo {key(1)[:-8]}", None),
        ("oslo ssh-ed25519", None),
        ("oslo ssh-ed25519 not-base-64", None),
        (f"oslo ssh-rsa {key(1).split()[1]}", None),
        (f"@unheard-of oslo {key(1)}", None),
        (f"# oslo {key(1)}", None),
        ("", None),
    ],
)
def test_a_line_says_what_it_says_and_nothing_of_the_next(line: str, kind: str | None, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_bytes(f"{line}\nother {key(9)}\n".encode() + b"\xff\xfe\n" + f"oslo {key(2)}\n".encode())
    found = known_hosts.keys_of([str(file)], "oslo")
    assert [one.text for one in found if one.text == key(2)] == [key(2)]
    assert [one.kind for one in found if one.text != key(2)] == ([kind] if kind else [])
    assert all(one.place == f"{file}:1" for one in found if one.text != key(2))


def test_files_are_read_in_turn_and_one_that_is_not_there_lists_nothing(tmp_path: Path) -> None:
    for name, number in (("one", 1), ("two", 2)):
        (tmp_path / name).write_text(f"oslo {key(number)}\n")
    files = [str(tmp_path / name) for name in ("absent", "one", "two")]
    assert [one.text for one in known_hosts.keys_of(files, "oslo")] == [key(1), key(2)]


def test_a_file_that_changes_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    assert known_hosts.keys_of([str(file)], "oslo") == ()
    known_hosts.add(str(file), "oslo", key(1))
    known_hosts.add(str(file), "oslo", key(2))
    assert [one.text for one in known_hosts.keys_of([str(file)], "oslo")] == [key(1), key(2)]
    assert file.stat().st_mode & 0o777 == 0o600


def host_keys(tmp_path: Path, *lines: str, strict: str = "ask", port: int = 830) -> HostKeys:
    file = tmp_path / "known_hosts"
    file.write_text("".join(f"{line}\n" for line in lines))
    settings = SshSettings("oslo", "oslo", port, "admin", known_hosts=(str(file),), strict=strict)
    return HostKeys(settings, checking=True)


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        ([], "unknown"),
        ([f"[oslo]:830 {key(1)}"], "known"),
        ([f"oslo {key(1)}"], "known"),
        ([f"[oslo]:830 {key(2)}"], "changed"),
        # As for ssh: another port may be another device.
        ([f"oslo {key(2)}"], "unknown"),
        ([f"[oslo]:830 {key(2, 'ssh-rsa')}"], "unknown"),
        ([f"[oslo]:830 {key(2)}", f"oslo {key(1)}"], "changed"),
        ([f"[oslo]:830 {key(2)}", f"[oslo]:830 {key(1)}"], "known"),
        ([f"[oslo]:830 {key(1)}", f"@revoked * {key(1)}"], "revoked"),
        ([f"@revoked * {key(2)}"], "unknown"),
    ],
)
def test_what_a_key_is(lines: list[str], verdict: str, tmp_path: Path) -> None:
    assert host_keys(tmp_path, *lines).verdict("ssh-ed25519", blob(key(1))) == verdict


@pytest.mark.parametrize(
    ("strict", "accepted"),
    [
        ("ask", {"known"}),
        ("yes", {"known"}),
        ("accept-new", {"known", "unknown"}),
        ("no", {"known", "unknown", "changed", "revoked"}),
    ],
)
def test_whether_ssh_would_go_on(strict: str, accepted: set[str], tmp_path: Path) -> None:
    cases = {
        "known": f"[oslo]:830 {key(1)}",
        "unknown": "",
        "changed": f"[oslo]:830 {key(2)}",
        "revoked": f"@revoked * {key(1)}",
    }
    found = {
        name
        for name, line in cases.items()
        if host_keys(tmp_path, line, strict=strict).accepts("ssh-ed25519", blob(key(1)))
    }
    assert found == accepted


def test_an_error_has_the_fingerprint_and_says_how_to_add_the_key(tmp_path: Path) -> None:
    error = host_keys(tmp_path).error("oslo (oslo port 830)", "ssh-ed25519", blob(key(1)))
    fingerprint = known_hosts.fingerprint(blob(key(1)))
    assert str(error) == (
        "oslo (oslo port 830): SSH host key: expected one listed in known_hosts, actual unknown ED25519 key"
        f" {fingerprint}. Compare the fingerprint with the device's, then add the key:"
        f" ssh-keyscan -p 830 oslo >> {tmp_path / 'known_hosts'}"
    )
    assert error.reason == "host_key"


@pytest.mark.parametrize("strict", ["ask", "no"])
def test_a_file_that_cannot_be_read_is_named(strict: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold that a key is told as unknown only where every file was read: those that are not there list nothing."""
    keys = host_keys(tmp_path, strict=strict)
    files = (str(tmp_path / "absent" / "known_hosts"), *keys.settings.known_hosts)
    keys.settings = replace(keys.settings, known_hosts=files)

    opened = os.open

    def refuse(path: str, flags: int) -> int:
        if path == files[1]:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return opened(path, flags)

    monkeypatch.setattr(os, "open", refuse)
    error = keys.error("oslo (oslo port 830)", "ssh-ed25519", blob(key(1)))
    if strict == "no":
        assert error.reason == "host_key"
        return
    assert str(error) == (
        f"oslo (oslo port 830): known hosts {tmp_path.name}/known_hosts: expected readable, actual permission denied;"
        f" no other file lists the ED25519 key {known_hosts.fingerprint(blob(key(1)))}."
        f" Let the user of this run read {files[1]}, or name another file with UserKnownHostsFile."
    )
    assert error.reason == "controller"


def test_devices_at_the_same_time_read_a_file_once(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text("".join(f"host{number} {key(1)}\n" for number in range(2000)))
    before = known_hosts._parse.cache_info().misses
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: known_hosts.keys_of([str(file)], f"host{number}"), range(8)))
    assert [len(keys) for keys in found] == [1] * 8
    assert known_hosts._parse.cache_info().misses == before + 1
