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
        _rotates_the_key(network)
        _tells_of_each_text(network)
        _excludes(network)


def _rotates_the_key(network: Network) -> None:
    """Hold that a key changes at the hub where the operator has set it, and stays where not."""
    key, variables = "another-key-of-ostend", network.folder / "host_vars" / "ostend.yml"
    own = "nhtb_profile: acme\nnhtb_operator_sets_key: true\n"
    variables.write_text(f"{own}nhtb_new_pre_shared_key: {key}\n", encoding="utf-8")
    refused = network.playbook("rotate_keys", "-l", "ostend")
    assert refused.status != 0
    assert "AUTHENTICATION_FAILED" in refused.words
    # The associations of the operator's change stay until they are negotiated anew.
    text = (network.artifacts / "ostend.json").read_text(encoding="utf-8")
    network.lab.screenos("ostend", text.replace("<pre-shared-key of ostend>", key))
    rotated = network.playbook("rotate_keys", "-l", "ostend")
    assert rotated.status == 0, rotated.output
    variables.write_text(f"{own}nhtb_pre_shared_key: {key}\n", encoding="utf-8")
    drift = network.playbook("drift")
    assert drift.status == 0, drift.output


def _tells_of_each_text(network: Network) -> None:
    """Hold that an operator hears of a text once a run is about the host, and of the file that has changed."""
    limited = network.playbook("deploy", "-l", "liege", nhtb_mss=1300)
    assert "namur: not touched: outside --limit" in limited.words
    deployed = network.playbook("deploy", nhtb_mss=1300)
    assert deployed.status == 0, deployed.output
    assert "namur.network.sh has changed: its operator enters it" in deployed.words


def _excludes(network: Network) -> None:
    """Hold that a run goes on without a third-party spoke whose operator has entered nothing that fits."""
    text = (network.artifacts / "namur.swanctl.conf").read_text(encoding="utf-8")
    network.lab.screenos("namur", text.replace("<pre-shared-key of ghent>", "a-wrong-key"))
    network.lab.fault("ghent", "flap", vpn="namur-vpn")
    excluded = network.playbook("deploy", nhtb_on_failure="site", nhtb_mss=1320)
    assert excluded.status != 0
    assert "Confirmed except on namur." in excluded.words
