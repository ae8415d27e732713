# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles of users are found next to their inventories, and a broken one is told by file, key and remedy."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, PlanError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet, read_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import shipped
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import operator_texts

PROFILE = "title: Acme\nfiles: [{template: sheet.j2, ending: txt}]\n"
TEMPLATE = "peer {{ plan.tunnels[0].peer_address }} key {{ plan.tunnels[0].ike_policy.key_of | key_placeholder }}\n"
KEY = {"nhtb_pre_shared_key": "a-key-of-this-test"}
HOSTS = {
    "hub": KEY
    | {
        "nhtb_site": "hub",
        "nhtb_lans": [{"interface": "ge-0/0/0.0", "address": "10.1.0.1/24"}],
        "nhtb_wan": {"interface": "ge-0/0/3.0", "address": "192.0.2.2/30", "gateway": "192.0.2.1"},
        "nhtb_tunnel": {"unit": 0, "address": "10.255.0.1/24"},
    },
    "spoke": KEY
    | {
        "nhtb_site": "spoke",
        "nhtb_profile": "acme",
        "nhtb_lans": [{"interface": "LAN1", "address": "10.2.0.1/24"}],
        "nhtb_wan": {"interface": "WAN", "address": "198.51.100.2/30", "gateway": "198.51.100.1"},
        "nhtb_tunnel": {"unit": 1, "address": "10.255.0.2/24"},
    },
}


def write(folder: Path, profile: str = PROFILE, template: str = TEMPLATE) -> None:
    place = folder / "profiles" / "acme" / "templates"
    place.mkdir(parents=True, exist_ok=True)
    place.parent.joinpath("profile.yml").write_text(profile, encoding="utf-8")
    place.joinpath("sheet.j2").write_text(template, encoding="utf-8")


def read(inventory: Path, playbooks: Path) -> Fleet:
    groups = {"nhtb_hubs": ["hub"], "nhtb_spokes": ["spoke"]}
    sources: dict[str, t.Any] = {"ansible_inventory_sources": [str(inventory)], "playbook_dir": str(playbooks)}
    return read_fleet({"groups": groups, "hostvars": HOSTS, **sources})


@pytest.mark.parametrize("place", ["inventory", ".", "playbooks"])
def test_a_profile_is_found_next_to_the_inventory_or_the_playbook(tmp_path: Path, place: str) -> None:
    for name in ("inventory", "playbooks"):
        (tmp_path / name).mkdir()
    (tmp_path / "inventory" / "hosts.yml").touch()
    write(tmp_path / place)
    fleet = read(tmp_path / "inventory" / "hosts.yml", tmp_path / "playbooks")
    assert operator_texts(fleet.devices[1]) == {"txt": "peer 192.0.2.2 key <pre-shared-key of hub>\n"}
    # Static, since such a spoke advertises nothing.
    assert [(one.nhtb, one.static_binding) for one in fleet.plan.hub.tunnels] == [("Static", True)]


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("title: [\n", "profiles/acme/profile.yml: YAML = "),
        ("title: Acme\n", "profiles/acme/profile.yml: files = (missing): nothing is set. List each template"),
        (
            PROFILE.replace("sheet.j2", "shete.j2"),
            "template = shete.j2: the folder templates has no such file.",
        ),
    ],
)
def test_a_broken_profile_is_told_by_file_key_and_remedy(tmp_path: Path, profile: str, words: str) -> None:
    write(tmp_path, profile)
    with pytest.raises(PlanError, match=re.escape(words)):
        read(tmp_path / "hosts.yml", tmp_path)


def test_a_broken_template_is_told_with_its_profile(tmp_path: Path) -> None:
    write(tmp_path, template="{{ plan.no_such_thing }}\n")
    with pytest.raises(HubspokeError, match=r"spoke: template sheet\.j2 of profile acme: expected a text, actual"):
        read(tmp_path / "hosts.yml", tmp_path)
    write(tmp_path, template="\n{% if %}\n")
    with pytest.raises(HubspokeError, match=r"of profile acme, line 2: expected a text"):
        read(tmp_path / "hosts.yml", tmp_path)


def test_the_profiles_of_the_collection() -> None:
    assert sorted(shipped()) == ["generic", "screenos", "strongswan"]
    assert all(one.by_operator and not one.advertises for one in shipped().values())
