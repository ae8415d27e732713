# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules that query one device, in plays, on the document's network with its tunnels up."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import typing as t
from dataclasses import dataclass

import pytest
import yaml
from jnpr.junos import Device
from lxml import etree

from tests.integration.conftest import Network, document_network, environment, in_words
from tests.utils.ports import free_ports

Task = dict[str, t.Any]
Answers = dict[str, dict[str, t.Any]]
SUNNYVALE, WESTFORD = "2.2.2.2", "3.3.3.2"


@dataclass
class Deployed:
    """The deployed network of the document."""

    network: Network

    def ask(self, tasks: t.Mapping[str, Task], host: str = "corporate", **play: t.Any) -> Answers:
        """Run tasks in one play. Return each result by the task's name; a task may fail, and use earlier results."""
        steps = [
            {"register": name, "ignore_errors": True, "ignore_unreachable": True, **task}
            for name, task in tasks.items()
        ]
        results = "{" + ", ".join(f"'{name}': {name}" for name in tasks) + "}"
        # As one word, which Ansible prints unchanged.
        tell = {"ansible.builtin.debug": {"msg": "answers:{{ " + results + " | to_json | b64encode }}"}}
        folder = self.network.folder
        path = folder / "play.yml"
        path.write_text(yaml.safe_dump([{"hosts": host, "gather_facts": False, "tasks": [*steps, tell], **play}]))
        program, _playbook, *rest = self.network.command("verify")
        run = subprocess.run(
            [program, str(path), *rest],
            cwd=folder, env=environment(folder), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, check=False,
        )  # fmt: skip
        told = re.search(r"answers:([\w+/=]+)", run.stdout)
        assert run.returncode == 0, run.stdout
        assert told, run.stdout
        answers: Answers = json.loads(base64.b64decode(told.group(1)))
        return answers

    def reply(self, request: str, host: str = "corporate") -> etree._Element:
        """Return the device's reply to another client."""
        device = self.network.lab.status()["devices"][host]
        with Device(
            host=device["address"], port=device["port"], user="hubspoke", gather_facts=False,
            ssh_config=self.network.lab.ssh_config, hostkey_verify=True,
        ) as connection:  # fmt: skip
            answer: etree._Element = connection.execute(etree.fromstring(request))
            return answer


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Deployed]:
    with document_network(tmp_path_factory.mktemp("modules")) as network:
        run = network.playbook("deploy")
        assert run.status == 0, run.output
        yield Deployed(network)


def ask(module: str, **options: t.Any) -> Task:
    return {f"hubspoke.srx.{module}": options}


def rows(answer: dict[str, t.Any], key: str) -> list[dict[str, t.Any]]:
    """Return the rows of a module that succeeded without warnings and without a change."""
    assert answer.get("failed") in (None, False), answer
    assert (answer["changed"], answer["notes"]) == (False, [])
    found: list[dict[str, t.Any]] = answer[key]
    return found


