# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The second half of the kills, on PyEZ."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.matrix.kills import KILLS, MOMENTS, Kill, duration, kill, kill_and_recover
from tests.matrix.run import Bench


@pytest.fixture(scope="module")
def whole(bench: Bench) -> dict[bool, float]:
    return {verified: duration(bench, verified) for verified in (True, False)}


@pytest.fixture(scope="module")
def moments() -> Counter[str]:
    return Counter()


@pytest.mark.parametrize("bench", ["pyez"], indirect=True)
@pytest.mark.parametrize("one", [kill(number) for number in range(KILLS // 2 + 1, KILLS + 1)], ids=str)
def test_recover_settles_every_device(bench: Bench, whole: dict[bool, float], moments: Counter[str], one: Kill) -> None:
    wrong = kill_and_recover(bench, one, whole[one.verified], moments)
    assert not wrong, "\n".join([str(one), *wrong])


def test_kills_hit_every_moment(moments: Counter[str]) -> None:
    if moments.total() < KILLS // 2:
        pytest.skip("only some of the kills were chosen")
    assert min(moments[moment] for moment in MOMENTS) >= 2, moments
