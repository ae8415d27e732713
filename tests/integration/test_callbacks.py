# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The callbacks for programs that people use have standard output for themselves, however a run ends."""

from __future__ import annotations

import json
import os
import subprocess
import typing as t
from pathlib import Path

import pytest

from tests.integration.conftest import Network, document_network
from tests.integration.conftest import environment as settings
from tests.lab_tests.netconf.test_client_ansible import environment

__all__ = ["environment"]

# The playbooks with their variables, and whether they succeed. No plan has this digest.
RUNS: list[tuple[str, dict[str, t.Any], bool]] = [
    ("deploy", {}, True),
    ("deploy", {"nhtb_mss": 1290, "nhtb_approved_digest": "0" * 64}, False),
    ("verify", {}, True),
    ("drift", {"nhtb_mss": 1290}, False),
]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    with document_network(tmp_path_factory.mktemp("callbacks")) as found:
        assert found.playbook("deploy").status == 0
        yield found


@pytest.mark.parametrize("callback", ["ansible.posix.json", "ansible.posix.jsonl"])
@pytest.mark.parametrize(("playbook", "variables", "succeeds"), RUNS)
def test_standard_output_is_json(
    network: Network, environment: Path, callback: str, playbook: str, variables: dict[str, t.Any], succeeds: bool
) -> None:
    (packages,) = environment.glob("lib/python*/site-packages")
    own = settings(network.folder)
    paths = os.pathsep.join([own["ANSIBLE_COLLECTIONS_PATH"], str(packages)])
    done = subprocess.run(
        network.command(playbook, **variables),
        cwd=network.folder,
        env={**own, "ANSIBLE_STDOUT_CALLBACK": callback, "ANSIBLE_COLLECTIONS_PATH": paths},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert (done.returncode == 0) is succeeds, done.stdout + done.stderr
    texts = done.stdout.splitlines() if callback.endswith("jsonl") else [done.stdout]
    assert "corporate" in json.loads(texts[-1])["stats"]
    for text in texts:
        json.loads(text)
