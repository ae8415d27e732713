# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""--limit means the same in every playbook: each row of the guide's table is run against the lab."""

from __future__ import annotations

import re
import subprocess
import typing as t
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import ROOT, Network, Run, document_network, environment
from tests.integration.test_document import commit_by_hand
from tests.integration.test_no_hosts import PLAYBOOKS

OSLO = {
    "nhtb_site": "oslo",
    "ansible_port": 20832,
    "nhtb_lans": [{"interface": "ge-0/0/3.0", "address": "192.168.188.1/24"}],
    "nhtb_wan": {"interface": "ge-0/0/0.0", "address": "4.4.4.2/30", "gateway": "4.4.4.1"},
    "nhtb_tunnel": {"unit": 0, "address": "10.11.11.13/24"},
}
SPOKE = ("--limit", "westford")
NEW_KEY = "Given-Key-Of-Westford-4711"
OTHER_MSS = {"nhtb_mss": 1300}
LIMITED = "outside --limit"
GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide.rst"


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    """Return the document's network with one Junos spoke more, deployed."""
    folder: Path = tmp_path_factory.mktemp("limit")
    overlay = folder / "oslo.yml"
    overlay.write_text(yaml.safe_dump({"nhtb_spokes": {"hosts": {"oslo": OSLO}}}), encoding="utf-8")
    with document_network(folder, before=[overlay]) as found:
        done = found.playbook("deploy")
        assert done.status == 0, done.output
        yield found


@contextmanager
def out_of_reach(network: Network, *hosts: str) -> t.Iterator[None]:
    """Refuse every login of these hosts: a run that succeeds has not contacted them."""
    for host in hosts:
        network.lab.fault(host, "refuse-login")
    try:
        yield
    finally:
        network.lab.fault("all", "clear")


@contextmanager
def overlaid(network: Network, **hosts: dict[str, t.Any]) -> t.Iterator[None]:
    """Add variables of spokes to the inventory."""
    network.inventories.append(network.overlay("overlay", {"nhtb_spokes": {"hosts": hosts}}))
    try:
        yield
    finally:
        network.inventories.pop()


def commits(network: Network) -> dict[str, int]:
    return {host: device["commits"] for host, device in network.lab.status()["devices"].items()}


def is_idle(network: Network) -> bool:
    return not any(device["pending"] or device["lock"] for device in network.lab.status()["devices"].values())


def changed(network: Network, before: dict[str, str]) -> set[str]:
    after = network.configurations()
    return {host for host in before if after[host] != before[host]}


def part(configuration: str, *sites: str) -> list[str]:
    """Return the lines of a configuration that name sites."""
    return [line.strip() for line in configuration.splitlines() if any(site in line for site in sites)]


def checked(network: Network) -> set[tuple[str, str]]:
    """Return the tunnels that the last run has verified, each with the host that was asked."""
    findings = (finding for host in network.report()["hosts"] for finding in host["findings"])
    return {(finding["host"], finding["tunnel"]) for finding in findings if finding["tunnel"]}


def only_reads(network: Network, playbook: str, *arguments: str, status: int = 0, **variables: t.Any) -> Run:
    """Run a playbook for one spoke, and expect that no device has another configuration or another commit."""
    before, count = network.configurations(), commits(network)
    done = network.playbook(playbook, *SPOKE, *arguments, **variables)
    assert done.status == status, done.output
    assert not changed(network, before)
    assert commits(network) == count
    assert is_idle(network)
    return done


def deploy(network: Network) -> None:
    before = network.configurations()
    with out_of_reach(network, "oslo"):
        done = network.playbook("deploy", *SPOKE, **OTHER_MSS)
        assert done.status == 0, done.output
        assert changed(network, before) == {"corporate", "westford"}
        # The hub belongs to the tunnel, and its part for each other spoke stays, in its order.
        others = ("oslo", "sunnyvale")
        assert part(network.configurations()["corporate"], *others) == part(before["corporate"], *others)
        assert checked(network) == {("corporate", "westford-vpn"), ("westford", "corp-vpn")}
        assert network.outcome("corporate")["state"] == "confirmed"
        assert network.outcome("oslo")["message"] == f"not touched: {LIMITED}"
        done = network.playbook("deploy", *SPOKE)
        assert done.status == 0, done.output
    assert network.configurations() == before


def verify(network: Network) -> None:
    with out_of_reach(network, "oslo"):
        only_reads(network, "verify")
    found = [finding for host in network.report()["hosts"] for finding in host["findings"]]
    assert {finding["peer"] for finding in found} <= {"corporate", "westford", ""}
    pings = {finding["object"] for finding in found if finding["check"] == "pings"}
    assert pings == {"10.10.10.0/24", "192.168.178.0/24"}


