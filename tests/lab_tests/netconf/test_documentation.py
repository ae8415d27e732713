# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page on the lab lists every fault that the lab has, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from tests.lab.faults import OTHER_FAULTS, RPC_FAULTS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "docsite" / "rst" / "lab.rst"


def test_every_fault_is_documented() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("    * - Kind\n")[2].partition("\n\n")[0]
    rows = re.findall(r"^    \* - (.+)$", table, re.MULTILINE)
    assert sorted(name for row in rows for name in re.findall(r"``([\w-]+)``", row)) == sorted(
        {**RPC_FAULTS, **OTHER_FAULTS}
    )
