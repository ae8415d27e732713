# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keywords that choose hosts: each is right or refused, on the oldest ansible-core and the newest."""

from __future__ import annotations

import json
import subprocess
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import QUICK, Network, Run, document_network, environment
from tests.integration.test_options import PROGRAMS

FLEET = "nhtb_hubs:nhtb_spokes"
DEPLOY = {"ansible.builtin.import_role": {"name": "hubspoke.srx.nhtb"}}
INCLUDE = {"ansible.builtin.include_role": {"name": "hubspoke.srx.nhtb"}}
COMMITTED = "hubspoke {"
REMOVE = "delete apply-groups hubspoke\ndelete groups hubspoke"


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    """Provide the document's network, and a server that is in neither group."""
    with document_network(tmp_path_factory.mktemp("keywords")) as found:
        servers = {"servers": {"hosts": {"a-server": {"nhtb_stop_after_check": False, "nhtb_sessions": 99}}}}
        found.inventories.append(found.overlay("a-servers", servers))
        yield found


@pytest.fixture(params=PROGRAMS)
def play(request: pytest.FixtureRequest, network: Network, tmp_path: Path) -> t.Callable[..., Run]:
    """Run one play, whose keywords are the arguments. Standard error is in the output if they are to be merged."""
    program = PROGRAMS[request.param] / "ansible-playbook"
    if not program.exists():
        pytest.skip(f"{program} is not there: make test installs it")

    def run(*arguments: str, merge: bool = True, **play: t.Any) -> Run:
        path = tmp_path / "play.yml"
        path.write_text(yaml.safe_dump([{"hosts": FLEET, "gather_facts": False, **play}], sort_keys=False))
        inventories = [word for inventory in network.inventories for word in ("-i", str(inventory))]
        values = QUICK | network.extra | {"nhtb_artifacts_dir": str(tmp_path / "artifacts")}
        done = subprocess.run(
            [program, path, *inventories, "-e", json.dumps(values), *arguments],
            cwd=tmp_path, env=environment(tmp_path), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT if merge else None, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stdout
        return Run(done.returncode, " ".join(done.stdout.split()))

    return run


Play = t.Callable[..., Run]


@pytest.fixture
def bare(network: Network) -> dict[str, str]:
    """Remove the VPN from every device that has it, by hand, and return the configurations."""
    for host, text in network.configurations().items():
        if COMMITTED in text:
            network.lab.fault(host, "commit", statement=REMOVE)
    return network.configurations()


def test_a_check_of_the_fleet_counts_whatever_host_is_first(play: Play, network: Network, bare: dict[str, str]) -> None:
    for host in network.lab.status()["devices"]:
        assert COMMITTED not in bare[host]
    tasks = [{**INCLUDE, "vars": {"nhtb_stop_after_check": True}}]
    done = play(hosts="a-server,nhtb_hubs,nhtb_spokes", tasks=tasks)
    assert done.status == 0, done.output
    assert network.configurations() == bare


def test_a_setting_in_the_group_of_the_fleet_counts_with_a_server_first(
    play: Play, network: Network, bare: dict[str, str]
) -> None:
    network.inventories.append(network.overlay("stop", {"nhtb": {"vars": {"nhtb_stop_after_check": True}}}))
    try:
        done = play(hosts="a-server,nhtb_hubs,nhtb_spokes", tasks=[DEPLOY])
    finally:
        network.inventories.pop()
    assert done.status == 0, done.output
    assert network.configurations() == bare


@pytest.mark.usefixtures("bare")
def test_hosts_in_neither_group_are_passed_over(play: Play, network: Network) -> None:
    done = play(hosts="all", tasks=[DEPLOY])
    assert done.status == 0, done.output
    assert "a-server : ok=" in done.output
    assert all(COMMITTED in text for text in network.configurations().values())


@pytest.mark.parametrize("tasks_from", ["verify", "drift", "troubleshoot", "trace", "collect", "render", "preflight"])
def test_hosts_in_neither_group_are_passed_over_by_the_other_playbooks(play: Play, tasks_from: str) -> None:
    role = {"name": "hubspoke.srx.nhtb", "tasks_from": tasks_from}
    variables = {"nhtb_trouble_fails": False, "nhtb_trace_seconds": 0, "nhtb_drift_fails": False}
    done = play(hosts="a-server,nhtb_hubs,nhtb_spokes", tasks=[{"ansible.builtin.import_role": role}], vars=variables)
    assert "a-server : ok=" in done.output
    assert "failed=1" not in done.output.partition("a-server : ok=")[2].partition("corporate :")[0]


@pytest.mark.parametrize(
    ("arguments", "keywords", "words"),
    [
        ([], {"serial": 1, "tasks": [DEPLOY]}, "serial: expected all hosts of the VPN in one batch, actual westford"),
        ([], {"serial": 2, "tasks": [INCLUDE]}, "set nhtb_batch_size to deploy in rounds"),
        ([], {"strategy": "free", "tasks": [DEPLOY]}, "bypasses the host loop"),
        ([], {"strategy": "host_pinned", "tasks": [DEPLOY]}, "bypasses the host loop"),
        (
            [],
            {"tasks": [{**DEPLOY, "when": "inventory_hostname != 'westford'"}]},
            "when: expected the same answer for all hosts of the VPN, actual false for westford.",
        ),
        (
            [],
            {"tasks": [{**INCLUDE, "when": "inventory_hostname != 'westford'"}]},
            "when: expected the same answer for all hosts of the VPN, actual false for westford.",
        ),
        (
            [],
            {"tasks": [{"block": [{**INCLUDE, "when": "inventory_hostname != 'corporate'"}]}]},
            "when: expected the same answer for all hosts of the VPN, actual false for corporate.",
        ),
        (
            [],
            {"tasks": [{**DEPLOY, "when": "inventory_hostname == 'westford'"}]},
            "westford: run: expected the run of the task before, actual none: that task did not run.",
        ),
        (
            ["--start-at-task", "Give each host its outcome"],
            {"tasks": [DEPLOY]},
            "corporate: run: expected the run of the task before, actual none: that task did not run.",
        ),
    ],
)
def test_what_would_split_the_fleet_is_refused(
    play: Play, network: Network, bare: dict[str, str], arguments: list[str], keywords: t.Any, words: str
) -> None:
    done = play(*arguments, **keywords)
    assert done.status != 0, done.output
    assert words in done.output
    assert network.configurations() == bare


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        ([], {"serial": "100%", "tasks": [DEPLOY]}),
        ([], {"throttle": 1, "tasks": [DEPLOY]}),
        ([], {"run_once": False, "tasks": [DEPLOY]}),
        ([], {"tasks": [{**DEPLOY, "run_once": True}]}),
        ([], {"tasks": [{**INCLUDE, "run_once": True}]}),
        ([], {"tasks": [{**DEPLOY, "delegate_to": "westford"}]}),
        ([], {"tasks": [{**INCLUDE, "when": "inventory_hostname in groups.nhtb"}]}),
        (["--tags", "vpn"], {"tasks": [{**DEPLOY, "tags": "vpn"}]}),
        (["--skip-tags", "other"], {"tasks": [DEPLOY]}),
        ([], {"tasks": [{**DEPLOY, "delegate_to": "localhost"}]}),
        (["--start-at-task", "Plan, render, push, verify, then confirm or roll back"], {"tasks": [DEPLOY]}),
    ],
)
@pytest.mark.usefixtures("bare")
def test_what_leaves_the_fleet_whole_works(play: Play, network: Network, arguments: list[str], keywords: t.Any) -> None:
    done = play(*arguments, **keywords)
    assert done.status == 0, done.output
    assert all(COMMITTED in text for text in network.configurations().values())


