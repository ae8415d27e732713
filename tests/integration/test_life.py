# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of a VPN after its first deployment: sites fail, are added and removed, and runs are killed."""

from __future__ import annotations

import subprocess
import time

from tests.integration.conftest import Network, environment
from tests.utils.kill import kill_tree


def states(network: Network) -> dict[str, str]:
    return {host["host"]: host["state"] for host in network.report()["hosts"]}


def is_idle(network: Network) -> bool:
    return not any(device["pending"] or device["lock"] for device in network.lab.status()["devices"].values())


def wrong_key_for_sunnyvale(network: Network) -> None:
    """Give the hub a new key for Sunnyvale, whose operator has not entered it."""
    sunnyvale = {"nhtb_pre_shared_key": "of-sunnyvale-alone", "nhtb_operator_ready": True}
    overlay = {"nhtb_spokes": {"hosts": {"sunnyvale": sunnyvale}}}
    network.inventories.append(network.overlay("wrong-key", overlay))


def test_a_site_that_fails_is_excluded_from_the_hub_too(document: Network) -> None:
    wrong_key_for_sunnyvale(document)
    run = document.playbook("deploy", nhtb_on_failure="site", nhtb_max_failures=1)
    assert states(document) == {"corporate": "confirmed", "westford": "confirmed", "sunnyvale": "skipped"}, run.output
    assert run.status == 2, run.output
    report = document.report()
    assert [host["host"] for host in report["hosts"] if host["failed"]] == ["sunnyvale"]
    assert report["counts"]["hosts"]["failed"] == 1
    assert report["decision"].startswith("Confirmed except on sunnyvale. ")
    hub = document.lab.show("corporate")
    assert "westford-vpn" in hub
    assert "sunnyvale" not in hub
    assert is_idle(document)


def test_a_run_without_any_verified_device_is_rolled_back(document: Network) -> None:
    before = document.configurations()
    document.lab.fault("westford", "fail-check")
    run = document.playbook("deploy", nhtb_on_failure="site", nhtb_max_failures=1)
    assert run.status == 2
    assert document.configurations() == before
    assert is_idle(document)


def test_the_hub_keeps_its_part_of_an_excluded_site(document: Network) -> None:
    assert document.playbook("deploy").status == 0
    before = document.lab.show("corporate")
    wrong_key_for_sunnyvale(document)
    document.playbook("deploy", nhtb_on_failure="site", nhtb_mss=1300)
    assert states(document)["corporate"] == "confirmed"
    after = document.lab.show("corporate")
    assert "1300" in after

    def part(text: str) -> list[str]:
        return sorted(line.strip() for line in text.splitlines() if "sunnyvale" in line)

    assert part(after) == part(before)


def test_an_unreachable_spoke_needs_nhtb_tolerate_unreachable(document: Network) -> None:
    before = document.configurations()
    document.lab.fault("westford", "reboot", seconds=600)
    run = document.playbook("deploy", "--limit", "westford")
    assert run.status == 4, run.output
    # Ansible ends the play with its only host, before the task that shows the report.
    assert "Stopped before any commit: westford" in run.output
    assert run.output.count("Report: ") == 1
    assert document.lab.show("corporate") == before["corporate"]
    # The ScreenOS spoke is not a device of the transaction, so there would be no spoke to verify.
    assert document.playbook("deploy", nhtb_tolerate_unreachable=1).status != 0
    assert document.lab.show("corporate") == before["corporate"]


def test_a_spoke_is_removed_from_the_hub_and_its_own_device(document: Network) -> None:
    before = document.configurations()
    assert document.playbook("deploy").status == 0
    run = document.playbook("remove", "-l", "westford")
    assert run.status == 0, run.output
    assert document.lab.show("westford") == before["westford"]
    hub = document.lab.show("corporate")
    assert "westford" not in hub
    assert "sunnyvale-vpn" in hub
    assert not list(document.artifacts.glob("westford.conf"))
    again = document.playbook("remove", "-l", "westford")
    assert again.status == 0, again.output
    assert states(document)["westford"] == "unchanged"


