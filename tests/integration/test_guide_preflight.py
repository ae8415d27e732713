# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide's first step: its inventory, its playbook, and the text that it shows."""

from __future__ import annotations

import re
import shutil
import textwrap
import typing as t
from pathlib import Path

import yaml

from tests.integration.conftest import ROOT, Network
from tests.integration.test_document import commit_by_hand
from tests.integration.test_factory import FACTORY, first_steps
from tests.integration.test_preflight import other_known_hosts
from tests.lab.client import Lab

GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide.rst").read_text(encoding="utf-8")
BRANCH = "branch7"
# What differs from run to run, and what the text has instead.
VARYING = (
    (r"\d{8}T\d{6}-[0-9a-f]{6}", "20260312T091502-4be07a"),
    # The devices of the lab share a key.
    (r"(hub1 .* )SHA256:\S+", r"\1SHA256:JZ0yNq3vcF5bV8mD1sXkHwLr7uTgPa2eQo9iBnC4fEU"),
    (r"(branch7 .* )SHA256:\S+", r"\1SHA256:mD1sXkHwLr7uTgPa2eQo9iBnC4fEUJZ0yNq3vcF5bV8"),
    (r"(?m)^((?:hub1|branch7) +yes .*srx\w* +)\d+ (?:s|min)", r"\g<1>3 min"),
    # Which width the columns have follows from it.
    (r"--+", "--"),
    (r"\s+", " "),
    (r"\S*/(artifacts/)", r"\1"),
    (r"(>> )\S+", r"\1/home/netops/.ssh/known_hosts"),
)


def shown(output: str) -> str:
    """Return the text of a preflight."""
    return output[output.index("Host ") :].partition("\nok: [")[0]


def without_variation(text: str) -> str:
    """Return a text with what varies replaced, and single spaces."""
    for pattern, instead in VARYING:
        text = re.sub(pattern, instead, text)
    return text


def runs(folder: Path) -> tuple[str, str, str]:
    """Return the texts of three runs: with unknown keys, without a plan, and with the switches that do not fit."""
    inventory = folder / "mine"
    shutil.copytree(FACTORY, inventory)
    names: dict[str, t.Any] = {
        "nhtb": {"children": {"nhtb_hubs": {"hosts": {"hub1": {}}}, "nhtb_spokes": {"hosts": {BRANCH: {}}}}}
    }
    (inventory / "hosts.yml").write_text(yaml.safe_dump(names), encoding="utf-8")
    (inventory / "host_vars" / "hq.yml").rename(inventory / "host_vars" / "hub1.yml")
    state = folder / "lab"
    network = Network([inventory], folder, Lab(state), {"nhtb_ssh_config": str(state / "ssh_config")})
    with Lab.start(inventory, state_dir=state, arguments=["--free-ports"]) as network.lab:
        network.inventories.append(Path(network.lab.inventory))
        commit_by_hand(network, BRANCH, first_steps()[0])
        known = folder / "known_none"
        no_plan = {f"nhtb_{part}": None for part in ("site", "lans", "wan", "tunnel", "pre_shared_key")}
        with other_known_hosts(network, "all", known):
            first = network.playbook("preflight", **no_plan)
        second = network.playbook("preflight", **no_plan)
        managed = {
            f"nhtb_manage_{part}": True for part in ("lan_interfaces", "wan_interface", "internet_policy", "zones")
        }
        third = network.playbook("preflight", "--limit", BRANCH, **managed)
    assert (first.status, second.status, third.status) == (2, 0, 0), first.output + second.output + third.output
    # The first text says the same about the plan as the second.
    return shown(first.output).partition("\n\nThe plan lacks")[0], shown(second.output), shown(third.output)


def test_the_guide_shows_what_is_printed(tmp_path: Path) -> None:
    guide = without_variation(textwrap.dedent(GUIDE.replace("\n    ", "\n")))
    for text in runs(tmp_path):
        assert without_variation(text).strip() in guide


def test_the_inventory_of_the_guide_is_the_one_of_the_runs() -> None:
    block = re.search(r"    # inventories/mine/hosts.yml\n((?:    .*\n)+)", GUIDE)
    assert block is not None
    groups = yaml.safe_load(textwrap.dedent(block[1]))["nhtb"]["children"]
    assert {name: list(group["hosts"]) for name, group in groups.items()} == {
        "nhtb_hubs": ["hub1"], "nhtb_spokes": [BRANCH],
    }  # fmt: skip
