# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of a run on a terminal, in a pipe and in a log, and with the callback plugin that shows only them."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import typing as t

import pytest

from tests.integration.conftest import Network, Run, document_network, environment
from tests.integration.test_terminal import PATIENCE, still_open, wait_until
from tests.utils.kill import kill_tree

SLOW = "get-ike-security-associations-information"
# A play with every kind of result: tasks of other collections, a loop, retries, a secret, a device out of reach.
OTHERS = """
- name: Everything else
  hosts: all
  gather_facts: false
  connection: local
  tasks:
    - name: Loop
      ansible.builtin.command: "{{ item }}"
      loop: ["true", "false"]
      ignore_errors: true
      when: inventory_hostname == 'corporate'
    - name: Retry
      ansible.builtin.command: "false"
      register: retried
      retries: 1
      delay: 0
      until: retried.rc == 0
      when: inventory_hostname == 'corporate'
    - name: Write
      ansible.builtin.copy:
        content: "{{ inventory_hostname }}"
        dest: "{{ playbook_dir }}/{{ inventory_hostname }}.txt"
        mode: "0600"
    - name: Secret
      ansible.builtin.fail:
        msg: not to be read
      no_log: true
      when: inventory_hostname == 'westford'
    - name: Ask a device that is not there
      hubspoke.srx.commit_info:
      vars:
        ansible_port: 1
        nhtb_platform: junos
      when: inventory_hostname == 'sunnyvale'
"""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    with document_network(tmp_path_factory.mktemp("progress")) as found:
        found.extra["nhtb_verify_timeout"] = 60
        assert found.playbook("deploy").status == 0
        yield found


@pytest.fixture(autouse=True)
def clear(network: Network) -> t.Iterator[None]:
    yield
    for host in ("corporate", "westford"):
        network.lab.fault(host, "clear")
    wait_until(lambda: not still_open(network), lambda: still_open(network))


class Terminal:
    """A playbook on a terminal of 100 columns."""

    def __init__(self, network: Network, playbook: str, *arguments: str, **variables: t.Any) -> None:
        self.raw = ""
        self._master, slave = pty.openpty()
        subprocess.run(["stty", "cols", "100", "rows", "30"], stdin=slave, check=True)
        self.process = subprocess.Popen(
            network.command(playbook, *arguments, **variables),
            cwd=network.folder,
            env={
                **environment(network.folder),
                "TERM": "xterm",
                "ANSIBLE_DIFF_ALWAYS": "0",
                "ANSIBLE_LOG_PATH": str(network.folder / "ansible.log"),
            },
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        )  # fmt: skip
        os.close(slave)

    def read_until(self, text: str = "") -> str:
        """Read until a text comes, all without one; return everything so far."""
        while not text or text not in self.raw:
            try:
                more = os.read(self._master, 65536)
            except OSError:
                more = b""
            if not more:
                assert not text, self.raw
                break
            self.raw += more.decode(errors="replace")
        return self.raw

    def end(self) -> list[str]:
        """Return the lines of the screen when the playbook has ended."""
        self.read_until()
        self.process.wait(PATIENCE)
        os.close(self._master)
        return screen(self.raw)


def screen(raw: str) -> list[str]:
    """Return the lines that a terminal shows after these characters."""
    assert not re.search(r"[\x00-\x07\x0b-\x0c\x0e-\x1f]", raw), raw
    lines = []
    for written in raw.replace("\r\n", "\n").split("\n"):
        line = ""
        for part in written.split("\r"):
            line = part + line[len(part) :]
        lines.append(line.rstrip())
    return lines


def stages(lines: t.Iterable[str]) -> list[str]:
    return [line for line in lines if re.match(r"[A-Z][a-z ]{7} \d+/\d+", line)]


def logged(network: Network) -> str:
    return (network.folder / "ansible.log").read_bytes().decode()


def test_a_terminal_has_one_line_per_stage_that_is_rewritten(network: Network) -> None:
    network.lab.fault("westford", "delay", rpc=SLOW, seconds=4)
    run = Terminal(network, "deploy", nhtb_mss=1331)
    lines = run.end()
    assert run.process.returncode == 0, run.raw
    first, *rest = stages(lines)
    assert first == "Reach    2/2", run.raw
    assert rest[0].startswith("Check    2/2   corporate +1 -1  westford +1 -1")
    assert re.fullmatch(r"Commit   2/2   automatic rollback at \d\d:\d\d:\d\d unless confirmed", rest[1])
    assert rest[2:] == ["Verify   2/2 tunnels", "Confirm  2/2"]
    # What the lines were before.
    for text in ("\rReach    0/2", "\rVerify   0/2 tunnels   waiting for ", "\rConfirm  0/2"):
        assert text in run.raw, run.raw
    assert all(len(line) <= 120 for line in lines)
    log = logged(network)
    assert "\r" not in log
    assert "Verify   2/2 tunnels" in log
    assert "waiting for" not in log


