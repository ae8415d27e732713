# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each way of not getting in has a sentence of its own, whichever the transport, and whatever it is about."""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
import typing as t
from pathlib import Path

import asyncssh
import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import asyncssh_errors
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session, Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError

from tests.ssh import fake_device as fake
from tests.ssh.world import Way, World, check, world

RARE_ALGORITHM = "ecdh-sha2-1.3.132.0.10"


def refused(_world: World) -> int:
    return fake.closed_port()


def timed_out(world: World) -> int:
    return world.stack.enter_context(fake.full_port())


def unknown_name(world: World) -> int:
    world.arguments["address"] = "no-such-name.invalid"
    return 830


def no_path(world: World) -> int:
    # Documentation's own network, and a route to it that says no, or none at all.
    world.arguments["address"] = "255.255.255.255"
    return 830


def silent(world: World) -> int:
    return world.stack.enter_context(fake.plain_server(fake.say(b"")))


def silent_after_version(world: World) -> int:
    return world.stack.enter_context(fake.plain_server(fake.say(b"SSH-2.0-Quiet\r\n")))


def another_service(world: World) -> int:
    return world.stack.enter_context(fake.plain_server(fake.say(b"220 mail.example.net ESMTP\r\n")))


def endless(world: World) -> int:
    return world.stack.enter_context(fake.plain_server(fake.say_for_ever(b"x")))


def cut(world: World) -> int:
    return world.stack.enter_context(fake.plain_server(fake.hang_up))


def too_many(world: World) -> int:
    return world.stack.enter_context(fake.plain_server(lambda one: one.sendall(b"Exceeded MaxStartups\r\n")))


def no_common_algorithm(world: World) -> int:
    return world.device(kex_algs=[RARE_ALGORITHM]).port


def no_common_mac(world: World) -> int:
    return world.device(encryption_algs=["aes128-ctr"], mac_algs=["hmac-sha256-2@ssh.com"]).port


def no_subsystem(world: World) -> int:
    return world.device(subsystem=False).port


def no_hello(world: World) -> int:
    return world.device(hello=b"").port


def broken_hello(world: World) -> int:
    return world.device(hello=b"<hello" + fake.END).port


def wrong_password(world: World) -> int:
    return world.device(password="another").port


def wrong_key(world: World) -> int:
    world.arguments |= {"password": None, "key_file": world.key()}
    return world.device(password=None).port


def nothing_to_show(world: World) -> int:
    world.arguments["password"] = None
    return world.device().port


def key_missing(world: World) -> int:
    world.arguments |= {"password": None, "key_file": str(world.folder / "id_absent")}
    return world.device().port


def key_encrypted(world: World) -> int:
    world.arguments |= {"password": None, "key_file": world.key(passphrase="only I know")}
    return world.device().port


def key_wrong_passphrase(world: World) -> int:
    world.arguments |= {"password": None, "key_file": world.key(passphrase="only I know"), "passphrase": "a guess"}
    return world.device().port


def key_garbage(world: World) -> int:
    path = world.folder / "id_garbage"
    path.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nnothing\n-----END OPENSSH PRIVATE KEY-----\n")
    path.chmod(0o600)
    world.arguments |= {"password": None, "key_file": str(path)}
    return world.device().port


def host_key_unknown(world: World) -> int:
    return world.device(known=False).port


def host_key_changed(world: World) -> int:
    one = world.device(known=False)
    world.known.append(f"[127.0.0.1]:{one.port} {_another_key()}")
    return one.port


def host_key_revoked(world: World) -> int:
    one = world.device()
    world.known.append(f"@revoked * {one.public()}")
    return one.port


def _another_key() -> str:
    return asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()


def unparsable_config(world: World) -> int:
    world.config = "Host *\n  ProxyJmp bastion\n  ConnectTimeout 2\n"
    return world.device().port


def config_missing(world: World) -> int:
    world.arguments["ssh_config"] = str(world.folder / "absent")
    return 830


def bad_arguments(world: World) -> int:
    world.arguments["ssh_args"] = ("-o", "ProxyJmp=bastion")
    return 830


