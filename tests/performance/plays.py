# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plays of other collections, as data: ansible-lint refuses playbooks whose collections are not installed."""

from __future__ import annotations

import typing as t

from tests.performance.clients.job import MINUTES, RPCS

_TEXT = "{{ bench_texts }}/{{ inventory_hostname }}.conf"
_PLAY = {"hosts": "nhtb_hubs:nhtb_spokes", "gather_facts": False}
_LOGIN = {
    "host": "{{ ansible_host }}",
    "port": "{{ ansible_port }}",
    "user": "{{ ansible_user }}",
    "ssh_private_key_file": "{{ bench_key }}",
    "ssh_config": "{{ bench_ssh_config }}",
}

# A session for each task.
JUNIPER_DEVICE: dict[str, t.Any] = _PLAY | {
    "connection": "local",
    "module_defaults": {"juniper.device.config": _LOGIN, "juniper.device.rpc": _LOGIN},
    "tasks": [
        {
            "name": "Lock, load, compare, commit confirmed, unlock",
            "juniper.device.config": {
                "load": "replace",
                "src": _TEXT,
                "format": "text",
                "check": False,
                "confirmed": MINUTES,
                "timeout": 300,
            },
        },
        {
            "name": "Send the four RPCs",
            "juniper.device.rpc": {"rpcs": list(RPCS), "return_output": False},
        },
        {
            "name": "Confirm",
            "juniper.device.config": {
                "check": False,
                "diff": False,
                "commit": True,
                "commit_empty_changes": True,
                "timeout": 300,
            },
        },
    ],
}

# One session, that of a connection process for each device.
JUNOS: dict[str, t.Any] = _PLAY | {
    "connection": "ansible.netcommon.netconf",
    "vars": {
        "ansible_network_os": "junipernetworks.junos.junos",
        "ansible_ssh_private_key_file": "{{ bench_key }}",
        "ansible_netconf_ssh_config": "{{ bench_ssh_config }}",
        "ansible_command_timeout": 300,
    },
    "tasks": [
        {
            "name": "Lock, load, compare, commit confirmed, unlock",
            "junipernetworks.junos.junos_config": {
                "src": _TEXT,
                "src_format": "text",
                "update": "replace",
                "confirm": MINUTES,
            },
        },
        {
            "name": "Send the four commands",
            "junipernetworks.junos.junos_command": {
                "commands": [
                    "show security ike security-associations",
                    "show security ipsec security-associations",
                    "show security ipsec next-hop-tunnels",
                    "show route",
                ]
            },
        },
        {"name": "Confirm", "junipernetworks.junos.junos_config": {"confirm_commit": True}},
    ],
}
