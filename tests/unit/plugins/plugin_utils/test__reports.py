# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a report: each is written although another cannot be, and only a report is read."""

from __future__ import annotations

import json
import os
import typing as t
from functools import partial
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._report.read import BadReport
from ansible_collections.hubspoke.srx.plugins.plugin_utils import _reports
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import write_files

DEPLOYED = Path(__file__).parents[2] / "fixtures" / "reports" / "deployed.json"
EVERY = ["html", "json", "junit", "md", "prom"]
NAMES = {"junit.xml", "metrics.prom", "report.html", "report.json", "report.md"}


def content() -> dict[str, t.Any]:
    return dict(json.loads(DEPLOYED.read_text(encoding="utf-8")))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def writer(folder: Path) -> _reports.Writer:
    return partial(write_files, str(folder))


@pytest.mark.parametrize(
    ("formats", "expected"),
    [
        (EVERY, NAMES),
        (["json"], {"report.json"}),
        (["md", "json"], {"report.json", "report.md"}),
        (["prom"], {"report.json", "metrics.prom"}),
    ],
)
def test_the_chosen_formats_are_written(tmp_path: Path, formats: list[str], expected: set[str]) -> None:
    arguments = {"report_formats": formats}
    _reports.write_report(writer(tmp_path), "report.json", content(), _reports.formats_of(arguments))
    assert names(tmp_path) == expected == set(_reports.report_files(arguments))
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())


def test_a_module_without_the_option_writes_json_alone() -> None:
    assert _reports.report_files({}) == ["report.json"]


def test_the_file_is_the_report_without_its_path(tmp_path: Path) -> None:
    _reports.write_report(writer(tmp_path), "report.json", {**content(), "path": "artifacts/report.json"}, [])
    assert _reports.read_report_file(str(tmp_path / "report.json")) == content()


def test_the_other_files_are_written_although_one_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "report.md").mkdir()
    with pytest.raises(HubspokeError, match=r"report\.md: expected a file or nothing, actual a folder"):
        _reports.write_report(writer(tmp_path), "report.json", content(), ["html", "md", "prom"])
    assert names(tmp_path) == {"metrics.prom", "report.html", "report.json", "report.md"}


def test_a_fault_of_a_format_does_not_keep_hosts_from_their_outcomes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_content: object) -> str:
        raise KeyError("tunnels")

    monkeypatch.setitem(_reports.FORMATS, "md", ("report.md", fail))
    with pytest.raises(HubspokeError, match=r"report\.md: expected to be made of report\.json, actual KeyError"):
        _reports.write_report(writer(tmp_path), "report.json", content(), ["md", "prom"])
    assert names(tmp_path) == {"metrics.prom", "report.json"}


def test_the_same_formats_again_are_no_change(tmp_path: Path) -> None:
    assert set(_reports.write_formats(writer(tmp_path), content(), ["html", "junit", "md", "prom"])) == NAMES - {
        "report.json"
    }
    assert _reports.write_formats(writer(tmp_path), content(), ["html", "junit", "md", "prom"]) == []


def make_folder(path: Path) -> None:
    path.mkdir()


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_binary(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")


def make_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**40)


def make_broken_link(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.parametrize(
    ("make", "actual"),
    [
        (make_folder, "actual Is a directory"),
        (make_fifo, "actual another kind or size"),
        (make_large, "actual another kind or size"),
        (make_binary, "actual another encoding"),
        (make_broken_link, "actual No such file or directory"),
    ],
)
def test_another_kind_of_file_is_refused(tmp_path: Path, make: t.Callable[[Path], None], actual: str) -> None:
    path = tmp_path / "report.json"
    make(path)
    with pytest.raises(BadReport, match=actual):
        _reports.read_report_file(str(path))


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(BadReport, match="expected a report that can be read"):
        _reports.read_report_file("a\0b")