def drift(network: Network) -> None:
    with out_of_reach(network, "corporate", "oslo"):
        only_reads(network, "drift")
    # Without -v the screen has only those that differ.
    assert network.outcome("oslo")["message"] == f"not touched: {LIMITED}"


def troubleshoot(network: Network) -> None:
    with out_of_reach(network, "oslo"):
        done = only_reads(network, "troubleshoot", nhtb_trouble_wait=1, nhtb_sample_interval=0.1)
    assert "cannot be read" not in done.output


def trace(network: Network) -> None:
    before, count = network.configurations(), commits(network)
    with out_of_reach(network, "oslo"):
        done = network.playbook("trace", *SPOKE, nhtb_trace_seconds=0)
    assert done.status == 0, done.output
    assert not changed(network, before)
    assert {host for host, number in commits(network).items() if number != count[host]} == {"corporate", "westford"}


def collect(network: Network) -> None:
    with out_of_reach(network, "corporate", "oslo"):
        assert LIMITED in only_reads(network, "collect").output


def rotate_keys(network: Network) -> None:
    with out_of_reach(network, "oslo"):
        done = only_reads(network, "rotate_keys", "--check", "--diff", nhtb_new_pre_shared_key=NEW_KEY)
    assert shown_diffs(done) == {"corporate", "westford"}
    refused = network.playbook("rotate_keys", "--limit", "corporate", nhtb_new_pre_shared_key=NEW_KEY)
    assert refused.status == 2
    assert "expected spokes of the VPN" in refused.output


def remove(network: Network) -> None:
    # The other spokes have routes and addresses for the site.
    assert shown_diffs(only_reads(network, "remove", "--check", "--diff")) == {"corporate", "oslo", "westford"}


def recover(network: Network) -> None:
    with out_of_reach(network, "corporate", "oslo"):
        only_reads(network, "recover")


def render(network: Network) -> None:
    folder = network.folder / "rendered"
    done = network.playbook("render", *SPOKE, "-e", f'{{"nhtb_artifacts_dir": "{folder}"}}')
    assert done.status == 0, done.output
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {"westford.conf", "westford.set"}


def adopt(network: Network) -> None:
    done = only_reads(network, "adopt", status=2, nhtb_adopt_dir=str(network.folder / "adopted"))
    assert f"expected all devices of the VPN, actual this one {LIMITED}" in done.output


def preflight(network: Network) -> None:
    with out_of_reach(network, "corporate", "oslo"):
        only_reads(network, "preflight")


def shown_diffs(done: Run) -> set[str]:
    """Return the hosts whose names stand above differences."""
    return set(re.findall(r"^(\w+):\n\[edit", done.output, re.MULTILINE))


ROWS: dict[str, t.Callable[[Network], None]] = {
    one.__name__: one
    for one in (
        deploy, verify, drift, troubleshoot, trace, collect, rotate_keys, remove, recover, render, adopt,
        preflight,
    )
}  # fmt: skip


def rows_of_the_guide() -> list[str]:
    text = GUIDE.read_text(encoding="utf-8")
    start = text.index(".. _ansible_collections.hubspoke.srx.docsite.guide.limit:")
    return re.findall(r"^ +\* - ``(\w+)``$", text[start : text.index("When one site fails", start)], re.MULTILINE)


@pytest.mark.parametrize("playbook", sorted(ROWS))
def test_a_row_of_the_table_holds(network: Network, playbook: str) -> None:
    ROWS[playbook](network)


def test_the_table_has_every_playbook_that_knows_hosts() -> None:
    rows = rows_of_the_guide()
    assert sorted(rows) == sorted(ROWS)
    assert set(rows) == {path.stem for path in PLAYBOOKS} - {"report"}


def test_the_hub_alone_has_all_its_tunnels(network: Network) -> None:
    before = network.configurations()
    with out_of_reach(network, "oslo", "westford"):
        assert network.playbook("deploy", "--limit", "corporate", **OTHER_MSS).status == 0
        assert changed(network, before) == {"corporate"}
        assert checked(network) == {("corporate", f"{site}-vpn") for site in ("oslo", "sunnyvale", "westford")}
        assert network.playbook("deploy", "--limit", "corporate").status == 0
    assert network.configurations() == before


def test_a_hub_that_fails_fails_the_run_although_it_is_not_named(network: Network) -> None:
    before = network.configurations()
    with out_of_reach(network, "corporate"):
        done = network.playbook("deploy", *SPOKE, **OTHER_MSS)
    assert done.status != 0
    assert not changed(network, before)
    assert network.outcome("corporate")["failed"]


