# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A playbook without a host of the VPN fails: on a schedule, success would hide a missing inventory."""

from __future__ import annotations

import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import DOCUMENT, ROOT, Run, environment

PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
IN_NO_GROUP = "expected hosts of the groups nhtb_hubs and nhtb_spokes, actual none in this play"


def run(folder: Path, playbook: str, *arguments: str) -> Run:
    """Run a playbook, for which no device has to be there."""
    program = str(Path(sys.executable).parent / "ansible-playbook")
    done = subprocess.run(
        [program, f"hubspoke.srx.{playbook}", "-e", f"nhtb_artifacts_dir={folder}/artifacts", *arguments],
        cwd=folder, env=environment(folder) | {"ANSIBLE_INVENTORY": str(folder / "missing.yml")},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
    )  # fmt: skip
    return Run(done.returncode, " ".join(done.stdout.split()))


def inventory(folder: Path, **groups: list[str]) -> str:
    path = folder / "inventory.yml"
    content: dict[str, t.Any] = {group: {"hosts": {host: {} for host in hosts}} for group, hosts in groups.items()}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return str(path)


def test_all_playbooks_choose_their_hosts_in_the_same_way() -> None:
    chosen = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))[0]["hosts"] for path in PLAYBOOKS}
    # This one is for the controller alone.
    del chosen["report"]
    assert set(chosen.values()) == {chosen["deploy"]}, chosen
    assert "nhtb_hubs:nhtb_spokes" in chosen["deploy"]


@pytest.mark.parametrize("playbook", ["deploy", "render", "adopt"])
def test_no_inventory_is_a_failure(tmp_path: Path, playbook: str) -> None:
    done = run(tmp_path, playbook)
    assert done.status != 0
    assert IN_NO_GROUP in done.output
    assert "Name the inventory with -i" in done.output


def test_no_inventory_is_a_failure_with_a_limit_too(tmp_path: Path) -> None:
    done = run(tmp_path, "verify", "--limit", "westford")
    assert done.status != 0
    assert "expected hosts in the inventory, actual none. Name the inventory with -i." in done.output


@pytest.mark.parametrize(
    "groups", [{"nhtb_hubs": [], "nhtb_spokes": []}, {"routers": ["r1", "r2"]}], ids=["empty", "other groups"]
)
def test_no_host_in_the_groups_is_a_failure(tmp_path: Path, groups: dict[str, list[str]]) -> None:
    done = run(tmp_path, "deploy", "-i", inventory(tmp_path, **groups))
    assert done.status != 0
    assert IN_NO_GROUP in done.output


def test_a_limit_to_hosts_outside_the_groups_is_a_failure(tmp_path: Path) -> None:
    others = inventory(tmp_path, routers=["r1"])
    done = run(tmp_path, "verify", "-i", str(DOCUMENT), "-i", others, "--limit", "r1")
    assert done.status != 0
    assert IN_NO_GROUP in done.output
    assert "or correct --limit" in done.output


def test_a_limit_of_a_playbook_for_the_controller_is_a_failure(tmp_path: Path) -> None:
    done = run(tmp_path, "report", "--limit", "westford")
    assert done.status != 0
    assert "expected no --limit, actual westford" in done.output


def test_the_syntax_of_a_playbook_is_checked_without_an_inventory(tmp_path: Path) -> None:
    assert run(tmp_path, "deploy", "--syntax-check").status == 0
