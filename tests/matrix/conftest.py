# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One lab for all cases of a worker."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.matrix.lab import LabThread
from tests.matrix.network import Network
from tests.matrix.run import Bench, speed_up_ncclient
from tests.utils.ports import free_ports


@pytest.fixture(scope="module", params=["asyncssh", "pyez"])
def bench(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> t.Iterator[Bench]:
    folder: Path = tmp_path_factory.mktemp("lab")
    network = Network(free_ports(3), folder / "ssh_config", request.param)
    with pytest.MonkeyPatch.context() as patch, LabThread(network.inventory(), folder) as lab:
        speed_up_ncclient(patch)
        lab.scaled_time.install(patch)
        yield Bench(network, lab)