def test_tunnels(deployed: Deployed) -> None:
    said = deployed.ask(
        {
            "bindings": ask("next_hop_tunnels_info"),
            "ike": ask("ike_security_associations_info"),
            "ike_brief": ask("ike_security_associations_info", level="brief"),
            "ike_westford": ask("ike_security_associations_info", peer_address=WESTFORD),
            "ike_nobody": ask("ike_security_associations_info", peer_address="192.0.2.1"),
            "ipsec": ask("ipsec_security_associations_info"),
            "ipsec_brief": ask("ipsec_security_associations_info", level="brief"),
            "ipsec_westford": ask("ipsec_security_associations_info", vpn="westford-vpn"),
            "ipsec_unknown": ask("ipsec_security_associations_info", vpn="unknown-vpn"),
            "inactive": ask("inactive_tunnels_info"),
        }
    )
    assert rows(said["bindings"], "next_hop_tunnels") == [
        {"next_hop": "10.11.11.11", "interface": "st0.0", "vpn": "sunnyvale-vpn", "flag": "Static", "node": None},
        {"next_hop": "10.11.11.12", "interface": "st0.0", "vpn": "westford-vpn", "flag": "Auto", "node": None},
    ]
    assert said["bindings"]["source"] == "text"
    assert said["ike"]["source"] == "xml"

    ike = {row["remote_address"]: row for row in rows(said["ike"], "security_associations")}
    assert {address: (row["gateway"], row["state"], row["local_address"]) for address, row in ike.items()} == {
        SUNNYVALE: ("sunnyvale-gate", "UP", "1.1.1.2"),
        WESTFORD: ("westford-gate", "UP", "1.1.1.2"),
    }
    assert all(isinstance(row["index"], int) and 0 < row["lifetime_seconds"] <= 86400 for row in ike.values())
    brief = rows(said["ike_brief"], "security_associations")
    assert {row["index"] for row in brief} == {row["index"] for row in ike.values()}
    assert {row["gateway"] for row in brief} == {None}
    assert [row["remote_address"] for row in rows(said["ike_westford"], "security_associations")] == [WESTFORD]
    assert rows(said["ike_nobody"], "security_associations") == []

    ipsec = {row["vpn"]: row for row in rows(said["ipsec"], "tunnels")}
    assert {vpn: (row["remote_gateway"], row["bind_interface"]) for vpn, row in ipsec.items()} == {
        "sunnyvale-vpn": (SUNNYVALE, "st0.0"),
        "westford-vpn": (WESTFORD, "st0.0"),
    }
    for row in ipsec.values():
        assert [one["direction"] for one in row["security_associations"]] == ["inbound", "outbound"]
        assert all(len(one["spi"]) == 8 and one["lifetime_seconds"] > 0 for one in row["security_associations"])
    indexes = {row["tunnel_index"] for row in ipsec.values()}
    assert {row["tunnel_index"] for row in rows(said["ipsec_brief"], "tunnels")} == indexes
    assert [row["vpn"] for row in rows(said["ipsec_westford"], "tunnels")] == ["westford-vpn"]
    assert said["ipsec_unknown"]["failed"] is True
    assert said["ipsec_unknown"]["reason"] == "refused"
    assert "VPN unknown-vpn is not configured" in in_words(said["ipsec_unknown"])
    assert rows(said["inactive"], "tunnels") == []


def test_traffic(deployed: Deployed) -> None:
    to_westford = "{{ ipsec.tunnels[0].tunnel_index }}"
    said = deployed.ask(
        {
            "ipsec": ask("ipsec_security_associations_info", vpn="westford-vpn"),
            "before": ask("ipsec_statistics_info", tunnel_index=to_westford),
            "answered": ask("ping", destination="192.168.178.1", source="10.10.10.1", count=2),
            "after": ask("ipsec_statistics_info", tunnel_index=to_westford),
            "together": ask("ipsec_statistics_info"),
            "unanswered": ask("ping", destination="198.51.100.7", source="10.10.10.1", count=1, wait=1),
            "not_sent": ask("ping", destination="192.168.178.1", source="192.168.178.1", count=1),
        }
    )
    answered = said["answered"]
    counted = {key: answered[key] for key in ("target", "replies", "sent", "received", "loss_percent", "failure")}
    assert counted == {
        "target": "192.168.178.1", "replies": 2, "sent": 2, "received": 2, "loss_percent": 0, "failure": None,
    }  # fmt: skip
    assert 0 < answered["rtt_minimum"] <= answered["rtt_average"] <= answered["rtt_maximum"]
    unanswered = said["unanswered"]
    assert (unanswered["sent"], unanswered["received"], unanswered["loss_percent"]) == (1, 0, 100)
    assert not unanswered.get("failed")
    assert said["not_sent"]["failure"] == "bind: Can't assign requested address"
    assert (said["not_sent"]["sent"], said["not_sent"]["replies"]) == (None, 0)

    (before,), (after,), (together,) = (rows(said[name], "statistics") for name in ("before", "after", "together"))
    index = said["ipsec"]["tunnels"][0]["tunnel_index"]
    assert (before["tunnel_index"], after["tunnel_index"], together["tunnel_index"]) == (index, index, None)
    for counter in ("esp_encrypted_packets", "esp_decrypted_packets"):
        assert after[counter] == before[counter] + 2
        assert together[counter] >= after[counter]
    assert [after[counter] for counter in after if counter.endswith(("errors", "failures"))].count(0) >= 4


