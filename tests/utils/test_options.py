# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of options is current, and has every option that shapes the VPN, with what there is of it."""

from __future__ import annotations

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import CHECKS

from tests.utils.options import (
    PAGE,
    README,
    SYNTAXES,
    examples,
    golden,
    inventories,
    load,
    network_options,
    paths,
    readme,
    render,
    row_of,
)
from tests.utils.variables import SPECIFICATION

TEXT = SPECIFICATION.read_text(encoding="utf-8")
OPTIONS = dict(paths(network_options(TEXT)))
ROWS, OTHERS = load()


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(TEXT), "run python -m tests.utils.options"


def test_the_table_of_inventories_in_the_readme_is_current() -> None:
    text = README.read_text(encoding="utf-8")
    assert readme(text) == text, "run python -m tests.utils.options"
    assert all(f"inventories/{name})" in text for name in inventories())


def test_every_option_that_shapes_the_vpn_has_a_row() -> None:
    without = {path for path, option in OPTIONS.items() if "options" not in option and not row_of(path, ROWS)}
    assert without == set(OTHERS)
    assert set(ROWS) <= set(OPTIONS)


@pytest.mark.parametrize("path", ROWS)
def test_a_row_names_checks_and_an_inventory_that_sets_the_option(path: str) -> None:
    row = ROWS[path]
    assert set(row.check) <= set(CHECKS)
    setting = examples(path)
    assert row.example in setting if setting else row.example == "", setting


@pytest.mark.parametrize("path", ROWS)
def test_an_option_has_a_golden_file_in_each_syntax_or_a_reason(path: str) -> None:
    assert golden(path) | set(ROWS[path].not_golden or {}) == set(SYNTAXES)
    assert not golden(path) & set(ROWS[path].not_golden or {})
