# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab as a process: command line, state directory, control channel, start and stop."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import time
import typing as t
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab.client import Lab
from tests.lab.errors import LabError
from tests.lab.state import MAX_SOCKET_PATH, StateDir
from tests.lab_tests.netconf.conftest import Site, write_inventory
from tests.utils.ports import free_ports

ROOT = Path(__file__).resolve().parents[3]
KEY = "not-for-the-screen"
SCREENOS = """\
set hostname screen
set ike gateway "hub" address 192.0.2.1 Main outgoing-interface "ethernet0/0" preshare "{}" sec-level standard
"""


def lab(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.lab", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)


def small(folder: Path, **variables: object) -> Path:
    """Write an inventory of one device. Return its path."""
    settings = {"ansible_host": "127.0.0.1", "ansible_port": free_ports(1)[0], **variables}
    inventory = folder / "hosts.json"
    inventory.write_text(json.dumps({"nhtb_hubs": {"hosts": {"hub": settings}}}))
    return inventory


@contextmanager
def up_until_done(*words: str | Path) -> t.Iterator[Lab]:
    """Run a lab from the command line, in the foreground or not, until the block ends."""
    process = subprocess.Popen([sys.executable, "-m", "tests.lab", "up", *map(str, words)], cwd=ROOT, stdout=-1)
    running = Lab(words[words.index("--state-dir") + 1])
    try:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield running
    finally:
        running.stop()
        process.communicate(timeout=300)


def is_gone(pid: int, seconds: float = 300.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_up_status_second_up_down(tmp_path: Path) -> None:
    inventory, ports = write_inventory(tmp_path)
    state = tmp_path / "state"
    up = lab("up", inventory, "--state-dir", state, "--background")
    assert up.returncode == 0, up.stderr
    assert f"hub: 127.0.0.1:{ports['hub']}, 0 sessions, up" in up.stdout
    pid = int((state / "lab.lock").read_text())
    for port in ports.values():
        socket.create_connection(("127.0.0.1", port)).close()
    for background in ((), ("--background",)):
        again = lab("up", inventory, "--state-dir", state, *background)
        assert again.returncode == 1
        assert f"a lab is running already (process {pid})" in again.stderr
    status = json.loads(lab("status", "--state-dir", state, "--json").stdout)
    assert status["pid"] == pid
    assert set(status["devices"]) == set(ports)
    down = lab("down", "--state-dir", state)
    assert (down.returncode, down.stdout) == (0, f"lab {state} is down\n")
    assert not state.exists()
    assert is_gone(pid)
    assert "no lab was running" in lab("down", "--state-dir", state).stdout
    refused = lab("status", "--state-dir", state)
    assert refused.returncode == 1
    assert "no lab is running here" in refused.stderr


PLACES: dict[str, dict[str, object]] = {
    "taken": {"ansible_host": "127.0.0.1", "ansible_port": 1},
    "same": {"ansible_host": "127.0.0.1", "ansible_port": 1},
    "real": {"ansible_host": "192.0.2.1"},
    "screen": {"nhtb_platform": "screenos"},
}


@pytest.mark.parametrize("background", [[], ["--background"]])
def test_free_ports_replace_the_ports_of_the_inventory(tmp_path: Path, background: list[str]) -> None:
    inventory = tmp_path / "hosts.json"
    inventory.write_text(json.dumps({"nhtb_spokes": {"hosts": PLACES}}))
    state = tmp_path / "state"
    with up_until_done(inventory, "--state-dir", state, "--free-ports", *background) as running:
        tool = Path(sys.executable).parent / "ansible-inventory"
        command = [str(tool), "--list", "-i", str(inventory), "-i", running.inventory]
        listed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        devices = running.status()["devices"]
        assert set(devices) == {"taken", "same", "real"}
        assert len({device["port"] for device in devices.values()}) == 3
        for name, device in devices.items():
            socket.create_connection((device["address"], device["port"])).close()
            found = listed["_meta"]["hostvars"][name]
            assert (found["ansible_host"], found["ansible_port"]) == ("127.0.0.1", device["port"])
            assert found["nhtb_ssh_config"] == running.ssh_config
            assert f"[127.0.0.1]:{device['port']}" in (state / "known_hosts").read_text()
        assert listed["_meta"]["hostvars"]["screen"] == PLACES["screen"]
    assert not state.exists()


def test_state_files_are_for_their_owner_only(site: Site) -> None:
    names = {path.name: stat.S_IMODE(path.stat().st_mode) for path in site.lab.state.path.iterdir()}
    private = {
        "control.json",
        "control.sock",
        "known_hosts",
        "ssh_config",
        "id_ed25519",
        "id_ed25519.pub",
        "inventory.yml",
    }
    assert private <= set(names)
    assert {name: mode for name, mode in names.items() if name in private and mode != 0o600} == {}
    assert stat.S_IMODE(site.lab.state.path.stat().st_mode) == 0o700


def test_the_next_lab_starts_after_a_crash(tmp_path: Path) -> None:
    first = Lab.start(small(tmp_path), state_dir=tmp_path / "state")
    pid = first.state.pid()
    assert pid is not None
    os.kill(pid, 9)
    deadline = time.monotonic() + 300
    while first.state.pid() is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    with Lab.start(small(tmp_path), state_dir=tmp_path / "state") as second:
        assert second.status()["devices"]["hub"]["state"] == "up"
    assert not (tmp_path / "state").exists()


STARTER = """\
import os, sys
from tests.lab.client import Lab
lab = Lab.start(sys.argv[1], state_dir=sys.argv[2])
sys.stdout.write(str(lab.state.pid()))
sys.stdout.flush()
os._exit(1)
"""


def test_a_lab_does_not_outlive_the_process_that_started_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(small(tmp_path)), str(tmp_path / "state")]
    pid = int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600).stdout)
    assert is_gone(pid)
    assert not (tmp_path / "state").exists()


