# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user adds a profile next to the inventory; the collection is as it was, and the VPN with this spoke is deployed."""

from __future__ import annotations

from pathlib import Path

from tests.integration.conftest import Network
from tests.lab.client import Lab

INVENTORY = Path(__file__).resolve().parents[2] / "inventories" / "third_party"
PROFILE = """\
title: Acme Gateway
ike: {versions: [v2], dh_groups: [group14]}
ipsec: {pfs_groups: [group14]}
files:
  - {template: commands.j2, ending: acme}
  - {template: parameters.j2, ending: json}
"""
COMMANDS = 'peer {{ plan.tunnels[0].peer_address }} key "{{ plan.tunnels[0].ike_policy.key_of | key_placeholder }}"\n'
# The lab reads the parameters of any product.
PARAMETERS = '{% include "generic/templates/parameters.json.j2" %}'


def test_a_profile_next_to_the_inventory_is_rendered_deployed_and_told_like_the_others(tmp_path: Path) -> None:
    templates = tmp_path / "profiles" / "acme" / "templates"
    templates.mkdir(parents=True)
    templates.with_name("profile.yml").write_text(PROFILE, encoding="utf-8")
    templates.joinpath("commands.j2").write_text(COMMANDS, encoding="utf-8")
    templates.joinpath("parameters.j2").write_text(PARAMETERS, encoding="utf-8")
    state = tmp_path / "lab"
    network = Network([INVENTORY], tmp_path, Lab(state), {"nhtb_ssh_config": str(state / "ssh_config")})
    network.inventories.append(network.overlay("acme", {"all": {}}))
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars" / "ostend.yml").write_text("nhtb_profile: acme\n", encoding="utf-8")
    rendered = network.playbook("render")
    assert rendered.status == 0, rendered.output
    text = (network.artifacts / "ostend.acme").read_text(encoding="utf-8")
    assert text == 'peer 192.0.2.10 key "<pre-shared-key of ghent>"\n'
    arguments = ["--free-ports", "--screenos-dir", str(network.artifacts)]
    with Lab.start(*network.inventories, state_dir=state, arguments=arguments) as network.lab:
        network.inventories.append(Path(network.lab.inventory))
        deployed = network.playbook("deploy")
        assert deployed.status == 0, deployed.output
        assert "(1 strongSwan, 1 Acme Gateway)" in deployed.output
        assert "ostend.acme is as before; the hub's tunnel to it is verified" in deployed.words
        # The group that both ends have is the only one that the product has.
        refused = network.playbook("deploy", "--check", nhtb_dh_group="group19")
        assert refused.status != 0
        assert "Acme Gateway is not known to have group19" in refused.words
        unknown = network.playbook("rotate_keys", "-l", "ostend")
        assert "its operator sets the key there, on Acme Gateway" in unknown.words
