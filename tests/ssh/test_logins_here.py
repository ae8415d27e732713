# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trouble on the way to a device, and on this side of it: a ProxyCommand, a bastion, an agent, what is no file."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tests.ssh import fake_device as fake
from tests.ssh.world import QUICK, Way, World, check

# As an error names a bastion, and the command to try it.
BASTION = r"bastion 127\.0\.0\.1 \(user \w+, port \d+\): expected to carry the connection, actual: "
BY_HAND = r" Try it by hand: ssh -F \S+ -l \w+ -p \d+ 127\.0\.0\.1$"
CARRIES = "expected a connection, actual "
NO_FILE = "expected a regular file, actual a "
NO_KEY = "expected a private key, actual a "


def proxy_not_there(world: World) -> int:
    world.config += "  ProxyCommand no-such-command %h %p\n"
    return 830


def proxy_fails(world: World) -> int:
    world.config += "  ProxyCommand sh -c 'echo no way to %h >&2; exit 1'\n"
    return 830


def proxy_says_nothing(world: World) -> int:
    world.config += "  ProxyCommand sleep 60\n"
    return 830


def proxy_killed(world: World) -> int:
    world.config += "  ProxyCommand sh -c 'kill $$'\n"
    return 830


def proxy_ends(world: World) -> int:
    world.config += "  ProxyCommand /bin/true\n"
    return 830


def proxy_says_garbage(world: World) -> int:
    world.config += "  ProxyCommand sh -c 'echo HTTP/1.1 403 Forbidden; sleep 60'\n"
    return 830


def proxy_with_a_password(world: World) -> int:
    world.config += "  ProxyCommand sh -c 'echo me:secret is wrong >&2; exit 3' sh --proxy-auth me:secret\n"
    return 830


def _fifo(world: World, name: str = "fifo") -> str:
    path = world.folder / name
    os.mkfifo(path, 0o600)
    return str(path)


def _folder(world: World, name: str = "folder") -> str:
    path = world.folder / name
    path.mkdir()
    return str(path)


def key_fifo(world: World) -> int:
    world.arguments |= {"password": None, "key_file": _fifo(world, "id_fifo")}
    return world.device().port


def key_folder(world: World) -> int:
    world.arguments |= {"password": None, "key_file": _folder(world, "id_folder")}
    return world.device().port


def key_device(world: World) -> int:
    world.arguments |= {"password": None, "key_file": "/dev/zero"}
    return world.device().port


def identity_fifo(world: World) -> int:
    world.arguments["password"] = None
    world.config += f"  IdentityFile {_fifo(world, 'id_fifo')}\n"
    return world.device().port


def known_hosts_fifo(world: World) -> int:
    world.config += f"  GlobalKnownHostsFile {_fifo(world)}\n"
    return world.device().port


def known_hosts_folder(world: World) -> int:
    world.config += f"  GlobalKnownHostsFile {_folder(world)}\n"
    return world.device().port


def known_hosts_device(world: World) -> int:
    world.config += "  GlobalKnownHostsFile /dev/zero\n"
    return world.device().port


def revoked_fifo(world: World) -> int:
    world.config += f"  RevokedHostKeys {_fifo(world)}\n"
    return world.device().port


def config_fifo(world: World) -> int:
    world.arguments["ssh_config"] = _fifo(world)
    return 830


def config_folder(world: World) -> int:
    world.arguments["ssh_config"] = _folder(world)
    return 830


def config_device(world: World) -> int:
    world.arguments["ssh_config"] = "/dev/zero"
    return 830


def include_fifo(world: World) -> int:
    # After a line that tells hosts apart, which is all that must be known of the others.
    world.config = f"Host oslo\n  User x\nInclude {_fifo(world)}\n{QUICK}"
    return 830


def include_pattern_fifo(world: World) -> int:
    folder = _folder(world, "conf.d")
    os.mkfifo(f"{folder}/fifo")
    os.mkdir(f"{folder}/of-no-matter")
    world.config = f"Include {folder}/*\n{QUICK}"
    return 830


def include_folder(world: World) -> int:
    world.config = f"Include {_folder(world)}\n{QUICK}"
    return 830


def include_device(world: World) -> int:
    world.config = f"Include /dev/zero\n{QUICK}"
    return 830


