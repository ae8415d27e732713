# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of every module that asks one device; meta/runtime.yml routes the others to it.

It is named after one of them, which is what Ansible's own checks expect.
"""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.plugin_utils._device_action import DeviceAction


class ActionModule(DeviceAction):
    """Nothing of its own: the module's name in the task says which operation it is."""
