# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page on the lab lists every fault that the lab has, and no other; its command line explains each argument."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from tests.lab.__main__ import main, parser
from tests.lab.faults import OTHER_FAULTS, RPC_FAULTS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "docsite" / "rst" / "lab.rst"


def test_every_fault_is_documented() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("    * - Kind\n")[2].partition("\n\n")[0]
    rows = re.findall(r"^    \* - (.+)$", table, re.MULTILINE)
    assert sorted(name for row in rows for name in re.findall(r"``([\w-]+)``", row)) == sorted(
        {**RPC_FAULTS, **OTHER_FAULTS}
    )


def test_every_argument_of_a_command_is_explained() -> None:
    [commands] = [one for one in parser()._actions if isinstance(one, argparse._SubParsersAction)]
    bare = [(name, one.dest) for name, each in commands.choices.items() for one in each._actions if not one.help]
    assert not bare


def test_the_help_of_reachable_says_what_it_prints(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["reachable", "--help"])
    text = capsys.readouterr().out
    for words in ("HOST VPN -> PEER VPN-OF-THE-PEER", "the exit status is then 1", "an address in a LAN", "No packet"):
        assert words in text