def test_an_interrupt_is_said_on_a_line_of_its_own(network: Network) -> None:
    network.lab.fault("westford", "delay", rpc=SLOW, seconds=4)
    run = Terminal(network, "deploy", nhtb_mss=1332)
    run.read_until("Verify   0/2 tunnels   waiting for")
    os.killpg(run.process.pid, signal.SIGINT)
    lines = run.end()
    assert run.process.returncode != 0
    (said,) = [line for line in lines if "Interrupted." in line]
    assert said.startswith("Interrupted. Not confirmed and rolled back.")


def test_with_vvv_no_line_is_rewritten(network: Network) -> None:
    run = Terminal(network, "verify", "-vvv", nhtb_verify_checks=["ike", "ipsec"])
    run.end()
    assert run.process.returncode == 0, run.raw
    assert "\r" not in run.raw.replace("\r\n", "\n")
    assert "\r\nVerify   2/2 tunnels\r\n" in run.raw


def test_a_pipe_has_each_line_at_once(network: Network) -> None:
    network.lab.fault("westford", "delay", rpc=SLOW, seconds=25)
    process = subprocess.Popen(
        network.command("deploy", nhtb_mss=1333),
        cwd=network.folder, env=environment(network.folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        said = ""
        while "Verify   0/2 tunnels   waiting for" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        # The devices have not answered: it is said while the run waits.
        assert process.poll() is None
        assert "\r" not in said
        assert "Commit   2/2" in said
        os.killpg(process.pid, signal.SIGINT)
        process.stdout.read()
        process.wait(PATIENCE)
    finally:
        kill_tree(process.pid)
        process.wait()


# --- the callback plugin ---


def only_ours(network: Network, *arguments: str, book: str = "", **variables: t.Any) -> Run:
    command = network.command("deploy", *arguments, **variables)
    done = subprocess.run(
        [command[0], book or command[1], *command[2:]],
        cwd=network.folder,
        env={
            **environment(network.folder),
            "ANSIBLE_STDOUT_CALLBACK": "hubspoke.srx.progress",
            "ANSIBLE_DIFF_ALWAYS": "0",
        },
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE,
        check=False,
    )  # fmt: skip
    return Run(done.returncode, done.stdout)


def test_the_callback_shows_our_lines_and_a_recap_alone(network: Network) -> None:
    run = only_ours(network, nhtb_mss=1334)
    assert run.status == 0, run.output
    assert not re.search(r"PLAY|TASK|^ok:|^changed:", run.output, re.MULTILINE)
    assert run.output.startswith("Plan     1 hub, 2 spokes (1 ScreenOS), 2 tunnels\n")
    assert run.output.endswith("Recap    corporate: changed\nRecap    westford: changed\n")
    again = only_ours(network, nhtb_mss=1334)
    assert again.output.endswith("Recap    3 hosts: none changed, none failed\n")


def test_the_callback_with_v_has_a_line_per_result(network: Network) -> None:
    run = only_ours(network, "-v", "--check", "--diff", nhtb_mss=1335)
    assert run.status == 0, run.output
    assert "  changed: [westford]  hubspoke.srx.nhtb : Give each host its outcome\n" in run.output
    assert run.output.count("westford:\n[edit") == 1
    assert "Host       Role" in run.output


def test_the_callback_has_a_line_per_failure_of_other_tasks(network: Network) -> None:
    book = network.folder / "others.yml"
    book.write_text(OTHERS, encoding="utf-8")
    run = only_ours(network, "--diff", book=str(book))
    assert run.status != 0
    # A failure of this collection has what to do below it.
    failures = [line for line in run.output.splitlines() if re.match(r" {2}\S", line)]
    assert failures[:3] == [
        "  ignored: [corporate]  Loop: 1 of 2 items failed, the first: false: non-zero return code",
        "  fatal: [corporate]  Retry: non-zero return code",
        "  fatal: [westford]  Secret: the output has been hidden due to the fact that 'no_log: true' was specified for"
        " this re...",
    ]
    assert failures[3].startswith("  unreachable: [sunnyvale]  "), run.output
    assert run.output.count("\n    fix  ") == 1
    assert len(failures) == 4
    assert "not to be read" not in run.output
    assert run.output.count("sunnyvale:\n--- before") == 1
    assert run.output.splitlines()[-3:] == [
        "Recap    corporate: failed, changed",
        "Recap    westford: failed, changed",
        "Recap    sunnyvale: unreachable, changed",
    ]
