# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs with Ansible's callbacks and connection plugins, on the oldest ansible-core and the newest."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from tests.integration.conftest import Network, document_network
from tests.integration.test_variables_keywords import DEPLOY, Play, play

__all__ = ["play"]

# As in the playbooks.
_ROLE = {"name": "hubspoke.srx.nhtb", "tasks_from": "verify", "rolespec_validate": False}
VERIFY = {"ansible.builtin.import_role": _ROLE}
# A callback of standard output as ansible.posix has it, without its needs.
CALLBACK = '''
import json
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: own_json
type: stdout
short_description: The names of the tasks as JSON
description: The names of the tasks as JSON.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "own_json"

    def v2_playbook_on_stats(self, stats):
        self._display.display(json.dumps({host: stats.summarize(host) for host in sorted(stats.processed)}))
'''


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    """Provide the deployed network of the document."""
    with document_network(tmp_path_factory.mktemp("output")) as found:
        assert found.playbook("deploy").status == 0
        yield found


@pytest.mark.parametrize("tasks", [[DEPLOY], [VERIFY], [{"hubspoke.srx.render": None}]])
def test_a_callback_for_programs_has_standard_output_for_itself(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tasks: t.Any
) -> None:
    (tmp_path / "callbacks").mkdir()
    (tmp_path / "callbacks" / "own_json.py").write_text(CALLBACK)
    monkeypatch.setenv("ANSIBLE_CALLBACK_PLUGINS", str(tmp_path / "callbacks"))
    monkeypatch.setenv("ANSIBLE_STDOUT_CALLBACK", "own_json")
    done = play(tasks=tasks, merge=False)
    assert done.status == 0, done.output
    assert json.loads(done.output)["corporate"]["failures"] == 0


def test_people_see_the_tables(play: Play) -> None:
    done = play(tasks=[VERIFY], merge=False)
    assert done.status == 0, done.output
    assert "Plan 1 hub, 2 spokes (1 ScreenOS), 2 tunnels" in " ".join(done.output.split())


@pytest.mark.parametrize("task", [{"hubspoke.srx.ike_security_associations_info": None}, VERIFY])
def test_an_unreachable_host_is_unreachable(play: Play, network: Network, task: t.Any) -> None:
    # Nothing listens on this port.
    away = {"nhtb_spokes": {"hosts": {"westford": {"ansible_port": 1}}}}
    network.inventories.append(network.overlay("away", away))
    try:
        done = play(hosts="westford", tasks=[task])
    finally:
        network.inventories.pop()
    assert done.status == 4, done.output
    assert "unreachable=1 failed=0" in done.output


LOCAL = {"ansible_connection": "ansible.builtin.local", "ansible_become": False}
# The role and the modules in plays that users write.
PLAYS: dict[str, dict[str, t.Any]] = {
    "import": {"tasks": [VERIFY]},
    "include": {"tasks": [{"ansible.builtin.include_role": _ROLE}]},
    "roles": {"roles": [{"role": "hubspoke.srx.nhtb", "vars": LOCAL}], "vars": {"nhtb_stop_after_check": True}},
    "modules": {"tasks": [{"block": [{"hubspoke.srx.ike_security_associations_info": None}], "vars": LOCAL}]},
    "fleet module": {"tasks": [{"hubspoke.srx.nhtb_verify": None, "vars": LOCAL}]},
}


INHERITED: tuple[dict[str, t.Any], ...] = (
    {"ansible_connection": "ansible.netcommon.netconf", "ansible_network_os": "junipernetworks.junos.junos"},
    {"ansible_connection": "network_cli", "ansible_network_os": "junos"},
    {"ansible_connection": "httpapi", "ansible_network_os": "junos"},
    {"ansible_connection": "juniper.device.pyez"},
    {"ansible_become": True, "ansible_become_method": "enable"},
)
WITH_BECOME = INHERITED[0] | INHERITED[-1]


@pytest.mark.parametrize(
    ("inherited", "form"),
    [*((one, "import") for one in INHERITED), *((WITH_BECOME, form) for form in PLAYS)],
)
def test_a_connection_of_the_inventory_for_other_modules_is_not_started(
    play: Play, network: Network, inherited: dict[str, t.Any], form: str
) -> None:
    network.inventories.append(network.overlay("inherited", {"nhtb": {"vars": inherited}}))
    limit = ["--limit", "!sunnyvale"] if form == "modules" else []
    try:
        done = play(*limit, **PLAYS[form])
    finally:
        network.inventories.pop()
    assert done.status == 0, done.output


@pytest.mark.parametrize("form", [{"roles": ["hubspoke.srx.nhtb"]}, {"tasks": [{"hubspoke.srx.nhtb_verify": None}]}])
def test_without_a_connection_of_its_own_a_play_fails_before_any_device_is_contacted(
    play: Play, network: Network, form: dict[str, t.Any]
) -> None:
    """As documented. The message is of Ansible, and it names the plugin."""
    inherited = {"nhtb": {"vars": {"ansible_connection": "juniper.device.pyez"}}}
    network.inventories.append(network.overlay("inherited", inherited))
    before = network.configurations()
    try:
        done = play(**form)
    finally:
        network.inventories.pop()
    assert done.status == 2, done.output
    assert "the connection plugin 'juniper.device.pyez' was not found" in done.output
    assert network.configurations() == before
