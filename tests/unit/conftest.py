# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every error that a unit test raises is made of sentences with one full stop each."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError

# An ellipsis stays, and so does a path that begins with two dots.
TWICE = re.compile(r"(?<!\.)\.\.(?=\s|$)|\. \.(?!\w)|[?!,;:]\.(?=\s|$)")


@pytest.fixture(autouse=True)
def sentences_end_once(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[None]:
    """Fail a test in which an error has a sentence that ends twice."""
    seen: list[str] = []

    def keep(error: HubspokeError, *arguments: object) -> None:
        Exception.__init__(error, *arguments)
        seen.append(str(error))

    monkeypatch.setattr(HubspokeError, "__init__", keep)
    yield
    assert [message for message in seen if TWICE.search(message)] == []
