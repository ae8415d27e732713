# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What the processes of a task have in common, loaded once.

Ansible forks a process for each host and task. Its strategy imports the action plugin first: what that import loads, no
process loads again.
"""

from __future__ import annotations

from ansible.plugins.loader import connection_loader, shell_loader


def preload() -> None:
    """Load the connection plugin of the role's tasks and its shell; their options are YAML that takes milliseconds."""
    connection_loader.get("ansible.builtin.local", class_only=True)
    shell_loader.get("sh", class_only=True)
