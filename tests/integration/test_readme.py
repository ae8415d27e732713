# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The README shows what the demo prints; C(python -m tests.demo --record) writes it there."""

from __future__ import annotations

import io

from tests.demo.__main__ import ROOT, Demo, for_readme, recorded


def test_the_demo_prints_what_the_readme_shows() -> None:
    demo = Demo(io.StringIO())
    assert demo.run() == 0
    assert for_readme(demo.shown).splitlines() == recorded().splitlines()
    assert not (ROOT / ".lab").exists()
