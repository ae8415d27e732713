# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settle the pending commits of a killed run: confirm or roll back."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Mode
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec
from ansible_collections.hubspoke.srx.plugins.plugin_utils._transaction_action import TransactionAction


class ActionModule(TransactionAction):
    spec = argument_spec("recover")

    def mode(self) -> Mode:
        return "recover"

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        if self._play_context.check_mode:
            return {"skipped": True, "changed": False, "msg": "not in check mode: a recovery changes devices"}
        return super().run(tmp, task_vars)