def test_hosts_outside_the_limit_with_one_cause_have_one_reason(network: Network) -> None:
    network.lab.fault("corporate", "fail-check", message="no such thing is configured")
    try:
        done = network.playbook("remove", *SPOKE)
    finally:
        network.lab.fault("all", "clear")
    assert done.status != 0
    (said,) = re.findall(r'"msg": "(corporate: commit check: .* 2 hosts outside this play\.)"', done.output)
    assert len(said) <= 120
    assert '"detail"' not in done.output
    assert "run again with --check" in done.output


def test_rounds_and_failed_sites_are_among_the_named_spokes(network: Network) -> None:
    before = network.configurations()
    two = ("--limit", "westford,oslo")
    done = network.playbook("deploy", *two, nhtb_batch_size=1, **OTHER_MSS)
    assert done.status == 0, done.output
    assert changed(network, before) == {"corporate", "oslo", "westford"}
    assert part(network.configurations()["corporate"], "sunnyvale") == part(before["corporate"], "sunnyvale")
    between = network.configurations()
    network.lab.fault("oslo", "fail-check")
    try:
        done = network.playbook("deploy", *two, nhtb_on_failure="site")
    finally:
        network.lab.fault("all", "clear")
    assert done.status != 0, "a site that fails is a failure"
    assert changed(network, between) == {"corporate", "westford"}
    assert network.playbook("deploy").status == 0
    assert network.configurations() == before


def test_a_spoke_that_leaves_later_keeps_its_part_of_the_hub(network: Network) -> None:
    before = network.configurations()
    with overlaid(network, westford={"nhtb_state": "absent"}):
        done = network.playbook("deploy", "--limit", "oslo")
        assert done.status == 0, done.output
        assert part(network.configurations()["corporate"], "westford") == part(before["corporate"], "westford")
        refused = network.playbook("deploy", *SPOKE)
        assert refused.status == 2
        assert "Use hubspoke.srx.remove with this limit" in refused.output
    assert network.playbook("deploy").status == 0
    assert network.configurations() == before


def test_parts_that_the_inventory_does_not_know_stay_on_the_hub(network: Network) -> None:
    """A site that the inventory has no more, or under another name, is not in the limit."""
    before = network.configurations()
    with overlaid(network, westford={"nhtb_site": "westford2"}):
        done = network.playbook("deploy", "--limit", "oslo")
        assert done.status == 0, done.output
    # The spokes have the new name of the other site in their address books.
    assert changed(network, before) <= {"oslo"}
    assert network.playbook("deploy").status == 0
    assert network.configurations() == before


def play(network: Network, failing: str, *arguments: str) -> Run:
    """Run a playbook that fails for one host before it deploys."""
    tasks = [
        {"name": "Fail", "ansible.builtin.fail": {}, "when": f"inventory_hostname == '{failing}'"},
        {"name": "Deploy", "ansible.builtin.import_role": {"name": "hubspoke.srx.nhtb"}},
    ]
    tasks[1]["ansible.builtin.import_role"] |= {"rolespec_validate": False}  # type: ignore[operator]
    path = network.folder / "own.yml"
    content = [{"name": "Own", "hosts": "nhtb_hubs:nhtb_spokes", "gather_facts": False, "tasks": tasks}]
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    program, _name, *rest = network.command("deploy", *arguments)
    done = subprocess.run(
        [program, str(path), *rest], cwd=network.folder, env=environment(network.folder),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
    )  # fmt: skip
    return Run(done.returncode, " ".join(done.stdout.split()))


def test_an_earlier_failure_is_not_taken_for_the_limit(network: Network) -> None:
    count = commits(network)
    done = play(network, "oslo", "--limit", "oslo,westford")
    assert network.outcome("oslo")["message"] == "not touched: failed or ended earlier in this run", done.output
    assert network.outcome("sunnyvale")["message"] == f"not touched: {LIMITED}"
    done = play(network, "corporate")
    assert done.status == 2
    assert "corporate: play: expected the hub, the other end of every tunnel, actual failed or ended" in done.output
    assert commits(network) == count


def test_the_first_deployment_may_go_by_parts(document: Network) -> None:
    """A ScreenOS spoke that alone is named gives the hub its tunnel; the order is that of the whole plan in the end."""
    for limit in ("sunnyvale", "westford"):
        done = document.playbook("deploy", "--limit", limit)
        assert done.status == 0, done.output
        assert {tunnel for host, tunnel in checked(document) if host == "corporate"} == {f"{limit}-vpn"}
    count = commits(document)
    assert document.playbook("deploy").status == 0
    assert commits(document) == count


def test_a_change_by_hand_of_another_tunnel_stays(document: Network) -> None:
    assert document.playbook("deploy").status == 0
    commit_by_hand(
        document, "corporate", "set groups hubspoke security ike gateway sunnyvale-gate dead-peer-detection interval 20"
    )
    assert document.playbook("deploy", *SPOKE, **OTHER_MSS).status == 0
    assert "interval 20" in document.lab.show("corporate")
