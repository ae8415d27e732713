# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No play hangs, whatever a device does, on the oldest ansible-core and on the newest.

On ansible-core before 2.19 a thread of a worker that writes to stderr waits for ever for the display's lock, which the
worker has inherited locked.
"""

from __future__ import annotations

import subprocess
import sys
import time
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import ROOT, environment
from tests.ssh import fake_device as fake

CORES = {"newest": Path(sys.executable).parent, "oldest": ROOT / ".cache" / "oldest" / "bin"}
PLAY = [
    {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [{"hubspoke.srx.commit_info": {}, "register": "found", "ignore_errors": True,
                   "ignore_unreachable": True}],
    }
]  # fmt: skip
SECONDS = 90


def _latin_1(number: bytes) -> bytes:
    return b'<rpc-reply message-id="%s"><output>Z\xfcrich</output></rpc-reply>%s' % (number, fake.END)


Place = t.Callable[[], t.ContextManager[int]]


@contextmanager
def _device(answer: fake.Answer) -> Iterator[int]:
    with fake.FakeDevice(answer=answer) as device:
        yield device.port


PLACES: dict[str, Place] = {
    "latin": lambda: _device(_latin_1),
    "unclosed": lambda: _device(lambda number: b'<rpc-reply message-id="%s"><commit>' % number + fake.END),
    "nameless": lambda: _device(lambda _number: b"<rpc-reply><ok/></rpc-reply>" + fake.END),
    "swallows": lambda: _device(lambda _number: None),
    "hangsup": lambda: fake.plain_server(fake.hang_up),
    "garbage": lambda: fake.plain_server(fake.say(b"SSH-2.0-x\r\n\xff\xff\xff\xff garbage")),
    "endless": lambda: fake.plain_server(fake.say_for_ever(b"x\n")),
}


@pytest.mark.parametrize("core", CORES)
def test_no_play_hangs(core: str, transport: str, tmp_path: Path) -> None:
    program = CORES[core] / "ansible-playbook"
    if not program.exists():
        pytest.skip(f"{program.parent} is not there: make test makes it")
    with fake.FakeDevice() as fine, _all_places() as ports:
        hosts = {name: {"ansible_port": port} for name, port in {**ports, "fine": fine.port}.items()}
        inventory = {"all": {"hosts": hosts, "vars": {
            "ansible_host": "127.0.0.1", "ansible_user": "admin", "ansible_password": "secret", "nhtb_rpc_timeout": 3,
            "ansible_host_key_checking": False, "nhtb_transport": transport, "ansible_ssh_args": "-o ConnectTimeout=3",
        }}}  # fmt: skip
        (tmp_path / "hosts.yml").write_text(yaml.safe_dump(inventory))
        (tmp_path / "play.yml").write_text(yaml.safe_dump(PLAY))
        started = time.monotonic()
        done = subprocess.run(
            [str(program), "-i", "hosts.yml", "play.yml", "--forks", "8"], cwd=tmp_path, env=environment(tmp_path),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS,
            check=False,
        )  # fmt: skip
    assert time.monotonic() - started < SECONDS
    for name in hosts:
        assert name in done.stdout.partition("PLAY RECAP")[2], done.stdout
    assert "Traceback" not in done.stdout
    assert "get-commit-information: expected a reply, actual none (none within 3 s)" in done.stdout, done.stdout


@contextmanager
def _all_places() -> Iterator[dict[str, int]]:
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield {name: stack.enter_context(place()) for name, place in PLACES.items()}
