# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of RPCs at -vvv: each RPC once, each login once, nothing below -vvv, and no line of a library.

The oldest ansible-core runs these too.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import typing as t
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import KeyCodec9

from tests.integration.conftest import Network, Run, document_network, environment
from tests.integration.test_terminal import IN_WINDOW, PATIENCE, wait_until
from tests.utils.kill import kill_tree

HOSTS = ("corporate", "westford")
KEYS = {"corporate": "Sh4red-<Key>&'of\\all%s", "westford": 'W3stford\'s "own" key', "sunnyvale": "Sunny-Key-4711"}
PASSWORD, PASSPHRASE = "login-p4ss-4711", "passphrase-4711"
PLAYBOOKS = ("deploy", "verify", "drift", "collect", "troubleshoot", "trace", "recover")
# What Python and asyncio print of an exception that nobody handles.
NOISE = re.compile(r"Traceback|Exception in thread|Exception ignored|never (retrieved|awaited)|Fatal error|Warning:")
# Everything that a session does by itself: PyEZ's and ours end differently.
OUTSIDE = {"close-session"}
RECORD = re.compile(
    r"<(?P<host>[\w-]+)> (?P<name>[\w-]+): (?P<milliseconds>\d+) ms"
    r"(?:, sent (?P<sent>\d+) bytes, received (?P<received>\d+) bytes)?, try (?P<attempt>\d+)"
    r"(?:, error: (?P<error>.*))?"
)


