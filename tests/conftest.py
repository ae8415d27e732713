# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of the tests."""

from __future__ import annotations

import pytest

# The folders and files that take minutes, the longest first: a worker that gets one late is the last to end.
_FIRST = ("matrix", "test_shapes.py", "integration", "ssh", "costs")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest. ``--no-loadscope-reorder`` keeps the order among workers."""

    def place(item: pytest.Item) -> int:
        return next((number for number, folder in enumerate(_FIRST) if folder in item.path.parts), len(_FIRST))

    items.sort(key=place)