WAYS = (
    Way(refused, "unreachable", r"NETCONF over SSH: expected an answer, actual connection refused\."),
    Way(timed_out, "unreachable", r"NETCONF over SSH: expected a connection within 2 s, actual none\."),
    Way(unknown_name, "unreachable", r"address: expected a name that resolves, actual [a-z]"),
    Way(no_path, "unreachable", r"NETCONF over SSH: expected an answer, actual (network|permission|cannot)"),
    Way(silent, "unreachable", r"SSH: expected a version line within 2 s, actual connected and silent\."),
    Way(silent_after_version, "unreachable", r"SSH: expected an answer to the login within 2 s, actual connected and"),
    Way(another_service, "unreachable", r"SSH: expected a version line, actual '220 mail\.example\.net ESMTP'\."),
    Way(endless, "unreachable", r"SSH: expected a version line, actual 'x+'\."),
    Way(cut, "unreachable", r"SSH: expected a login, actual the other end closed the connection before it, \d times\."),
    Way(too_many, "unreachable", r"the other end closed the connection before it, \d times\. Its limit of connections"),
    Way(no_common_algorithm, "unreachable", rf"SSH key exchange: expected an algorithm in common, actual none: the"
        rf" device offers {RARE_ALGORITHM}\S*, this side ", r"SSH kex: expected an algorithm in common, actual none"),
    Way(no_common_mac, "unreachable", r"SSH MAC: expected an algorithm in common, actual none: the device offers"
        r" hmac-sha256-2@ssh.com, this side ", r"SSH macs: expected an algorithm in common, actual none"),
    Way(no_subsystem, "unreachable", r"SSH subsystem netconf: expected to start, actual refused"),
    Way(no_hello, "unreachable", r"NETCONF hello: expected one, actual none within 2 s\."),
    Way(broken_hello, "unreachable", r"NETCONF hello: expected one, actual a hello that is no XML",
        r"NETCONF hello: expected one, actual "),
    Way(wrong_password, "authentication", r"login as admin: expected to be accepted, actual refused; tried .*password"),
    Way(wrong_key, "authentication", r"actual refused; tried key \S*id_test\."),
    Way(nothing_to_show, "authentication", r"actual refused; tried nothing, as there is neither key nor password\."),
    Way(key_missing, "authentication", r"SSH key \S*id_absent: expected a private key, actual no such file; login as"),
    Way(key_encrypted, "authentication", r"SSH key \S*id_test: .* actual encrypted, and no passphrase is known for it,"
        r" and there is no agent; login as admin refused"),
    Way(key_wrong_passphrase, "authentication", r"SSH key \S*id_test: .* actual encrypted, and the passphrase "),
    Way(key_garbage, "authentication", r"SSH key \S*id_garbage: expected a private key, actual \S"),
    Way(host_key_unknown, "host_key", r"SSH host key: expected one listed in known_hosts, actual unknown ED25519 key"
        r" SHA256:\S+\. Compare the fingerprint with the device's, then add the key: ssh-keyscan -p",
        r"actual unknown key MD5:\S+\. Compare the fingerprint"),
    Way(host_key_changed, "host_key", r"SSH host key: expected SHA256:\S+ of \S+known_hosts:1, actual CHANGED to"
        r" ED25519 key SHA256:\S+\. Another device .* intercepted", r"actual CHANGED to key MD5:\S+\. Another device"),
    Way(host_key_revoked, "host_key", r"actual ED25519 key SHA256:\S+, REVOKED in \S+known_hosts:2\. Nothing was sent",
        r"REVOKED in \S+known_hosts:2\. Nothing was sent"),
    Way(unparsable_config, "controller", r"SSH configuration: expected to be read, actual \S+config: line 2: Bad"
        r" configuration option: proxyjmp\."),
    Way(config_missing, "controller", r"SSH configuration: expected to be read, actual .*absent: No such file"),
    Way(bad_arguments, "controller", r"SSH configuration: expected to be read, actual command-line: line 0: Bad"),
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.happens.__name__)
def test_a_way_of_not_getting_in(way: Way, transport: str, tmp_path: Path) -> None:
    check(way, transport, tmp_path)


def _opened(target: Target, free: int, told: t.Any) -> None:
    """Say how a session opens in a process with so many free file descriptors. The device is in another one."""
    session = Session(target)
    # What is made once for all sessions is there already.
    session.open()
    session.close()
    # The last of them is closed by the event loop, in its own time.
    time.sleep(0.5)
    highest = max(int(name) for name in os.listdir("/proc/self/fd"))
    gaps = set(range(highest)) - {int(name) for name in os.listdir("/proc/self/fd")}
    fill = [os.open(os.devnull, os.O_RDONLY) for _number in gaps]
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1 + free, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    try:
        Session(target).open()
        told.put("opened")
    except SessionError as error:
        told.put(error.reason if error.reason == "controller" else str(error))
    for one in fill:
        os.close(one)


def test_no_file_descriptor_is_a_fault_of_the_controller(transport: str, tmp_path: Path) -> None:
    """Whichever step takes the last one: the configuration, a socket, a key."""
    context = multiprocessing.get_context("fork")
    found = []
    with world(tmp_path) as made:
        target = made.target(made.device().port, transport)
        for free in (0, 1, 2, 3, 4, 6, 8, 30):
            told = context.Queue()
            child = context.Process(target=_opened, args=(target, free, told))
            child.start()
            found.append(told.get(timeout=300))
            child.join(300)
    assert found[0] == "controller"
    assert found[-1] == "opened"
    assert set(found) == {"controller", "opened"}


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_channel.MISSING",
        "version 2.10.1",
    )
    with pytest.raises(
        SessionError, match=r"asyncssh: expected version 2\.19 or newer, actual version 2\.10\.1"
    ) as told:
        Session(Target("oslo", "192.0.2.1"))
    assert told.value.reason == "missing_library"
    assert asyncssh_errors.MISSING is None