def test_routes(deployed: Deployed) -> None:
    said = deployed.ask(
        {
            "lan": ask("route_info", destination="192.168.178.0/24"),
            "address": ask("route_info", destination="198.51.100.7"),
            "unknown": ask("route_info", destination="198.51.100.0/24"),
            "direct": ask("route_info", table="inet.0", protocol="direct"),
            "no_table": ask("route_info", table="unknown.inet.0"),
        }
    )
    assert rows(said["lan"], "routes") == [
        {
            "table": "inet.0", "destination": "192.168.178.0/24", "active": True, "protocol": "Static",
            "preference": 5, "next_hop": "10.11.11.12", "via": "st0.0", "next_hop_type": None, "node": None,
            "next_table": None,
        }
    ]  # fmt: skip
    assert [row["destination"] for row in rows(said["address"], "routes")] == ["0.0.0.0/0"]
    assert rows(said["unknown"], "routes") == []
    assert rows(said["no_table"], "routes") == []
    assert {row["via"]: row["protocol"] for row in rows(said["direct"], "routes")} == {
        "ge-0/0/0.0": "Direct",
        "ge-0/0/3.0": "Direct",
        "st0.0": "Direct",
    }


def test_system(deployed: Deployed) -> None:
    said = deployed.ask({"storage": ask("storage_info"), "history": ask("commit_info")})
    var = next(row for row in rows(said["storage"], "filesystems") if row["mounted_on"] == "/var")
    assert var["name"] == "/dev/gpt/var"
    assert 0 <= var["used_percent"] < 100
    assert var["used_blocks"] + var["available_blocks"] <= var["total_blocks"]
    confirmation, trial, *_older = rows(said["history"], "commits")
    assert [row["sequence"] for row in (confirmation, trial)] == [0, 1]
    assert (confirmation["confirmed_minutes"], confirmation["pending"]) == (None, False)
    assert (trial["confirmed_minutes"], trial["pending"]) == (10, False)
    assert trial["comment"].startswith("hubspoke ")
    assert confirmation["epoch_seconds"] >= trial["epoch_seconds"] > 1_700_000_000


def test_check_mode_answers_the_same(deployed: Deployed) -> None:
    tasks = {
        "bindings": ask("next_hop_tunnels_info"),
        "history": ask("commit_info"),
        "lan": ask("route_info", destination="192.168.178.0/24"),
    }
    before = deployed.network.configurations()
    said = deployed.ask(tasks | {f"{name}_checked": {**task, "check_mode": True} for name, task in tasks.items()})
    for name in tasks:
        assert said[f"{name}_checked"] == said[name]
        assert said[name]["changed"] is False
    assert deployed.network.configurations() == before


def test_raw_by_option_and_by_the_group_of_all_modules(deployed: Deployed) -> None:
    tasks = {
        "storage": ask("storage_info"),
        "bindings": ask("next_hop_tunnels_info"),
        "without": ask("storage_info", raw=False),
    }
    said = deployed.ask(tasks, module_defaults={"group/hubspoke.srx.srx": {"raw": True}})
    systems = said["storage"]["raw"]["rpc-reply"]["system-storage-information"]["filesystem"]
    assert [one["filesystem-name"] for one in systems] == [row["name"] for row in said["storage"]["filesystems"]]
    assert "10.11.11.12" in said["bindings"]["raw"]["rpc-reply"]["output"]
    assert "raw" not in said["without"]


