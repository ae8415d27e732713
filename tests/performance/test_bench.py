# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bench measures, its figures are those of its record, and the page has them. No test has a limit in seconds."""

from __future__ import annotations

import json
import sys
import typing as t
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.performance import bench, meter, page, plot
from tests.performance.__main__ import parser
from tests.performance.contestants import CONTESTANTS, WORKS, Client
from tests.performance.figures import Figures

# What the environment of the tests has: no network is needed.
HERE = ("ours", "empty", "asyncssh", "ncclient")


@pytest.fixture(scope="module")
def record() -> t.Iterator[dict[str, t.Any]]:
    """Return the record of one round with two spokes, and of a client that fails."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("asyncssh", "ncclient", "pyez"):
            client = CONTESTANTS[name]
            assert isinstance(client, Client)
            script = "absent.py" if name == "pyez" else client.script
            patch.setitem(
                t.cast("dict[str, t.Any]", CONTESTANTS),
                name,
                replace(client, python=Path(sys.executable), packages=(), script=script),
            )
        said: list[str] = []
        saved: list[bench.Record] = []
        found = bench.run(bench.Plan({2: 1}, (*HERE, "pyez"), ("unchanged",)), said.append, saved.append)
        assert len(said) == len(found["rows"])
        assert saved[-1]["rows"] == found["rows"]
        assert len(saved) == len(HERE) + 1
        yield json.loads(json.dumps(found))


def test_every_work_of_every_contestant_has_a_row(record: dict[str, t.Any]) -> None:
    measured = [(row["size"], row["who"], row["work"]) for row in record["rows"]]
    ours = [(2, "ours", work) for work in ("deploy", "unchanged")]
    assert measured == [*ours, *[(2, who, "deploy") for who in (*HERE[1:], "pyez")]]
    for row in record["rows"]:
        assert bool(row["reason"]) == (row["who"] == "pyez") != bool(row["rounds"]), row
    assert "absent.py" in record["rows"][-1]["reason"]
    assert str(bench.ROOT) not in json.dumps(record)


def test_the_lab_counts_sessions_and_rpcs(record: dict[str, t.Any]) -> None:
    counted = {
        (row["who"], row["work"]): [row["rounds"][0][key] for key in ("sessions", "rpcs", "commits")]
        for row in record["rows"]
        if row["rounds"]
    }
    # Lock, load, compare, commit, four RPCs, confirm, unlock, close.
    assert counted["asyncssh", "deploy"] == counted["ncclient", "deploy"] == [1, 11, 2]
    assert counted["empty", "deploy"] == [0, 0, 0]
    assert counted["ours", "deploy"][0] == 1
    assert (counted["ours", "unchanged"][0], counted["ours", "unchanged"][2]) == (1, 0)


def test_costs_are_those_of_a_process_at_least(record: dict[str, t.Any]) -> None:
    for row in record["rows"]:
        for one in row["rounds"]:
            assert min(one["wall"], one["cpu"], one["process_mb"], one["lab_mb"]) > 0, row
            assert one["tree_mb"] >= one["process_mb"]


def test_a_page_can_be_made_of_any_record(record: dict[str, t.Any]) -> None:
    figures = Figures(record)
    made = page.blocks(figures)
    assert "   * - hubspoke.srx, asyncssh\n" in made["deploy"]
    assert "PyEZ, threads: ``" in made["deploy"]
    assert {met for _what, _limit, _found, met in figures.targets()} == {None}
    assert ElementTree.fromstring(plot.draw(figures)).tag.endswith("svg")


def test_the_page_is_that_of_the_record() -> None:
    figures = page.read()
    remedy = "run python -m tests.performance.page"
    assert page.PAGE.read_text(encoding="utf-8") == page.made(page.PAGE.read_text(encoding="utf-8"), figures), remedy
    assert page.PICTURE.read_text(encoding="utf-8") == plot.draw(figures), remedy
    assert page.README.read_text(encoding="utf-8") == page.readme(page.README.read_text(encoding="utf-8"), figures)


def test_the_page_has_every_block_and_the_readme_its_ratios() -> None:
    figures = page.read()
    text = page.PAGE.read_text(encoding="utf-8")
    for name, content in page.blocks(figures).items():
        assert f".. bench: {name}\n\n{content}\n.. bench end\n" in text
    assert page.ratios(figures, "`").split()[0] in page.README.read_text(encoding="utf-8")


def test_a_process_that_outlives_its_parent_counts(tmp_path: Path) -> None:
    # The grandchild uses 0.3 s of CPU after its parent has ended, and the command waits for the file.
    busy = "import time, pathlib\nwhile time.process_time() < 0.3: pass\npathlib.Path('done').touch()\ntime.sleep(600)"
    parent = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {busy!r}])"
    command = (
        "import pathlib, subprocess, sys, time\n"
        f"subprocess.run([sys.executable, '-c', {parent!r}], check=True)\n"
        "while not pathlib.Path('done').exists(): time.sleep(0.01)"
    )
    cost = meter.measure([sys.executable, "-c", command], folder=tmp_path, env={}, log=tmp_path / "log")
    assert cost.status == 0, (tmp_path / "log").read_text(encoding="utf-8")
    assert cost.cpu >= 0.3
    assert cost.tree_mb >= cost.process_mb > 0


def test_the_options_name_contestants_and_works() -> None:
    options = parser().parse_args(["--rounds", "10=1,50=2", "--peers", "ours", "--works", "verify"])
    assert (options.rounds, options.peers, options.works) == ({10: 1, 50: 2}, ["ours"], ["verify"])
    assert parser().parse_args([]).works == list(WORKS)
