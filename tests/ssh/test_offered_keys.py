# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The unknown host keys of devices and bastions are read for comparison, and trusted by nobody."""

from __future__ import annotations

from pathlib import Path

import asyncssh
import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_offered_keys import OfferedKeys

from tests.ssh import fake_device as fake
from tests.ssh.world import World, world

KINDS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa")


def offered(made: World, port: int) -> list[str]:
    """Return the lines for a device, and see that no file of known hosts has changed."""
    target = made.target(port, "asyncssh")
    before = (made.folder / "known_hosts").read_bytes()
    found = [str(one) for one in OfferedKeys().of(target)]
    assert (made.folder / "known_hosts").read_bytes() == before
    return found


def lines_of(device: fake.FakeDevice) -> set[str]:
    names = (device.public(number) for number in range(len(device.host_keys)))
    return {f"[{device.address}]:{device.port} {' '.join(text.split()[:2])}" for text in names}


@pytest.mark.parametrize("config", ["", "  StrictHostKeyChecking accept-new\n"])
def test_a_key_of_each_kind_is_offered(tmp_path: Path, config: str) -> None:
    with world(tmp_path) as made:
        made.config += config
        device = made.device(known=False, host_keys=[asyncssh.generate_private_key(kind) for kind in KINDS])
        found = offered(made, device.port)
        assert set(found) == lines_of(device)
        assert len(found) == len(KINDS)
        assert device.passwords == []


def test_the_file_that_ssh_would_add_it_to_is_named(tmp_path: Path) -> None:
    with world(tmp_path) as made:
        (found,) = OfferedKeys().of(made.target(made.device(known=False).port, "asyncssh"))
    assert found.known_hosts == str(tmp_path / "known_hosts")
    assert found.described.startswith("ED25519 key SHA256:")


def test_nothing_is_offered_of_a_device_with_a_known_key(tmp_path: Path) -> None:
    with world(tmp_path) as made:
        keys = [asyncssh.generate_private_key(kind) for kind in KINDS]
        assert offered(made, made.device(host_keys=keys).port) == []


def test_a_key_that_has_changed_or_is_revoked_is_never_offered(tmp_path: Path) -> None:
    stray = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    with world(tmp_path) as made:
        changed, revoked = made.device(known=False), made.device(known=False)
        made.known += [f"[127.0.0.1]:{changed.port} {stray}", f"@revoked * {revoked.public()}"]
        assert offered(made, changed.port) == []
        assert offered(made, revoked.port) == []


def test_a_device_that_is_away_offers_nothing(tmp_path: Path) -> None:
    with world(tmp_path) as made:
        assert offered(made, fake.closed_port()) == []


def test_an_unknown_bastion_is_asked_once_for_all_devices_behind_it(tmp_path: Path) -> None:
    with world(tmp_path) as made:
        bastion, one, other = made.device(known=False), made.device(known=False), made.device(known=False)
        made.arguments["ssh_args"] = ("-J", f"127.0.0.1:{bastion.port}")
        keys = OfferedKeys()
        found = [keys.of(made.target(device.port, "asyncssh")) for device in (one, other)]
        assert [{str(line) for line in lines} for lines in found] == [lines_of(bastion)] * 2
        asked = len(bastion.connections)
        keys.of(made.target(one.port, "asyncssh"))
        assert len(bastion.connections) == asked
        assert one.connections == other.connections == []


def test_a_device_behind_a_known_bastion_is_asked_through_it(tmp_path: Path) -> None:
    with world(tmp_path) as made:
        path = made.key()
        bastion = made.device(keys=[asyncssh.read_private_key(path)])
        bastion.forwards = True
        device = made.device(known=False)
        made.config += f"  IdentityFile {path}\n"
        made.arguments["ssh_args"] = ("-J", f"127.0.0.1:{bastion.port}")
        assert set(offered(made, device.port)) == lines_of(device)
        # One login there, however many kinds of keys are asked for.
        assert len(bastion.connections) == 1
        assert len(device.connections) > 1
