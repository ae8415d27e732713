# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a login fails: a folder, servers of its own, and what the error must say."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncssh
import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session, Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError

from tests.ssh import fake_device as fake

QUICK = "Host *\n  ConnectTimeout 2\n"


@dataclass
class World:
    """Where a case happens: its folder, a home with nothing in it, and what it starts."""

    folder: Path
    stack: ExitStack
    config: str = QUICK
    arguments: dict[str, t.Any] = field(default_factory=dict)
    known: list[str] = field(default_factory=list)

    def device(self, *, known: bool = True, **options: t.Any) -> fake.FakeDevice:
        one = self.stack.enter_context(fake.FakeDevice(**options))
        if known:
            self.known.append(f"[{one.address}]:{one.port} {one.public()}")
        return one

    def key(self, name: str = "id_test", passphrase: str | None = None) -> str:
        path = self.folder / name
        key = asyncssh.generate_private_key("ssh-ed25519")
        # Few rounds, as the test is not about their time.
        key.write_private_key(path, passphrase=passphrase, rounds=1)
        path.chmod(0o600)
        return str(path)

    def target(self, port: int, transport: str) -> Target:
        known, config = self.folder / "known_hosts", self.folder / "config"
        known.write_text("".join(f"{line}\n" for line in self.known))
        config.write_text(f"{self.config}  UserKnownHostsFile {known}\n")
        plain = Target("oslo", "127.0.0.1", port, "admin", "secret", ssh_config=str(config), transport=transport)
        return replace(plain, **self.arguments)


Case = t.Callable[[World], int]


@dataclass(frozen=True)
class Way:
    """A case and what it says: the reason, and patterns for each transport where they differ."""

    happens: Case
    reason: str
    says: str
    pyez: str = ""


@contextmanager
def world(folder: Path) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(folder, stack)


def check(way: Way, transport: str, folder: Path) -> None:
    """Log in, and assert that the error is the one of its way."""
    with world(folder) as made:
        port = way.happens(made)
        session = Session(made.target(port, transport))
        with pytest.raises(SessionError) as told:
            session.open()
    text = str(told.value)
    says = way.pyez if way.pyez and transport == "pyez" else way.says
    assert re.search(says, text), text
    assert told.value.reason == way.reason
    assert text.startswith("oslo (")
    assert "secret" not in text
    assert told.value.is_away == (way.reason in ("unreachable", "authentication"))
