# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page on connections says what is tried, and what an error says."""

from __future__ import annotations

import re

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import login_errors

from tests.ssh import page


def test_the_tables_are_those_of_the_features() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.made(text) == text, "python -m tests.ssh.page"


def test_every_reason_of_an_error_is_explained() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    explained = set(re.findall(r"^``(\w+)``$", text.partition("When a session does not open")[2], re.MULTILINE))
    reasons = {login_errors.reason_of(kind) for kind in login_errors.KINDS}
    assert reasons <= explained, "each reason has a paragraph of its own"
