# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook troubleshoot against a lab, from inventory to report; tests/trouble has the failures in detail."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from tests.integration.conftest import Network, Run, document_network
from tests.integration.test_document import KEY, commit_by_hand

PLACE = "security ike policy ike-policy-group19 pre-shared-key"
OTHER = "changed-by-hand"


def troubleshoot(network: Network, status: int, *arguments: str, **variables: t.Any) -> Run:
    """Run the playbook, expect its exit status, unchanged devices, and no key in the output."""
    before = network.configurations()
    run = network.playbook(
        "troubleshoot", *arguments, **{"nhtb_trouble_wait": 1, "nhtb_sample_interval": 0.1} | variables
    )
    assert run.status == status, run.output
    assert network.configurations() == before
    told = run.output + json.dumps(report(network))
    for secret in (KEY, OTHER, "$9$"):
        assert secret not in told
    return run


def report(network: Network) -> dict[str, t.Any]:
    path = network.artifacts / "troubleshoot.json"
    content: dict[str, t.Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return content


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    folder: Path = tmp_path_factory.mktemp("trouble")
    with document_network(folder) as network:
        assert network.playbook("deploy").status == 0
        yield network


def test_all_steps_of_a_deployed_network_pass(deployed: Network) -> None:
    run = troubleshoot(deployed, 0)
    assert "all steps pass, from the interfaces to the flow" in run.output
    content = report(deployed)
    assert content["counts"] == {"ok": 1, "failed": 0, "unknown": 1}
    assert [step["state"] for step in content["tunnels"][0]["steps"]] == ["ok"] * 11


def test_a_screenos_spoke_is_named_as_unread(deployed: Network) -> None:
    run = troubleshoot(deployed, 0, "--limit", "sunnyvale")
    [tunnel] = report(deployed)["tunnels"]
    assert (tunnel["spoke"], tunnel["state"]) == ("sunnyvale", "unknown")
    assert "sunnyvale cannot be read (it runs ScreenOS)" in run.output


def test_a_pair_of_spokes_is_two_tunnels(deployed: Network) -> None:
    troubleshoot(deployed, 0, nhtb_trouble_source="westford", nhtb_trouble_destination="sunnyvale")
    content = report(deployed)
    assert content["pair"] == ["westford", "sunnyvale"]
    assert [tunnel["spoke"] for tunnel in content["tunnels"]] == ["westford", "sunnyvale"]


def test_a_pair_with_an_unknown_site_is_refused(deployed: Network) -> None:
    run = troubleshoot(deployed, 2, nhtb_trouble_source="westfort", nhtb_trouble_destination="corporate")
    words = "nhtb_trouble_source: expected a host or site of the VPN, actual 'westfort'"
    assert words in " ".join(run.output.split())
    assert "Traceback" not in run.output


def test_a_pair_with_a_site_to_be_removed_has_no_tunnel(deployed: Network) -> None:
    overlay = {"nhtb_spokes": {"hosts": {"westford": {"nhtb_state": "absent"}}}}
    deployed.inventories.append(deployed.overlay("absent", overlay))
    try:
        run = troubleshoot(deployed, 2, nhtb_trouble_source="corporate", nhtb_trouble_destination="westford")
    finally:
        deployed.inventories.pop()
    assert "westford, which is to be removed (nhtb_state: absent). Name a site" in " ".join(run.output.split())


def test_a_wrong_key_is_named_on_the_device_that_deviates_from_the_plan(deployed: Network) -> None:
    commit_by_hand(deployed, "westford", f"set groups hubspoke {PLACE} ascii-text {OTHER}")
    # The associations outlive the commit: the next negotiation fails.
    deployed.lab.fault("corporate", "flap", vpn="westford-vpn")
    try:
        run = troubleshoot(deployed, 2, "--limit", "westford")
        [tunnel] = report(deployed)["tunnels"]
        assert (tunnel["layer"], tunnel["device"], tunnel["statement"]) == ("phase1", "westford", PLACE)
        assert tunnel["statements"][0]["counterpart"] == f"corporate: {PLACE}"
        assert tunnel["log"]["host"] == tunnel["responder"] == "corporate"
        assert [step["state"] for step in tunnel["steps"]][3:5] == ["failed", "skipped"]
        assert "not checked: Phase 1 is down" in tunnel["steps"][4]["actual"]
        assert f"westford: {PLACE}: expected the planned key, actual another key" in run.output
        troubleshoot(deployed, 0, nhtb_trouble_fails=False)
        assert report(deployed)["counts"] == {"ok": 0, "failed": 1, "unknown": 1}
        run = troubleshoot(deployed, 0, "--limit", "corporate", nhtb_trouble_fails=False)
        assert "westford cannot be read (it is outside --limit)" in run.output
    finally:
        assert deployed.playbook("deploy").status == 0


def test_a_device_out_of_reach_is_an_end_that_cannot_be_read(deployed: Network) -> None:
    deployed.lab.fault("westford", "refuse-login")
    try:
        run = troubleshoot(deployed, 4, "--limit", "westford")
    finally:
        deployed.lab.fault("westford", "clear")
    assert "Read     1/2   failed: westford" in run.output
    assert "westford : ok=1 changed=0 unreachable=1 failed=0" in " ".join(run.output.split())
    [tunnel] = report(deployed)["tunnels"]
    assert tunnel["state"] == "unknown"
    assert "westford cannot be read (login as hubspoke" in tunnel["remedy"]
    # No host of the play is there for a task after the outcomes, so the report comes before them.
    assert tunnel["remedy"] in " ".join(run.output.split())
    assert run.output.index("Not all is known") < run.output.index("UNREACHABLE")
