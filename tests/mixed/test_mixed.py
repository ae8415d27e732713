# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A strongSwan spoke with the rendered files is verified and confirmed; with a wrong key the hub rolls back.

Where the machine has no namespaces or TUN, the lab is told what daemons have shown before.
"""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from tests.conversations.emulated import cause
from tests.golden.networks import GOLDEN
from tests.mixed.sources import RECORD
from tests.twin.outside import start
from tests.twin.sandbox import CANNOT

_OF_THE_RUN = ("cookies", "spis")


def test_a_real_spoke_decides_over_the_deployment(tmp_path: Path) -> None:
    wrong, right = _run(tmp_path)
    assert (wrong["status"], wrong["state"], wrong["unchanged"]) == (2, "rolled_back", True), wrong
    assert "ike namur-vpn DOWN" in wrong["words"]
    assert "compare the pre-shared keys" in wrong["words"]
    assert cause(wrong["log"]) == "authentication_failed"
    assert (right["status"], right["state"], right["unchanged"]) == (0, "confirmed", False), right
    # What the hub of the lab has are the associations of the daemons.
    state = right["told"][-1]
    logged = "\n".join(right["log"])
    assert all(f"SPI: 0x{spi}" in logged for spi in state["spis"])
    # The operator's files are those of the profile.
    for name, text in right["files"].items():
        assert text == (GOLDEN / "third_party" / "modern" / f"namur.{name}").read_text(encoding="utf-8")
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    assert [_lasting(one["told"][-1]) for one in (wrong, right)] == list(map(_lasting, recorded)), (
        "python -m tests.mixed --record"
    )


def _lasting(state: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {name: value for name, value in state.items() if name not in _OF_THE_RUN}


def _run(folder: Path) -> list[dict[str, t.Any]]:
    out = folder / "found.json"
    for more in ([], ["--recorded"]):
        done = start("tests.mixed", "--out", str(out), *more)
        if done.returncode != CANNOT:
            break
    assert done.returncode == 0, done.stdout + done.stderr
    return t.cast("list[dict[str, t.Any]]", json.loads(out.read_text(encoding="utf-8")))