def agent_silent(world: World) -> int:
    listening = world.stack.enter_context(socket.socket(socket.AF_UNIX))
    listening.bind(str(world.folder / "agent"))
    listening.listen(5)
    world.config += f"  IdentityAgent {world.folder}/agent\n"
    return world.device().port


def bastion_silent(world: World) -> int:
    port = world.stack.enter_context(fake.plain_server(fake.say(b"")))
    world.arguments["ssh_args"] = ("-J", f"127.0.0.1:{port}")
    return world.device().port


def bastion_refused(world: World) -> int:
    world.arguments["ssh_args"] = ("-J", f"127.0.0.1:{fake.closed_port()}")
    return world.device().port


WAYS = (
    Way(proxy_not_there, "controller", r"ProxyCommand 'no-such-command': expected to run, actual ended with status 127,"
        r" saying: .*not found"),
    Way(proxy_fails, "unreachable", rf"ProxyCommand 'sh': {CARRIES}ended with status 1, saying: no way to 127\.0\.0\.1"
        r"\. Run it by hand: 'ssh -G'"),
    Way(proxy_killed, "unreachable", rf"ProxyCommand 'sh': {CARRIES}ended by signal 15\."),
    Way(proxy_ends, "unreachable", rf"ProxyCommand '/bin/true': {CARRIES}ended with status 0\."),
    Way(proxy_says_nothing, "unreachable", rf"ProxyCommand 'sleep': {CARRIES}nothing within 2 s\."),
    Way(proxy_says_garbage, "unreachable", rf"ProxyCommand 'sh': {CARRIES}'HTTP/1\.1 403 Forbidden' instead of an SSH"
        r" server's version line\."),
    Way(proxy_with_a_password, "unreachable", rf"ProxyCommand 'sh': {CARRIES}ended with status 3, saying: \*\*\* is"),
    Way(bastion_refused, "unreachable", rf"{BASTION}SSH: expected an answer, actual connection refused\.{BY_HAND}",
        rf"{BASTION}ssh: connect to host 127\.0\.0\.1 port \d+: Connection refused\.{BY_HAND}"),
    Way(bastion_silent, "unreachable", rf"{BASTION}SSH: expected a version line within 2 s, actual .*\.{BY_HAND}",
        rf"{BASTION}(connection to \S+ port \d+ timed out|nothing within 4 s)\.{BY_HAND}"),
    Way(key_fifo, "authentication", rf"SSH key \S*id_fifo: {NO_KEY}FIFO; login as admin refused"),
    Way(key_folder, "authentication", rf"SSH key \S*id_folder: {NO_KEY}folder; login as admin refused"),
    Way(key_device, "authentication", rf"SSH key /dev/zero: {NO_KEY}device; login as admin refused"),
    Way(identity_fifo, "authentication", rf"SSH key \S*id_fifo: {NO_KEY}FIFO; login as admin refused"),
    Way(known_hosts_fifo, "controller", rf"file of known hosts \S*fifo: {NO_FILE}FIFO\."),
    Way(known_hosts_folder, "controller", rf"file of known hosts \S*folder: {NO_FILE}folder\."),
    Way(known_hosts_device, "controller", rf"file of known hosts /dev/zero: {NO_FILE}device\."),
    Way(revoked_fifo, "controller", rf"RevokedHostKeys \S*fifo: {NO_FILE}FIFO\."),
    Way(config_fifo, "controller", rf"SSH configuration \S*fifo: {NO_FILE}FIFO\. Correct the"),
    Way(config_folder, "controller", rf"SSH configuration \S*folder: {NO_FILE}folder\. Correct the"),
    Way(config_device, "controller", rf"SSH configuration /dev/zero: {NO_FILE}device\."),
    Way(include_fifo, "controller", rf"SSH configuration \S*fifo: {NO_FILE}FIFO\."),
    Way(include_pattern_fifo, "controller", rf"SSH configuration \S*fifo: {NO_FILE}FIFO\."),
    Way(include_folder, "controller", rf"SSH configuration \S*folder: {NO_FILE}folder\."),
    Way(include_device, "controller", rf"SSH configuration /dev/zero: {NO_FILE}device\."),
    Way(agent_silent, "controller", r"SSH agent \S*agent: expected an answer within 2 s, actual none\. Restart the"),
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.happens.__name__)
def test_a_way_of_not_getting_in(way: Way, transport: str, tmp_path: Path) -> None:
    check(way, transport, tmp_path)
