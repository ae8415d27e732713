# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verify the tunnels of the fleet. No device is changed."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Mode
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec
from ansible_collections.hubspoke.srx.plugins.plugin_utils._transaction_action import TransactionAction


class ActionModule(TransactionAction):
    spec = argument_spec("nhtb_verify")
    by_tunnel = True

    def mode(self) -> Mode:
        return "verify"
