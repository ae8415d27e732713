# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One browser for the tests of this folder. They skip, with a sentence, where it cannot be installed."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.page import page

from tests.browser import install
from tests.browser.chromium import Browser, Page
from tests.browser.samples import CASES, sample, without_tunnels

REPORTS = Path(__file__).parents[1] / "unit" / "fixtures" / "reports"
OpenPage: t.TypeAlias = t.Callable[..., Page]


@pytest.fixture(scope="session")
def axe() -> str:
    try:
        return install.axe()
    except install.NotInstalled as error:
        pytest.skip(f"{error} Run python -m tests.browser.install.")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Browser]:
    try:
        tools = install.find()
    except install.NotInstalled as error:
        pytest.skip(f"{error} Run python -m tests.browser.install.")
    started = Browser(tools.program, tmp_path_factory.mktemp("profile"), tools.environment)
    yield started
    started.close()


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the file of each sample, by its name."""
    folder = tmp_path_factory.mktemp("pages")
    reports = {f"{spokes}-{case}": sample(spokes, case) for spokes in (2, 40, 500) for case in CASES}
    # axe-core takes long for a large page.
    reports["70-mixed"] = sample(70, "mixed")
    reports |= {mode: without_tunnels(4, mode) for mode in ("drift", "recover")}
    reports |= {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in REPORTS.glob("*.json")}
    reports["check"] = sample(4, "success", "check")
    reports["verify"] = sample(4, "wrong_key", "verify")
    found = {}
    for name, report in reports.items():
        found[name] = folder / f"{name}.html"
        found[name].write_text(page(report), encoding="utf-8")
    return found


@pytest.fixture
def opened(browser: Browser, files: dict[str, Path]) -> t.Iterator[OpenPage]:
    """Return a function that opens a sample; its pages are closed at the end of the test."""
    pages: list[Page] = []

    def open_(name: str, fragment: str = "", **options: t.Any) -> Page:
        pages.append(Page(browser, **options))
        pages[-1].open(files[name], fragment)
        return pages[-1]

    yield open_
    for one in pages:
        one.close()
