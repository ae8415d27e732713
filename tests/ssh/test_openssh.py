# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each feature of the table against a real OpenSSH server. What should happen, the ssh client itself says."""

from __future__ import annotations

import shlex
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session, Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError

from tests.ssh import fake_device as fake
from tests.ssh.features import BASE, FEATURES, OWN_ALGORITHMS, Feature
from tests.ssh.openssh import USER, Agent, NotAvailable, Programs, Server, keygen

OTHERS = tuple(f"other{number}" for number in range(7))
PASSPHRASE = "only I know"


@dataclass
class Site:
    """Servers and keys for all features of this file."""

    folder: Path
    programs: Programs
    servers: dict[str, Server]

    def key(self, name: str) -> Path:
        return self.folder / name

    def words(self, feature: Feature, folder: Path) -> dict[str, str]:
        """Return what stands for the words in braces."""
        server = self.servers[feature.server]
        found = {
            "folder": str(folder), "known": str(folder / "known"), "empty": str(folder / "empty"), "me": USER,
            "agent": str(folder / "agent"), "port": str(server.port), "key_text": self.key("key").read_text(),
            "device_rsa": self.servers["device"].public("rsa"), "hashed": _hashed(folder, self.servers["device"]),
            "authority": " ".join(Path(f"{self.key('authority')}.pub").read_text().split()[:2]),
            "stray_key": " ".join(Path(f"{self.key('stray')}.pub").read_text().split()[:2]),
            "certificate": str(self.folder / "apart-cert.pub"), "krl_device": str(self.folder / "krl_device"),
            "krl_stray": str(self.folder / "krl_stray"),
        }  # fmt: skip
        for name, one in self.servers.items():
            found |= {name: one.name, f"{name}_port": str(one.port), f"{name}_key": one.public()}
        names = ("key", "rsa", "secret", "certified", "adjacent", *OTHERS)
        return found | {name: str(self.key(name)) for name in names}


