# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the bytes of each result as JSON, which is what a register keeps, to ``result_sizes.json`` in the folder."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: result_sizes
type: aggregate
short_description: Write the bytes of each result
description: Writes the bytes of each result as JSON, by task and host.
requirements: []
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "result_sizes"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._sizes: dict[str, dict[str, int]] = {}

    def _note(self, result: t.Any) -> None:
        of_task = self._sizes.setdefault(str(result._task.action).rpartition(".")[2], {})
        host = str(result._host)
        of_task[host] = of_task.get(host, 0) + len(json.dumps(result._result, default=str))

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._note(result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._note(result)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._note(result)

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        Path("result_sizes.json").write_text(json.dumps(self._sizes), encoding="utf-8")
