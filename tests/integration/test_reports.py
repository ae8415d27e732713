# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of each command in each of its formats, made again, and compared with another."""

from __future__ import annotations

import json
import typing as t
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._report.schema import SCHEMA
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.conftest import Network, Run, document_network
from tests.integration.test_document import KEY, commit_by_hand

FILES = ("junit.xml", "metrics.prom", "report.html", "report.json", "report.md")
EVERY = {"nhtb_report_formats": ["html", "junit", "md", "prom"]}
GATEWAY = "groups hubspoke security ike gateway corp-gate address"
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    with document_network(tmp_path_factory.mktemp("reports")) as network:
        yield network


def runs(network: Network) -> set[Path]:
    """Return the folders of all runs."""
    return {path for path in (network.folder / "artifacts").iterdir() if path.is_dir() and not path.is_symlink()}


def folder_of(network: Network, playbook: str, *arguments: str, status: int = 0, **variables: t.Any) -> Path:
    """Run a playbook that writes every format; return the folder of its run, whose files are all well formed."""
    before = runs(network)
    run = network.playbook(playbook, *arguments, **{**EVERY, **variables})
    assert run.status == status, run.output
    (folder,) = runs(network) - before
    content = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert list(VALIDATOR.iter_errors(content)) == []
    assert content["run"] == folder.name
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in FILES}
    for name, text in texts.items():
        assert KEY not in text, name
        assert "$9$" not in text, name
    assert int(ET.fromstring(texts["junit.xml"]).get("tests", "")) > len(content["hosts"])
    assert list(text_string_to_metric_families(texts["metrics.prom"]))
    assert texts["report.md"].startswith(f"## VPN: {content['verdict']}\n")
    return folder


def with_a_tunnel_down(network: Network) -> Path:
    """Verify while Westford has another address for the hub; return the folder of the run."""
    commit_by_hand(network, "westford", f"delete {GATEWAY} 1.1.1.2", f"set {GATEWAY} 192.0.2.99")
    # The associations outlive the commit: the next negotiation fails.
    network.lab.fault("corporate", "flap", vpn="westford-vpn")
    try:
        return folder_of(network, "verify", status=2)
    finally:
        commit_by_hand(network, "westford", f"delete {GATEWAY} 192.0.2.99", f"set {GATEWAY} 1.1.1.2")


def report_of(folder: Path) -> dict[str, t.Any]:
    content: dict[str, t.Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return content


def again(network: Network, folder: Path, **variables: t.Any) -> Run:
    """Run the playbook for old reports on one, without any inventory."""
    inventories, network.inventories = network.inventories, []
    try:
        return network.playbook("report", **{**EVERY, **variables}, nhtb_report=str(folder / "report.json"))
    finally:
        network.inventories = inventories


@pytest.fixture(scope="module")
def deployed(network: Network) -> Path:
    return folder_of(network, "deploy", nhtb_ticket="CHG-4711")


def test_a_deployment_writes_every_format(deployed: Path) -> None:
    content = report_of(deployed)
    assert (content["command"], content["mode"], content["ticket"]) == ("transaction", "apply", "CHG-4711")
    assert content["verdict"] == "ok"
    assert content["counts"]["tunnels"]["up"] == len(content["tunnels"]) == 2


@pytest.mark.parametrize(
    ("playbook", "arguments", "command", "mode"),
    [
        ("deploy", ["--check"], "transaction", "check"),
        ("verify", [], "nhtb_verify", "verify"),
        ("recover", [], "recover", "recover"),
        ("drift", [], "drift", "drift"),
        ("remove", ["--check", "-l", "westford"], "remove", "check"),
        ("rotate_keys", ["--check", "-l", "westford"], "rotate_keys", "check"),
    ],
)
def test_a_command_writes_every_format(
    network: Network, deployed: Path, playbook: str, arguments: list[str], command: str, mode: str
) -> None:
    content = report_of(folder_of(network, playbook, *arguments, nhtb_new_pre_shared_key="Another-Key-4711"))
    assert (content["command"], content["mode"], content["verdict"]) == (command, mode, "ok")


def test_a_failure_has_its_cause_in_every_format(network: Network, deployed: Path) -> None:
    folder = with_a_tunnel_down(network)
    content = report_of(folder)
    assert content["verdict"] != "ok"
    assert content["causes"]
    assert "### Causes" in (folder / "report.md").read_text(encoding="utf-8")
    assert "Follows from " in (folder / "junit.xml").read_text(encoding="utf-8")


def test_the_formats_of_an_old_report_are_the_same_again(network: Network, deployed: Path) -> None:
    texts = {name: (deployed / name).read_bytes() for name in FILES}
    (deployed / "junit.xml").unlink()
    (deployed / "report.md").write_text("another text", encoding="utf-8")
    run = again(network, deployed)
    assert run.status == 0, run.output
    assert "changed=1" in run.output
    assert {name: (deployed / name).read_bytes() for name in FILES} == texts
    assert "changed=0" in again(network, deployed).output


def test_two_runs_with_the_same_result_have_no_changes(network: Network, deployed: Path) -> None:
    first, second = folder_of(network, "verify"), folder_of(network, "verify")
    run = again(network, second, nhtb_compare_with=str(first / "report.json"))
    assert run.status == 0, run.output
    assert "Nothing changed." in run.output
    assert (second / "compare.md").read_text(encoding="utf-8").startswith("## VPN: Nothing changed.\n")


def test_a_tunnel_that_went_down_is_named(network: Network, deployed: Path) -> None:
    before = folder_of(network, "verify")
    after = with_a_tunnel_down(network)
    down = again(network, after, nhtb_compare_with=str(before / "report.json"))
    assert "Went down\n  westford-vpn, corporate to westford: up -> down" in down.output
    assert (
        "Came up\n  westford-vpn, corporate to westford: down -> up"
        in again(network, before, nhtb_compare_with=str(after / "report.json")).output
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"format": 1, "run": "r", "mode": "apply"}', "format: expected 2, actual 1. Run the command again."),
        ('{"format": 2, "run": "{{ 7 * 7 }}"}', "report.command: expected a value, actual none."),
        ("\u001b[31m", "content: expected a JSON document, actual another text."),
    ],
)
def test_another_file_is_a_clear_error(network: Network, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "report.json").write_text(text, encoding="utf-8")
    run = again(network, tmp_path)
    assert run.status == 2
    assert says in " ".join(run.output.split())
    assert "Traceback" not in run.output
    assert {path.name for path in tmp_path.iterdir()} == {"report.json"}


def test_json_alone_is_a_choice(network: Network, deployed: Path) -> None:
    before = runs(network)
    assert network.playbook("verify", nhtb_report_formats=["json"]).status == 0
    (folder,) = runs(network) - before
    assert {path.name for path in folder.iterdir()} & set(FILES) == {"report.json"}


def test_the_page_and_markdown_are_the_default(network: Network, deployed: Path) -> None:
    before = runs(network)
    assert network.playbook("verify").status == 0
    (folder,) = runs(network) - before
    assert {path.name for path in folder.iterdir()} & set(FILES) == {"report.html", "report.json", "report.md"}


def test_troubleshoot_keeps_its_own_file(network: Network, deployed: Path) -> None:
    before = runs(network)
    assert network.playbook("troubleshoot", nhtb_report_formats=["html"]).status == 0
    (folder,) = runs(network) - before
    assert not {path.name for path in folder.iterdir()} & set(FILES)