def _hashed(folder: Path, server: Server) -> str:
    file = folder / "to-hash"
    file.write_text(server.known() + "\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(file)], check=True, capture_output=True)
    return file.read_text().strip()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    try:
        programs = Programs.find()
    except NotAvailable as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("site")
    for name in ("key", "authority", "stray", "certified", "adjacent", *OTHERS):
        keygen("-t", "ed25519", "-f", str(folder / name))
    keygen("-t", "rsa", "-f", str(folder / "rsa"))
    keygen("-t", "ed25519", "-f", str(folder / "secret"), passphrase=PASSPHRASE)
    for name in ("certified", "adjacent"):
        keygen("-s", str(folder / "authority"), "-I", name, "-n", USER, f"{folder / name}.pub")
    # One is next to its key, the other must be named.
    (folder / "certified-cert.pub").rename(folder / "apart-cert.pub")
    trusted = f"TrustedUserCAKeys {folder}/authority.pub"
    device = Server(programs, folder / "device", [trusted], ("ed25519", "rsa"))
    keygen("-s", str(folder / "authority"), "-h", "-I", "device", "-n", "127.0.0.1", f"{device.host_key()}.pub")
    device.options = [trusted, f"HostCertificate {device.host_key()}-cert.pub"]
    keygen("-k", "-f", str(folder / "krl_device"), f"{device.host_key()}.pub")
    keygen("-k", "-f", str(folder / "krl_stray"), str(folder / "stray.pub"))
    servers = {
        "device": device,
        "six": Server(programs, folder / "six", address="::1"),
        "old": Server(programs, folder / "old", ["KexAlgorithms diffie-hellman-group14-sha1"]),
        "narrow": Server(programs, folder / "narrow", ["Ciphers aes256-ctr", "MACs hmac-sha2-256"]),
        "bastion": Server(programs, folder / "bastion", ["MaxSessions 0"]),
        "second": Server(programs, folder / "second", ["MaxSessions 0"]),
        "closed": Server(programs, folder / "closed", ["AllowTcpForwarding no"]),
    }
    with ExitStack() as stack:
        for server in servers.values():
            server.admit(*(folder / name for name in ("key", "rsa", "secret")))
            try:
                stack.enter_context(server)
            except NotAvailable as error:
                pytest.skip(str(error))
        yield Site(folder, programs, servers)


@dataclass
class Case:
    """A feature with its files written."""

    feature: Feature
    target: Target
    folder: Path

    @classmethod
    def make(cls, site: Site, feature: Feature, folder: Path) -> Case:
        words = site.words(feature, folder)

        def filled(text: str) -> str:
            return text.format_map(words)

        (folder / "empty").touch()
        (folder / "known").write_text("".join(f"{filled(line)}\n" for line in feature.known))
        for name, text in feature.files:
            path = folder / filled(name)
            path.write_text(filled(text))
            path.chmod(0o600)
        config = folder / "config"
        config.write_text(filled(feature.config))
        address = feature.address or site.servers[feature.server].address
        return cls(
            feature,
            Target(
                "oslo", address, int(filled(feature.port) or 0), filled(feature.user) or None,
                feature.password or None, filled(feature.key) or None, str(config) if feature.config else None,
                feature.checking, timeout=20, ssh_args=tuple(shlex.split(filled(feature.arguments))),
            ),
            folder,
        )  # fmt: skip

    def with_transport(self, transport: str) -> Target:
        return Target(**{**vars(self.target), "transport": transport})

    def command(self) -> list[str]:
        """Return what a person would type."""
        target, words = self.target, ["ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"]
        words += ["-p", str(target.port)] if target.port else []
        words += ["-l", target.user] if target.user else []
        words += ["-i", target.key_file] if target.key_file else []
        words += [] if target.host_key_checking else ["-o", "StrictHostKeyChecking=no"]
        words += [*target.ssh_args, *(["-F", target.ssh_config] if target.ssh_config else [])]
        return [*words, "-s", "--", target.address, "netconf"]


def ssh_gets_in(case: Case) -> tuple[bool, str]:
    done = subprocess.run(
        case.command(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False
    )
    return "<hello" in done.stdout, done.stderr


def session_gets_in(target: Target) -> tuple[bool, str, str]:
    session = Session(target)
    try:
        session.open()
        session.rpc("<get-x/>")
    except SessionError as error:
        return False, str(error), error.reason
    finally:
        session.close()
    return True, "", ""


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.title)
def test_a_feature_does_what_ssh_does(
    feature: Feature, transport: str, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBSPOKE_KEY", str(site.key("key")))
    case = Case.make(site, feature, tmp_path)
    with ExitStack() as stack:
        if feature.agent:
            agent = stack.enter_context(Agent(tmp_path))
            for name in feature.agent:
                if name != "-":
                    agent.add(site.key(name), PASSPHRASE)
            if "-" not in feature.agent:
                monkeypatch.setenv("SSH_AUTH_SOCK", str(agent.socket))
        known = (tmp_path / "known").read_text()
        expected, said = ssh_gets_in(case)
        assert expected != feature.refused, f"the table is wrong about ssh: {said or 'it gets in'}"
        # ssh lists a new key where it is told so.
        (tmp_path / "known").write_text(known)
        before = {name: len(site.servers[name].connections()) for name in feature.through}
        found, words, reason = session_gets_in(case.with_transport(transport))
    if feature.pyez == OWN_ALGORITHMS and transport == "pyez":
        # Which ones, its release decides.
        return
    if feature.pyez and transport == "pyez":
        assert found != expected, f"the table says it does not work: {feature.pyez}"
    else:
        assert found == expected, f"ssh: {said or 'gets in'}; session: {words or 'gets in'}"
    if found:
        for name, count in before.items():
            assert len(site.servers[name].connections()) > count, f"the connection did not come through {name}"
    _reason_fits(reason, said, words)


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.title)
def test_a_feature_without_an_ssh_client(
    feature: Feature, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no ssh client is installed, asyncssh's own reader says what a configuration means."""
    monkeypatch.setenv("HUBSPOKE_KEY", str(site.key("key")))
    case = Case.make(site, feature, tmp_path)
    with ExitStack() as stack:
        if feature.agent:
            agent = stack.enter_context(Agent(tmp_path))
            for name in feature.agent:
                if name != "-":
                    agent.add(site.key(name), PASSPHRASE)
            if "-" not in feature.agent:
                monkeypatch.setenv("SSH_AUTH_SOCK", str(agent.socket))
        monkeypatch.setattr(
            "ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_config_client.find_client",
            lambda: None,
        )
        found, words, _reason = session_gets_in(case.with_transport("asyncssh"))
    assert found == (feature.refused == bool(feature.reader)), words or "gets in"


def _reason_fits(reason: str, said: str, words: str) -> None:
    """Assert that trouble with a host key, and nothing else, has its reason."""
    about_key = "ost key verification failed" in said or "HOST IDENTIFICATION" in said
    if reason and said:
        assert (reason == "host_key") == about_key, f"ssh: {said}; session ({reason}): {words}"


def test_accept_new_lists_the_key(site: Site, tmp_path: Path) -> None:
    feature = Feature("", "", BASE + "  StrictHostKeyChecking accept-new\n", known=())
    case = Case.make(site, feature, tmp_path)
    assert session_gets_in(case.target)[0]
    assert (tmp_path / "known").read_text() == f"{site.servers['device'].known()}\n"
    assert ssh_gets_in(case)[0]


@pytest.mark.parametrize("where", ["a bastion", "a device"])
def test_thirty_sessions_at_once_where_ten_may_log_in(where: str, transport: str, site: Site, tmp_path: Path) -> None:
    """OpenSSH drops logins beyond MaxStartups. They are tried again; a bastion is logged in to once by asyncssh."""
    limited = Server(site.programs, tmp_path / "limited", ["MaxStartups 3:60:10"])
    limited.admit(site.key("key"))
    with limited:
        device = limited if where == "a device" else site.servers["device"]
        (tmp_path / "known").write_text(f"{limited.known()}\n{site.servers['device'].known()}\n")
        config = tmp_path / "config"
        config.write_text(BASE.format(known=tmp_path / "known", key=site.key("key")))
        arguments = ("-J", f"127.0.0.1:{limited.port}") if where == "a bastion" else ()
        target = Target("oslo", "127.0.0.1", device.port, ssh_config=str(config), ssh_args=arguments,
                        transport=transport, timeout=60)  # fmt: skip
        sessions = [Session(target) for _turn in range(30)]

        def gets_in(session: Session) -> str:
            try:
                session.open()
                session.rpc("<get-x/>")
            except SessionError as error:
                return str(error)
            return ""

        with ThreadPoolExecutor(30) as pool:
            failed = [words for words in pool.map(gets_in, sessions) if words]
        logins = len(limited.connections())
        for session in sessions:
            session.close()
    assert failed == []
    if where == "a bastion" and transport == "asyncssh":
        assert logins == 1


@pytest.mark.parametrize(("says", "words"), [
    (lambda one: one.sendall(b"Exceeded MaxStartups\r\n"), "times. Its limit of connections"),
    (fake.say(b"220 mail.example.net ESMTP\r\n"), "SSH: expected a version line, actual '220 mail.example.net ESMTP'"),
], ids=["busy", "another service"])  # fmt: skip
def test_what_a_device_says_behind_a_bastion_is_not_blamed_on_the_bastion(
    says: Callable[[socket.socket], None], words: str, transport: str, site: Site, tmp_path: Path
) -> None:
    """A device that is busy is tried again, through a bastion as without one."""
    (tmp_path / "known").write_text(f"{site.servers['bastion'].known()}\n")
    config = tmp_path / "config"
    config.write_text(BASE.format(known=tmp_path / "known", key=site.key("key")) + "  ConnectTimeout 12\n")
    with fake.plain_server(says) as port:
        target = Target("oslo", "127.0.0.1", port, ssh_config=str(config), transport=transport, timeout=60,
                        ssh_args=("-J", f"127.0.0.1:{site.servers['bastion'].port}"))  # fmt: skip
        with pytest.raises(SessionError) as told:
            Session(target).open()
    assert words in str(told.value)
    assert "bastion" not in str(told.value)
    assert told.value.reason == "unreachable"


def test_a_bastion_is_closed_with_the_last_session(site: Site, tmp_path: Path) -> None:
    feature = next(one for one in FEATURES if one.title == "``-J`` in the arguments")
    case = Case.make(site, feature, tmp_path)
    bastion = site.servers["bastion"]
    first, second = Session(case.target), Session(case.target)
    before = len(bastion.connections())
    first.open()
    second.open()
    first.close()
    assert "<ok" in second.rpc("<get-x/>")
    second.close()
    assert len(bastion.connections()) == before + 1
    third = Session(case.target)
    third.open()
    third.close()
    assert len(bastion.connections()) == before + 2


@pytest.mark.parametrize("title", ["A bastion that refuses the login", "A bastion that may not forward"])
def test_the_error_of_a_bastion_names_it_and_a_command_that_works(
    title: str, transport: str, site: Site, tmp_path: Path
) -> None:
    feature = next(one for one in FEATURES if one.title == title)
    case = Case.make(site, feature, tmp_path)
    found, words, reason = session_gets_in(case.with_transport(transport))
    server = site.servers["closed" if "forward" in title else "bastion"]
    user = USER if "forward" in title else "nobody-at-all"
    assert (found, reason) == (False, "unreachable")
    assert f"bastion 127.0.0.1 (user {user}, port {server.port}): expected to carry the connection" in words
    by_hand = shlex.split(words.partition("Try it by hand: ")[2])
    done = subprocess.run(
        [by_hand[0], "-o", "BatchMode=yes", *by_hand[1:]], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    said = "open failed" if "forward" in title else f"{user}@127.0.0.1: Permission denied"
    assert said in done.stderr, f"{words}\n{done.stderr}"
