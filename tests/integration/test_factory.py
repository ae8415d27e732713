# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A device from the factory: the steps of the guide, then deploy, verify, drift and remove."""

from __future__ import annotations

import re
import textwrap
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import ROOT, Network
from tests.integration.test_document import commit_by_hand
from tests.lab.client import Lab

FACTORY = ROOT / "inventories" / "factory"
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide.rst").read_text(encoding="utf-8")
SECTION = GUIDE.partition("docsite.guide.factory:")[2].partition("\nA tunnel that is down\n")[0]
BRANCH = "branch7"


def code(language: str) -> str:
    """Return the code of the guide's section."""
    (found,) = re.findall(rf"\.\. code-block:: {language}\n\n((?:(?:    .*)?\n)+)", SECTION)
    return textwrap.dedent(found)


def first_steps() -> list[str]:
    return [line for line in code("text").splitlines() if line and not line.startswith("#")]


@pytest.fixture
def factory(tmp_path: Path) -> t.Iterator[Network]:
    state = tmp_path / "lab"
    network = Network([FACTORY], tmp_path, Lab(state), {"nhtb_ssh_config": str(state / "ssh_config")})
    with Lab.start(FACTORY, state_dir=state, arguments=["--free-ports"]) as network.lab:
        network.inventories.append(Path(network.lab.inventory))
        yield network


def test_the_inventory_is_that_of_the_guide() -> None:
    here = yaml.safe_load((FACTORY / "host_vars" / f"{BRANCH}.yml").read_text(encoding="utf-8"))
    assert yaml.safe_load(code("yaml")) == {name: value for name, value in here.items() if name.startswith("nhtb_")}


def test_a_device_from_the_factory_is_deployed_verified_watched_and_released(factory: Network) -> None:
    commit_by_hand(factory, BRANCH, *first_steps())
    before = factory.configurations()
    run = factory.playbook("deploy", nhtb_deploy_checks=["ike", "ipsec", "next_hop_tunnels", "routes", "pings"])
    assert run.status == 0, run.output
    assert factory.outcome(BRANCH)["state"] == "confirmed"
    assert factory.lab.reachable("10.7.0.50", "10.1.0.50")["ok"]
    assert factory.playbook("verify").status == 0
    drift = factory.playbook("drift")
    assert drift.status == 0, drift.output
    again = factory.playbook("deploy")
    assert "changed=0" in again.output, again.output
    commit_by_hand(factory, BRANCH, "set groups hubspoke security flow tcp-mss ipsec-vpn mss 1200")
    assert factory.playbook("drift").status == 2
    removed = factory.playbook("remove", nhtb_remove_all=True)
    assert removed.status == 0, removed.output
    assert factory.lab.show(BRANCH) == before[BRANCH]


def test_a_tunnel_in_the_zone_of_the_lan_with_services_of_the_interface(factory: Network) -> None:
    # The collection adds ike to the services of the interface; the policy from the factory allows all within the zone.
    steps = [step for step in first_steps() if "security zones" not in step]
    commit_by_hand(factory, BRANCH, *steps)
    before = factory.configurations()
    overlay = factory.folder / "shared"
    (overlay / "host_vars").mkdir(parents=True)
    (overlay / "hosts.yml").write_text("all: {}", encoding="utf-8")
    own = yaml.safe_load((FACTORY / "host_vars" / f"{BRANCH}.yml").read_text(encoding="utf-8"))
    own["nhtb_manage_zones"] = True
    own["nhtb_wan"] |= {"services": ["ssh"], "services_on": "interface"}
    own["nhtb_tunnel"]["zone"] = "trust"
    (overlay / "host_vars" / f"{BRANCH}.yml").write_text(yaml.safe_dump(own), encoding="utf-8")
    factory.inventories.append(overlay)
    run = factory.playbook("deploy")
    assert run.status == 0, run.output
    assert factory.lab.reachable("10.7.0.50", "10.1.0.50")["ok"]
    assert factory.lab.reachable("10.1.0.50", "10.7.0.50")["ok"]
    assert factory.playbook("drift").status == 0
    removed = factory.playbook("remove", nhtb_remove_all=True)
    assert removed.status == 0, removed.output
    assert factory.configurations() == before


def test_without_the_first_steps_each_missing_one_is_named(factory: Network) -> None:
    before = factory.configurations()
    commit_by_hand(factory, BRANCH, first_steps()[0])
    rooted = factory.lab.show(BRANCH)
    run = factory.playbook("deploy")
    assert run.status == 2, run.output
    said = " ".join(run.output.split())
    assert (
        f"{BRANCH}: conflicts interfaces irb unit 0: expected family inet address 10.7.0.1/24, as it is unmanaged,"
        " actual 192.168.1.1/24 at the top level." in said
    )
    assert (
        f"{BRANCH}: conflicts zone untrust interface ge-0/0/0.0: expected host-inbound-traffic system-services ike,"
        " actual dhcp, tftp, https at the top level. Add ike there" in said
    )
    assert factory.configurations() == before | {BRANCH: rooted}


def test_what_the_device_has_and_we_would_write_is_named(factory: Network) -> None:
    commit_by_hand(factory, BRANCH, *first_steps())
    managed = {f"nhtb_manage_{part}": True for part in ("wan_interface", "internet_policy", "zones")}
    run = factory.playbook("deploy", **managed)
    assert run.status == 2, run.output
    said = " ".join(run.output.split())
    for conflict in (
        "interfaces ge-0/0/0 unit 0: expected family inet address 198.51.100.6/30, and no other use, actual family inet"
        " dhcp vendor-id Juniper-srx320 at the top level.",
        "security nat source rule-set trust-to-untrust: expected no rule set but lan-to-internet of group hubspoke from"
        " zone trust to zone untrust, actual from zone trust to zone untrust at the top level. Delete it, or keep it"
        " and set nhtb_manage_internet_policy: false.",
    ):
        assert f"{BRANCH}: conflicts {conflict}" in said
    assert "hubspoke" not in factory.lab.show(BRANCH).replace("user hubspoke", "")
