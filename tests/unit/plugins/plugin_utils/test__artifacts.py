# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folders of runs, and the link to the newest one."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import WITH_KEYS, RunFolder, name_of_run

RUNS = [f"2026010{day}T000000-00000{day}" for day in range(1, 6)]


def written(base: Path, run: str, files: t.Mapping[str, str]) -> RunFolder:
    folder = RunFolder(str(base), run)
    folder.write(files)
    return folder


def test_each_run_has_a_folder_and_latest_is_the_newest(tmp_path: Path) -> None:
    base = tmp_path / "new" / "artifacts"
    for run in RUNS:
        written(base, run, {"report.json": run})
        assert os.readlink(base / "latest") == run
        assert (base / "latest" / "report.json").read_text() == run
    assert set(os.listdir(base)) == {"latest", *RUNS}
    assert not (base / RUNS[0]).stat().st_mode & 0o077


def test_a_run_that_is_only_checked_leaves_no_folder(tmp_path: Path) -> None:
    RunFolder(str(tmp_path / "artifacts"), name_of_run()).check("report.json")
    assert os.listdir(tmp_path / "artifacts") == []


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_latest_that_is_no_link_is_refused_before_anything_is_written(tmp_path: Path, kind: str) -> None:
    (tmp_path / "latest").mkdir() if kind == "folder" else (tmp_path / "latest").write_text("mine")
    with pytest.raises(HubspokeError, match=r"latest: expected a symbolic link or nothing, actual another file\. Move"):
        RunFolder(str(tmp_path), RUNS[0]).check("report.json")
    assert os.listdir(tmp_path) == ["latest"]


def test_nothing_is_written_through_a_link_in_place_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / RUNS[0]).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HubspokeError, match="a symbolic link"):
        written(tmp_path / "artifacts", RUNS[0], {"report.json": "text"})
    assert not os.listdir(tmp_path / "elsewhere")


def test_only_the_newest_run_with_keys_has_files_with_keys(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "hub.conf").write_text("mine", encoding="utf-8")
    written(tmp_path, RUNS[0], {"hub.conf": "without a key"})
    for run in RUNS[1:4]:
        RunFolder(str(tmp_path), run).write_with_keys({"hub.conf": "with a key", "hub.set": "with a key"})
        written(tmp_path, run, {"note.txt": "of the user"})
    # A list that another hand has changed leads to no file outside of its folder.
    (tmp_path / RUNS[2] / WITH_KEYS).write_text(f"../elsewhere/hub.conf\n../{RUNS[0]}/hub.conf\nhub.conf\nhub.set\n")
    RunFolder(str(tmp_path), RUNS[3]).remove_earlier_keys()
    found = {run: set(os.listdir(tmp_path / run)) for run in RUNS[:4]}
    assert found == {
        RUNS[0]: {"hub.conf"},
        RUNS[1]: {"note.txt"},
        RUNS[2]: {"note.txt"},
        RUNS[3]: {"note.txt", "hub.conf", "hub.set", WITH_KEYS},
    }
    assert (tmp_path / "elsewhere" / "hub.conf").exists()
    RunFolder(str(tmp_path), RUNS[4]).remove_earlier_keys()
    assert set(os.listdir(tmp_path / RUNS[3])) == {"note.txt"}


@pytest.mark.parametrize(("keep", "staying"), [(1, RUNS[4:]), (3, RUNS[2:]), (5, RUNS), (99, RUNS)])
def test_the_newest_runs_stay(tmp_path: Path, keep: int, staying: list[str]) -> None:
    for run in RUNS:
        folder = written(tmp_path, run, {"report.json": run, "hub.conf": run})
    for name in ("collect", "20260101-mine"):
        (tmp_path / name).mkdir()
    folder.prune(keep)
    assert set(os.listdir(tmp_path)) == {"latest", "collect", "20260101-mine", *staying}


def test_a_run_never_removes_itself(tmp_path: Path) -> None:
    for run in RUNS[1:]:
        written(tmp_path, run, {"report.json": run})
    written(tmp_path, RUNS[0], {"report.json": "the clock was set back"}).prune(1)
    assert set(os.listdir(tmp_path)) == {"latest", RUNS[0]}


def test_a_folder_in_which_a_user_keeps_another_stays(tmp_path: Path) -> None:
    written(tmp_path, RUNS[0], {"report.json": "text"})
    (tmp_path / RUNS[0] / "mine").mkdir()
    written(tmp_path, RUNS[1], {"report.json": "text"}).prune(1)
    assert (tmp_path / RUNS[0] / "mine").is_dir()


def test_earlier_files_are_those_of_the_newest_earlier_run(tmp_path: Path) -> None:
    written(tmp_path, RUNS[0], {"east.screenos": "first", "west.screenos": "only here"})
    written(tmp_path, RUNS[1], {"east.screenos": "second"})
    folder = written(tmp_path, RUNS[2], {"east.screenos": "now"})
    found = folder.earlier(["east.screenos", "west.screenos", "north.screenos"])
    assert found == {"east.screenos": b"second", "west.screenos": b"only here"}
    written(tmp_path, RUNS[0], {"report.json": "verified"})
    assert folder.earlier(["east.screenos"], lambda one: one.read("report.json") == b"verified") == {
        "east.screenos": b"first"
    }