def test_a_long_path_needs_no_socket_file(tmp_path: Path) -> None:
    state = tmp_path / ("deep" * 30)
    with Lab.start(small(tmp_path), state_dir=state) as running:
        assert StateDir(state).socket_path() is None
        assert len(str(state)) > MAX_SOCKET_PATH
        assert not (state / "control.sock").exists()
        assert running.status()["devices"]["hub"]["state"] == "up"


def test_the_control_channel_requires_its_token(site: Site) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(site.lab.state.path / "control.sock"))
        connection.sendall(b'{"do": "stop", "token": "guess"}\n')
        assert b"wants the token" in connection.makefile("rb").readline()
    assert site.lab.status()["pid"]


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LabError, match=f"hub: cannot listen on 127.0.0.1:{port}: Address already in use"):
            Lab.start(small(tmp_path, ansible_port=port), state_dir=tmp_path / "state")
    assert not (tmp_path / "state").exists()


BAD_HOSTS: dict[str, tuple[dict[str, object], str]] = {
    "a": ({"ansible_port": None}, "a: ansible_port is missing; give each device a free port"),
    "b": ({"ansible_port": "{{ port }}"}, "b: ansible_port is a template; the lab has no Jinja"),
    "c": ({"ansible_port": 70000}, "c: ansible_port = 70000: not a port number from 1 to 65535"),
    "d": ({"ansible_host": "192.0.2.1"}, "d: ansible_host = 192.0.2.1: the lab listens on loopback addresses only"),
    "e": ({"ansible_host": "{{ address }}"}, "e: ansible_host is a template"),
    "f": ({"nhtb_platform": "ios"}, "f: nhtb_platform = ios: not one of junos, screenos"),
    "g": ({"lab_flavour": "racoon"}, "g: lab_flavour = racoon: not one of kmd, iked"),
    "h": ({"lab_cluster": "perhaps"}, "h: lab_cluster = perhaps: not true or false"),
    "i": ({"lab_initial": "nowhere.conf"}, "i: lab_initial = nowhere.conf: no such file below"),
    "j": ({}, ""),
    "l": ({"lab_rollback_lateness": "soon"}, "l: lab_rollback_lateness = soon: not a number of seconds"),
    "k": ({}, "k: ansible_port = 2201: taken by j on 127.0.0.1"),
}


def test_all_problems_of_an_inventory_are_reported_together(tmp_path: Path) -> None:
    place: dict[str, object] = {"ansible_host": "127.0.0.1", "ansible_port": 2201}
    hosts = {name: place | variables for name, (variables, _message) in BAD_HOSTS.items()}
    (tmp_path / "hosts.json").write_text(json.dumps({"nhtb_spokes": {"hosts": hosts}}))
    refused = lab("up", tmp_path / "hosts.json", "--state-dir", tmp_path / "state")
    assert refused.returncode == 1
    assert [message for _variables, message in BAD_HOSTS.values() if message not in refused.stderr] == []
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "state").exists()