@pytest.mark.parametrize("arguments", [["--tags", "other"], ["--skip-tags", "vpn"], ["--start-at-task", "Report"]])
def test_nothing_is_touched_where_tags_skip_the_role(
    play: Play, network: Network, bare: dict[str, str], arguments: list[str]
) -> None:
    done = play(*arguments, tasks=[{**DEPLOY, "tags": "vpn"}])
    assert done.status == 0, done.output
    assert network.configurations() == bare


def test_a_device_module_goes_to_the_host_it_is_delegated_to(play: Play, network: Network) -> None:
    assert network.playbook("deploy").status == 0
    query = {"hubspoke.srx.ike_security_associations_info": None, "register": "found"}
    peers = "{{ found.security_associations | map(attribute='remote_address') | unique | sort | join(' ') }}"
    show = {"ansible.builtin.debug": {"msg": f"peers {peers} end"}}
    for delegation, expected in (
        ({}, "2.2.2.2 3.3.3.2"),
        ({"delegate_to": "localhost"}, "2.2.2.2 3.3.3.2"),
        ({"delegate_to": "westford"}, "1.1.1.2"),
        ({"delegate_to": "{{ groups.nhtb_spokes | first }}"}, "1.1.1.2"),
    ):
        done = play("--limit", "corporate", hosts="corporate", tasks=[{**query, **delegation}, show])
        assert done.status == 0, done.output
        assert f"peers {expected} end" in done.output


@pytest.mark.parametrize("patient", ["corporate", "westford"])
def test_a_setting_that_may_differ_is_taken_of_each_host(
    play: Play, network: Network, bare: dict[str, str], patient: str
) -> None:
    """Westford is locked by another user."""
    wait = f"{{{{ 2.5 if inventory_hostname == '{patient}' else 0.5 }}}}"
    network.lab.fault("westford", "hold-lock")
    try:
        done = play(tasks=[DEPLOY], vars={"nhtb_lock_wait": wait})
    finally:
        network.lab.fault("westford", "clear")
    assert done.status == 2, done.output
    seconds = "2.5" if patient == "westford" else "0.5"
    assert f"westford: lock of the configuration: expected within {seconds} s, actual held by" in done.output
    assert network.configurations() == bare
