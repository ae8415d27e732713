# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In the classic syntax the document's network is rendered to the document's configurations.

``document/expected`` has them statement by statement, typed from the document with its errors corrected. Source NAT
differs: it is ``security nat source``, because no Junos since 12.1 accepts ``then permit source-nat interface``. The
document lets traffic out in clear while a tunnel is down, so ``nhtb_fail_closed`` is off for the comparison.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import to_set
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from tests.golden.networks import GOLDEN, ROOT, inventory, plan

EXPECTED = GOLDEN / "document" / "expected"
SEED = ROOT.parent / "shared" / "seed"
SEED_FILES = {
    "corporate.set": "hub-corporate.set",
    "westford.set": "spoke-westford.set",
    "sunnyvale.screenos": "spoke-sunnyvale.screenos",
}
SOURCE_NAT = " policy any-permit then permit source-nat interface"


def device(host: str) -> DevicePlan:
    fleet = plan("document", "classic", nhtb_fail_closed=False)
    return next(device for device in fleet.devices if device.host == host)


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def effective(text: str) -> list[str]:
    """Return the set commands of one configuration group as they take effect where the group is applied."""
    commands = to_set(text).splitlines()
    assert commands[-1] == "set apply-groups hubspoke"
    assert all(command.startswith("set groups hubspoke ") for command in commands[:-1])
    return [command.replace("groups hubspoke ", "", 1) for command in commands[:-1]]


def with_key(text: str) -> str:
    key = str(inventory("document").hosts["corporate"]["nhtb_pre_shared_key"])
    return text.replace("<pre-shared-key of corporate>", key)


@pytest.mark.parametrize("host", ["corporate", "westford"])
def test_classic_is_the_document_statement_by_statement(host: str) -> None:
    statements = effective(with_key(render(device(host))).replace('"', ""))
    assert sorted(statements) == sorted(lines(EXPECTED / f"{host}.set"))


def test_the_operator_text_is_that_of_the_document() -> None:
    assert with_key(render(device("sunnyvale"))).splitlines() == lines(EXPECTED / "sunnyvale.screenos")


@pytest.mark.parametrize(("expected", "seed"), SEED_FILES.items())
def test_the_expected_files_have_the_statements_of_the_document(expected: str, seed: str) -> None:
    if not SEED.is_dir():
        pytest.skip("the document's configurations are not next to this checkout")
    ours = [line for line in lines(EXPECTED / expected) if not line.startswith("set security nat ")]
    theirs = [line.replace(SOURCE_NAT, " policy any-permit then permit") for line in lines(SEED / seed)]
    assert sorted(ours) == sorted(theirs)
    assert len(lines(EXPECTED / expected)) - len(ours) == (4 if expected.endswith(".set") else 0)