def test_an_invalid_initial_configuration_is_reported(tmp_path: Path) -> None:
    (tmp_path / "bad.conf").write_text("system {\n    nonsense;\n}\n")
    refused = lab("up", small(tmp_path, lab_initial="bad.conf"), "--state-dir", tmp_path / "state")
    assert refused.returncode == 1
    assert "hub: start configuration, line 2:" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_no_hosts(tmp_path: Path) -> None:
    (tmp_path / "hosts.json").write_text("{}")
    refused = lab("up", tmp_path / "hosts.json", "--state-dir", tmp_path / "state")
    assert "no host in the groups nhtb_hubs and nhtb_spokes" in refused.stderr


def test_a_vaulted_key_is_decrypted_on_use(tmp_path: Path) -> None:
    password = tmp_path / "vault-password"
    password.write_text("open sesame\n")
    tool = Path(sys.executable).parent / "ansible-vault"
    command = [str(tool), "encrypt_string", "--vault-password-file", str(password)]
    command += ["--name", "nhtb_pre_shared_key", KEY]
    vaulted = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text(vaulted)
    inventory = tmp_path / "hosts.yml"
    inventory.write_text("nhtb_spokes: {hosts: {screen: {nhtb_platform: screenos}}}\n")
    text = SCREENOS.format("<pre-shared-key of screen>")
    with Lab.start(inventory, state_dir=tmp_path / "a", arguments=["--vault-password-file", str(password)]) as opened:
        opened.screenos("screen", text)
        assert opened.status()["screenos"]["screen"]["has_text"]
    with (
        Lab.start(inventory, state_dir=tmp_path / "b") as closed,
        pytest.raises(LabError, match="could not be decrypted"),
    ):
        closed.screenos("screen", text)


def test_a_file_that_is_vaulted_as_a_whole_is_opened(tmp_path: Path) -> None:
    password = tmp_path / "vault-password"
    password.write_text("open sesame\n")
    (tmp_path / "group_vars").mkdir()
    variables = tmp_path / "group_vars" / "all.yml"
    variables.write_text(f"nhtb_pre_shared_key: {KEY}\n")
    tool = Path(sys.executable).parent / "ansible-vault"
    subprocess.run([tool, "encrypt", "--vault-password-file", password, variables], capture_output=True, check=True)
    inventory = tmp_path / "hosts.yml"
    inventory.write_text("nhtb_spokes: {hosts: {screen: {nhtb_platform: screenos}}}\n")
    with Lab.start(inventory, state_dir=tmp_path / "a", arguments=["--vault-password-file", str(password)]) as opened:
        opened.screenos("screen", SCREENOS.format("<pre-shared-key of screen>"))
        assert opened.status()["screenos"]["screen"]["has_text"]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["hub"], "domain-name example.net;"),
        (["hub", "--format", "set"], "set system domain-name example.net"),
        (["hub", "--format", "xml"], "<domain-name>example.net</domain-name>"),
        (["hub", "--effective", "--format", "set"], "set system domain-name example.net"),
        (["hub", "--candidate"], "domain-name example.net;"),
    ],
)
def test_show(site: Site, words: list[str], wanted: str) -> None:
    assert wanted in lab("show", *words, "--state-dir", site.lab.state.path).stdout


def test_show_of_an_unknown_host(site: Site) -> None:
    refused = lab("show", "unknown", "--state-dir", site.lab.state.path)
    assert refused.returncode == 1
    assert "unknown: not a Junos device of this lab; there are hub, compliant" in refused.stderr