def test_saved_replies_are_the_same_data(deployed: Deployed) -> None:
    folder = deployed.network.folder
    route = deployed.reply("<get-route-information/>")
    (folder / "routes.xml").write_bytes(etree.tostring(route.getroottree()))
    table = deployed.reply('<get-ipsec-next-hop-tunnel-information format="text"/>')
    (folder / "bindings.txt").write_text(table.text or "", encoding="utf-8")

    def parsed(file: str, command: str) -> Task:
        words = f"lookup('ansible.builtin.file', '{folder / file}', rstrip=false) | hubspoke.srx.parse('{command}')"
        return {"ansible.builtin.set_fact": {"reply": "{{ " + words + " }}"}}

    said = deployed.ask(
        {
            "routes": ask("route_info"),
            "saved_routes": parsed("routes.xml", "show route"),
            "bindings": ask("next_hop_tunnels_info"),
            "saved_bindings": parsed("bindings.txt", "show security ipsec next-hop-tunnels"),
            "mistaken": parsed("bindings.txt", "show route"),
        }
    )
    for name, key in (("routes", "routes"), ("bindings", "next_hop_tunnels")):
        saved = said[f"saved_{name}"]["ansible_facts"]["reply"]
        assert saved == {"items": rows(said[name], key), "source": said[name]["source"], "notes": [], "doubts": []}
        assert saved["items"]
    assert said["mistaken"]["failed"] is True
    assert "hubspoke.srx.parse: show route: expected" in in_words(said["mistaken"])


def test_a_device_that_cannot_be_reached_or_refuses_the_login(deployed: Deployed) -> None:
    (port,) = free_ports(1)
    lab = deployed.network.lab
    lab.fault("westford", "refuse-login")
    try:
        said = deployed.ask(
            {
                "refused": ask("storage_info"),
                "silent": {**ask("storage_info"), "vars": {"ansible_port": port}},
                "third_party": {**ask("storage_info"), "delegate_to": "sunnyvale"},
            },
            host="westford",
        )
    finally:
        lab.fault("westford", "clear")
    silent, refused, third_party = said["silent"], said["refused"], said["third_party"]
    assert silent["unreachable"] is True
    assert silent["reason"] == "unreachable"
    assert f"port {port}): NETCONF over SSH: expected an answer, actual connection refused" in in_words(silent)
    assert refused["unreachable"] is True
    assert not refused.get("failed")
    assert refused["reason"] == "authentication"
    assert "login as hubspoke: expected to be accepted, actual refused" in in_words(refused)
    assert third_party["reason"] == "bad_argument"
    assert third_party["msg"] == "sunnyvale: storage_info: expected a device with Junos, actual ScreenOS."
    assert not any("filesystems" in answer for answer in said.values())


def test_options_match_their_documentation(deployed: Deployed) -> None:
    said = deployed.ask(
        {
            "missing": ask("ping"),
            "mistyped": ask("route_info", destinatoin="10.0.0.0/8"),
            "no_number": ask("ipsec_statistics_info", tunnel_index="westford-vpn"),
        }
    )
    assert all(answer["failed"] for answer in said.values())
    assert "missing required arguments: destination" in in_words(said["missing"])
    assert "destinatoin" in in_words(said["mistyped"])
    assert "tunnel_index" in in_words(said["no_number"])


def test_a_tunnel_that_is_down_is_listed_with_the_reason(deployed: Deployed) -> None:
    lab = deployed.network.lab
    text = (deployed.network.artifacts / "sunnyvale.screenos").read_text(encoding="utf-8")
    lab.screenos("sunnyvale", text.replace("sec-level standard", "sec-level basic"))
    # The associations outlive the change: the next negotiation fails.
    lab.fault("corporate", "flap", vpn="sunnyvale-vpn")
    try:
        said = deployed.ask(
            {"inactive": ask("inactive_tunnels_info"), "ipsec": ask("ipsec_security_associations_info")}
        )
    finally:
        lab.screenos("sunnyvale", text)
    (down,) = rows(said["inactive"], "tunnels")
    assert (down["remote_gateway"], down["vpn"], down["port"]) == (SUNNYVALE, None, 500)
    assert "NO_PROPOSAL_CHOSEN" in down["reason"]
    assert down["times"] >= 1
    assert down["tunnel_index"] not in {row["tunnel_index"] for row in rows(said["ipsec"], "tunnels")}