@pytest.fixture(scope="module", params=["asyncssh", "pyez"])
def network(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    with document_network(tmp_path_factory.mktemp("rpcs"), nhtb_transport=request.param) as network:
        assert network.playbook("deploy").status == 0
        yield network


def records(output: str) -> list[dict[str, str]]:
    """Return the records of RPCs, logins and logouts in an output."""
    found = (RECORD.fullmatch(line) for line in output.splitlines())
    return [one.groupdict("") for one in found if one is not None]


def counted(output: str) -> dict[str, Counter[str]]:
    """Return how often each RPC of each host is in an output."""
    return {
        host: Counter(one["name"] for one in records(output) if one["host"] == host and one["sent"]) for host in HOSTS
    }


def rpcs(network: Network) -> dict[str, Counter[str]]:
    """Return how often each RPC has arrived at each device."""
    devices = network.lab.status()["devices"]
    return {
        host: Counter({name: count for name, count in devices[host]["rpcs"].items() if name not in OUTSIDE})
        for host in HOSTS
    }


def logins(network: Network) -> dict[str, int]:
    return {host: network.lab.status()["devices"][host]["logins"] for host in HOSTS}


def test_each_rpc_and_each_login_is_logged_once(network: Network) -> None:
    for playbook in PLAYBOOKS:
        before, logins_before = rpcs(network), logins(network)
        run = network.playbook(playbook, "-vvv", nhtb_mss=1301)
        assert run.status == 0, run.output[-4000:]
        after, logins_after = rpcs(network), logins(network)
        assert counted(run.output) == {host: after[host] - before[host] for host in HOSTS}, playbook
        for host in HOSTS:
            names = Counter(one["name"] for one in records(run.output) if one["host"] == host)
            assert names["login"] == names["logout"] == logins_after[host] - logins_before[host]
        assert all(int(one["sent"]) and int(one["received"]) for one in records(run.output) if one["sent"])
        assert {one["attempt"] for one in records(run.output)} == {"1"}


def test_a_module_for_one_device_logs_too(network: Network) -> None:
    before = rpcs(network)
    run = module(network, "storage_info")
    assert run.status == 0, run.output
    after = rpcs(network)
    assert counted(run.output) == {host: after[host] - before[host] for host in HOSTS}
    assert {one["name"] for one in records(run.output)} >= {"login", "get-system-storage", "logout"}


def test_less_verbose_runs_log_none(network: Network) -> None:
    run = network.playbook("recover", "-vv")
    assert run.status == 0, run.output
    assert records(run.output) == []


def test_an_error_and_the_next_try_are_logged(network: Network) -> None:
    network.lab.fault("westford", "hold-lock", user="night-shift")
    run = network.playbook("deploy", "-vvv", nhtb_mss=1302, nhtb_lock_wait=3)
    assert run.status != 0
    network.lab.fault("westford", "clear")
    locks = [one for one in records(run.output) if (one["host"], one["name"]) == ("westford", "lock-configuration")]
    assert [int(one["attempt"]) for one in locks] == list(range(1, len(locks) + 1))
    assert len(locks) > 1
    assert all("night-shift" in one["error"] for one in locks)


def test_no_secret_is_logged(network: Network) -> None:
    """Hold it for what a device may quote: keys, new ones too, as written, escaped and encoded, and login secrets."""
    logins = {"ansible_password": PASSWORD, "ansible_ssh_private_key_passphrase": PASSPHRASE}
    hosts = {host: {"nhtb_pre_shared_key": key, **logins} for host, key in KEYS.items()}
    overlay = network.overlay("secrets", {"nhtb": {"hosts": hosts}})
    quoted = [
        *KEYS.values(),
        *map(escape, KEYS.values()),
        *map(KeyCodec9().encode, KEYS.values()),
        PASSWORD,
        PASSPHRASE,
    ]
    network.inventories.append(overlay)
    try:
        for host in HOSTS:
            network.lab.fault(host, "refuse", rpc="lock-configuration", message=" ".join(quoted))
            network.lab.fault(host, "refuse", rpc="get-system-storage", message=" ".join(quoted))
        outputs = [network.playbook("deploy", "-vvvv").output, module(network, "storage_info").output]
    finally:
        network.inventories.remove(overlay)
        for host in HOSTS:
            network.lab.fault(host, "clear")
    for output in outputs:
        refused = [one for one in records(output) if one["error"]]
        assert {one["host"] for one in refused} == set(HOSTS)
        assert all("(masked)" in one["error"] for one in refused)
        lines = "\n".join(line for line in output.splitlines() if RECORD.fullmatch(line))
        # In a module for one device a key of another host is an unknown word.
        own = quoted if output is outputs[0] else [PASSWORD, PASSPHRASE]
        assert [secret for secret in own if secret in lines] == []
    for one in records(outputs[1]):
        assert KEYS[one["host"]] not in one["error"]


def restart(network: Network) -> None:
    network.lab.fault("westford", "reboot", seconds=2)


def tear_down(network: Network) -> None:
    """Cut the session within an RPC, once it is executed."""
    network.lab.fault("westford", "cut-after", rpc=IN_WINDOW, count=1)


def refuse(network: Network) -> None:
    network.lab.fault("westford", "refuse-login", count=1)


@pytest.mark.parametrize("verbose", ["-v", "-vvvv"])
@pytest.mark.parametrize("incident", [restart, tear_down, refuse])
def test_no_library_writes_to_the_screen(network: Network, incident: t.Callable[[Network], None], verbose: str) -> None:
    """Hold it for a device that restarts in the confirm window, a session that is cut, and a login that is refused."""
    in_window = incident is restart
    # Tunnels that are not asked about in time hold the window open.
    network.lab.fault("corporate", "delay", rpc=IN_WINDOW, seconds=3, count=1)
    if not in_window:
        incident(network)
    process = subprocess.Popen(
        network.command("deploy", verbose, nhtb_mss=1303, nhtb_diff=False),
        cwd=network.folder, env=environment(network.folder), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        if in_window:
            wait_until(lambda: is_pending(network) or process.poll() is not None, lambda: "no commit is pending")
            incident(network)
        output, _error = process.communicate(timeout=PATIENCE)
    finally:
        kill_tree(process.pid)
        network.lab.fault("westford", "clear")
        network.lab.fault("corporate", "clear")
    assert process.returncode != 0, output
    assert NOISE.search(output) is None, output


def is_pending(network: Network) -> bool:
    devices = network.lab.status()["devices"]
    return all(devices[host]["pending"] for host in HOSTS)


def module(network: Network, name: str) -> Run:
    """Run a module of the collection on the Junos hosts, outside any role."""
    inventories = [word for inventory in network.inventories for word in ("-i", str(inventory))]
    program = str(Path(sys.executable).parent / "ansible")
    process = subprocess.run(
        [program, ",".join(HOSTS), "-m", f"hubspoke.srx.{name}", "-vvv", *inventories, "-e", json.dumps(network.extra)],
        cwd=network.folder, env=environment(network.folder), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    return Run(process.returncode, process.stdout)