def test_decommissioning_restores_every_device(document: Network) -> None:
    before = document.configurations()
    assert document.playbook("deploy").status == 0
    refused = document.playbook("remove")
    assert refused.status == 2
    assert "nhtb_remove_all" in refused.output
    run = document.playbook("remove", nhtb_remove_all=True)
    assert run.status == 0, run.output
    assert document.configurations() == before
    assert is_idle(document)


def test_a_canary_goes_first_and_a_failure_stops_the_rounds(document: Network) -> None:
    overlay = {"nhtb_spokes": {"hosts": {"sunnyvale": {"nhtb_canary": True}}}}
    document.inventories.append(document.overlay("canary", overlay))
    run = document.playbook("deploy")
    assert run.status == 0, run.output
    assert "Round    1/2   sunnyvale" in run.output
    assert states(document)["corporate"] == "confirmed"
    assert document.playbook("deploy", "--check").status == 0
    comments = document.lab.show("corporate")
    assert "sunnyvale-vpn" in comments


def test_only_the_approved_plan_is_committed(document: Network) -> None:
    before = document.configurations()
    asked = document.playbook("deploy", nhtb_stop_after_check=True, nhtb_ticket="CHG-1")
    assert asked.status == 0, asked.output
    assert document.configurations() == before
    assert is_idle(document)
    assert document.report()["decision"].startswith("Nothing was changed")
    digest = document.report()["digest"]
    assert len(digest) == 64
    assert "st0" in (document.artifacts / "westford.diff").read_text(encoding="utf-8")
    other = document.playbook("deploy", nhtb_approved_digest=digest, nhtb_mss=1300)
    assert other.status == 2
    assert "plan digest" in other.output
    assert document.configurations() == before
    run = document.playbook("deploy", nhtb_approved_digest=digest, nhtb_ticket="CHG-1")
    assert run.status == 0, run.output
    log = document.lab.log("westford")
    assert f"CHG-1 digest {digest[:12]}: verified, confirmed" in log


def killed(network: Network, moment: str) -> None:
    """Start a deployment, and kill all its processes once every device is at a moment."""
    process = subprocess.Popen(
        network.command("deploy", nhtb_verify_settle=30), cwd=network.folder, env=environment(network.folder),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 300
    while not all(device[moment] for device in network.lab.status()["devices"].values()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    kill_tree(process.pid)
    process.communicate(timeout=300)


def test_recover_settles_the_pending_commits_of_a_killed_run(document: Network) -> None:
    before = document.configurations()
    killed(document, "pending")
    assert document.configurations() != before
    stopped = document.playbook("deploy")
    assert stopped.status == 2
    assert "hubspoke.srx.recover" in stopped.output
    run = document.playbook("recover")
    assert run.status == 0, run.output
    assert set(states(document).values()) == {"rolled_back", "skipped"}
    assert document.report()["decision"].startswith("Settled")
    assert " was pending" in run.output + str(document.report())
    assert document.configurations() == before
    assert is_idle(document)
    again = document.playbook("recover")
    assert again.status == 0
    assert set(states(document).values()) == {"unchanged", "skipped"}


def test_the_holder_of_the_lock_is_named(document: Network) -> None:
    before = document.configurations()
    document.lab.fault("westford", "hold-lock")
    run = document.playbook("deploy", nhtb_lock_wait=0.5)
    assert run.status == 2
    assert "held by" in run.output
    assert document.configurations() == before


def test_uncommitted_changes_of_another_user_stop_the_run(document: Network) -> None:
    before = document.configurations()
    document.lab.fault("westford", "dirty")
    run = document.playbook("deploy")
    assert run.status == 2
    assert "neither committed nor discarded" in run.output
    assert document.configurations() == before


def test_a_full_device_stops_the_run(document: Network) -> None:
    document.lab.fault("westford", "fill-storage")
    run = document.playbook("deploy")
    assert run.status == 2
    assert "request system storage cleanup" in run.output