def test_the_key_in_a_operator_text_is_kept_in_memory_only(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "screen.screenos"
    file.write_text(SCREENOS.format("<pre-shared-key of screen>"))
    assert lab("screenos", "screen", file, "--state-dir", site.lab.state.path).returncode == 0
    assert site.lab.show("screen") == file.read_text()
    site.lab.screenos("screen", SCREENOS.format(KEY))
    assert site.lab.show("screen") == SCREENOS.format("<hidden>")
    for path in site.lab.state.path.iterdir():
        if path.is_file():
            assert KEY not in path.read_text()


def test_an_invalid_operator_text_is_refused(site: Site) -> None:
    with pytest.raises(LabError, match="screen: line 2 is not understood as ScreenOS"):
        site.lab.screenos("screen", "set hostname x\nset nonsense y\n")
    with pytest.raises(LabError, match="unknown: not a host of the inventory"):
        site.lab.screenos("screen", SCREENOS.format("<pre-shared-key of unknown>"))
    with pytest.raises(LabError, match="hub: not a third-party host"):
        site.lab.screenos("hub", "")


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"do": "dance"}, "dance: no such command; there are status"),
        ({"do": "show"}, "show: host is missing from the request"),
        ({"do": "show", "host": "hub", "format": "yaml"}, "yaml: not a format; there are text, set, xml"),
    ],
)
def test_invalid_requests(site: Site, request_: dict[str, str], message: str) -> None:
    with pytest.raises(LabError, match=message):
        site.lab.call(request_.pop("do"), **t.cast("dict[str, t.Any]", request_))


def test_reachable(site: Site) -> None:
    state = ("--state-dir", site.lab.state.path)
    near = lab("reachable", "10.1.0.7", "10.1.0.1", *state)
    far = lab("reachable", "10.1.0.7", "10.99.0.1", *state)
    assert (near.returncode, far.returncode) == (0, 1), (near, far)
    assert "10.1.0.7 does not reach 10.99.0.1: hub: " in far.stderr
    with pytest.raises(LabError, match="nowhere"):
        site.lab.reachable("nowhere", "10.1.0.1")


def test_time(site: Site) -> None:
    before = site.lab.time()["time"]
    assert "1 times the wall clock" in lab("time", "--advance", "100", "--state-dir", site.lab.state.path).stdout
    assert site.lab.time()["time"] >= before + 100
    assert site.lab.time(speed=1000)["speed"] == 1000
    time.sleep(0.05)
    assert site.lab.time(speed=1)["time"] >= before + 150
    with pytest.raises(LabError, match="backwards"):
        site.lab.time(advance=-1)


def test_log(site: Site) -> None:
    site.lab.fault("hub", "commit", statement="set system domain-name example.net")
    assert lab("log", "hub", "--state-dir", site.lab.state.path).returncode == 0
    with pytest.raises(LabError, match="hub: no log file nothing; there are "):
        site.lab.log("hub", "nothing")


def test_faults_are_listed_and_cleared(site: Site) -> None:
    state = ("--state-dir", site.lab.state.path)
    assert lab("fault", "hub", "delay", "--rpc", "commit", "--seconds", "5", "--count", "2", *state).returncode == 0
    listed = json.loads(lab("fault", "hub", "list", *state).stdout)["hub"]
    assert [(one["kind"], one["rpc"], one["seconds"], one["remaining"]) for one in listed] == [
        ("delay", "commit", 5.0, 2)
    ]
    assert lab("fault", "all", "clear", *state).returncode == 0
    assert site.lab.fault("hub", "list") == {"hub": []}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("hub", "delay", "--user", "x"), "delay: takes no user; it takes element, message, path, rpc, seconds"),
        (("hub", "delay", "--count", "0"), "delay: a count of 0 would never happen"),
        (("unknown", "delay"), "unknown: not a Junos device of this lab"),
        (("hub", "flap"), "hub: flap: give the VPN whose tunnel is to flap"),
        (("hub", "flap", "--vpn", "v"), "flap: hub: no VPN v"),
        (("hub", "fill-storage", "--percent", "101"), "hub: fill-storage: 101 is not a percentage"),
        (("hub", "dirty", "--statement", "set nonsense"), "hub: dirty: set nonsense: "),
        (("hub", "commit", "--statement", "set nonsense"), "hub: commit: set nonsense: "),
    ],
)
def test_invalid_faults(site: Site, words: tuple[str, ...], message: str) -> None:
    refused = lab("fault", *words, "--state-dir", site.lab.state.path)
    assert refused.returncode == 1
    assert message in refused.stderr


@pytest.mark.parametrize("command", ["up", "down", "status", "show", "log", "reachable", "screenos", "time", "fault"])
def test_help(command: str) -> None:
    assert lab(command, "--help").stdout.startswith(f"usage: python -m tests.lab {command}")
