# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of every module for one device: meta/runtime.yml routes the others to it.

Its name is that of one of them, as Ansible's own checks expect.
"""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.plugin_utils._device_action import DeviceAction


class ActionModule(DeviceAction):
    """The class itself: the name of the module in the task is the name of the operation."""
