# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The IKE log of the document's hub, of kmd and of iked, read in plays and from a saved text."""

from __future__ import annotations

import typing as t

import pytest
from jnpr.junos import Device
from lxml import etree

from tests.integration.conftest import document_network, in_words
from tests.integration.test_modules import Deployed, Task, ask

SUNNYVALE, WESTFORD = "2.2.2.2", "3.3.3.2"
# Each round clears westford's associations; the hub logs a tunnel that goes down and comes up.
ROUNDS = 120
KINDS = [("classic", "kmd"), ("modern", "iked")]


@pytest.fixture(scope="module", params=KINDS, ids="-".join)
def deployed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Deployed]:
    syntax, flavour = request.param
    folder = tmp_path_factory.mktemp(f"{syntax}-{flavour}")
    with document_network(folder, flavour, nhtb_syntax=syntax) as network:
        run = network.playbook("deploy")
        assert run.status == 0, run.output
        yield Deployed(network)


def log(**options: t.Any) -> Task:
    return ask("ike_log_info", **options)


def daemon(deployed: Deployed) -> str:
    """Return the name of the daemon's log, which is one of the device's files."""
    names = [
        name.text or "" for name in deployed.reply("<file-list><path>/var/log/</path></file-list>").iter("file-name")
    ]
    return "iked" if any(name.strip().endswith("/iked") for name in names) else "kmd"


def events_of(answer: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return the events of an answer that succeeded without a warning or unknown line."""
    assert answer.get("failed") in (None, False), answer
    assert (answer["changed"], answer["unrecognised"], answer["notes"]) == (False, [], [])
    assert answer["counts"]["unrecognised"] == 0
    events: list[dict[str, t.Any]] = answer["events"]
    return events


def test_the_tunnels_came_up(deployed: Deployed) -> None:
    said = deployed.ask(
        {
            "all": log(),
            "up": log(kinds=["vpn_up"], last=3600),
            "westford": log(vpn="westford-vpn"),
            "sunnyvale": log(peer_address=SUNNYVALE, kinds=["negotiation_up"]),
            "nothing": log(until="2001-01-01 00:00:00"),
            "newest": log(limit=1),
            "messages": log(files=["messages"]),
        }
    )
    file = daemon(deployed)
    assert said["all"]["files"] == [file]
    kinds = {event["kind"] for event in events_of(said["all"])}
    assert {"vpn_up", "negotiation_up"} <= kinds
    up = events_of(said["up"])
    assert {(event["vpn"], event["remote_address"], event["interface"]) for event in up} == {
        ("westford-vpn", WESTFORD, "st0.0"),
        ("sunnyvale-vpn", SUNNYVALE, "st0.0"),
    }
    assert all(event["date_time"][:2] == "20" and event["process"] == file for event in up)
    assert {event["remote_address"] for event in events_of(said["westford"])} == {WESTFORD}
    [negotiated] = events_of(said["sunnyvale"])
    assert (negotiated["ike_version"], negotiated["nat_t"], negotiated["vpn"]) == (1, False, "sunnyvale-vpn")
    assert events_of(said["nothing"]) == []
    assert events_of(said["newest"]) == events_of(said["all"])[-1:]
    # Both files have the same lines of syslog; those of mgd are not events.
    alarms = [event["line"] for event in events_of(said["all"]) if event["process"]]
    assert [event["line"] for event in events_of(said["messages"])] == alarms


def test_a_saved_log_is_the_same_data(deployed: Deployed) -> None:
    name = daemon(deployed)
    text = deployed.network.lab.log("corporate", name)
    path = deployed.network.folder / "saved.txt"
    path.write_text(text, encoding="utf-8")
    words = f"lookup('ansible.builtin.file', '{path}', rstrip=false) | hubspoke.srx.parse('show log {name}')"
    said = deployed.ask({"read": log(), "saved": {"ansible.builtin.set_fact": {"log": "{{ " + words + " }}"}}})
    saved = said["saved"]["ansible_facts"]["log"]
    events = events_of(said["read"])
    assert saved["source"] == "text"
    assert saved["items"] == [event | {"date_time": None} for event in events]


def test_a_peer_that_is_not_recognised(deployed: Deployed) -> None:
    lab = deployed.network.lab
    sunnyvale = (deployed.network.artifacts / "sunnyvale.screenos").read_text(encoding="utf-8")
    lab.screenos("sunnyvale", sunnyvale.replace("sec-level standard", "sec-level basic"))
    try:
        deployed.reply("<clear-ike-security-association/>")
        deployed.ask({"ping": ask("ping", destination="192.168.168.1", source="10.10.10.1", count=1, wait=1)})
        said = deployed.ask({"log": log(peer_address=SUNNYVALE, last=600), "all": log()})
    finally:
        lab.screenos("sunnyvale", sunnyvale)
    events = events_of(said["log"])
    failed = [event for event in events if event["cause"]]
    assert failed, events
    assert {event["cause"] for event in failed} == {"no_proposal"}
    assert all(event["remedy"].startswith("Make the ") for event in failed)
    assert events_of(said["all"])


def test_rotated_files(deployed: Deployed) -> None:
    # The hub has no next hop of westford while the tunnel is down, so only westford can start it.
    device = deployed.network.lab.status()["devices"]["westford"]
    with Device(
        host=device["address"], port=device["port"], user="hubspoke", gather_facts=False,
        ssh_config=deployed.network.lab.ssh_config, hostkey_verify=True,
    ) as connection:  # fmt: skip
        for _round in range(ROUNDS):
            for request in (
                "<clear-ike-security-association/>",
                "<ping><host>10.10.10.1</host><source>192.168.178.1</source><count>1</count></ping>",
            ):
                connection.execute(etree.fromstring(request))
    file = daemon(deployed)
    said = deployed.ask({"all": log(), "old": log(files=[f"{file}.0"]), "gone": log(files=[f"{file}.77"])})
    assert said["all"]["files"][-2:] == [f"{file}.0", file]
    events = events_of(said["all"])
    assert [event["date_time"] for event in events] == sorted(event["date_time"] for event in events)
    assert said["all"]["counts"]["vpn_down"] >= ROUNDS
    old = events_of(said["old"])
    assert old
    assert old == events[: len(old)] or said["all"]["files"][0] != f"{file}.0"
    assert said["gone"]["failed"] is True
    assert said["gone"]["reason"] == "bad_argument"
    assert f"corporate: files: expected {file}.77 in /var/log, actual no such file." in in_words(said["gone"])
    assert "Choose one of the files of the device: " in in_words(said["gone"])


def test_invalid_input_is_explained(deployed: Deployed) -> None:
    said = deployed.ask(
        {
            "time": log(since="an hour ago"),
            "order": log(since="2026-01-02 00:00:00", until="2026-01-01 00:00:00"),
            "elsewhere": log(files=["/config/juniper.conf.gz"]),
            "kind": log(kinds=["phase3_failed"]),
        }
    )
    assert all(answer["failed"] for answer in said.values())
    assert "corporate: since: expected the device's own time as YYYY-MM-DD HH:MM:SS" in in_words(said["time"])
    assert "corporate: since: expected a time before until" in in_words(said["order"])
    assert "expected names of files in /var/log, actual '/config/juniper.conf.gz'" in in_words(said["elsewhere"])
    assert "phase3_failed" in in_words(said["kind"])


def test_the_folder_is_only_read(deployed: Deployed) -> None:
    before = deployed.network.configurations()
    said = deployed.ask({"log": {**log(last=60), "check_mode": True}}, host="westford")
    assert said["log"]["changed"] is False
    assert deployed.network.configurations() == before
