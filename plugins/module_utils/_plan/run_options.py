# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Variables that steer a run and not a plan, checked with the plan, so that a mistake is known before any login."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table

Documented = t.Mapping[str, t.Mapping[str, t.Any]]
"""By variable, what the documentation says of it: its type, choices and default."""

# Lowest and highest value. Ansible's documentation has no field for these.
LIMITS: dict[str, tuple[float, float]] = {
    "nhtb_verify_timeout": (1, 86400),
    "nhtb_verify_interval": (0.1, 3600),
    "nhtb_verify_settle": (0, 3600),
    "nhtb_rpc_timeout": (1, 3600),
    "nhtb_sample_interval": (0, 3600),
    "nhtb_sessions": (1, 1000),
    "nhtb_artifacts_keep": (1, 10000),
    "nhtb_max_failures": (1, 65535),
    "nhtb_tolerate_unreachable": (0, 65535),
    "nhtb_batch_size": (0, 65535),
    "nhtb_lock_wait": (0, 3600),
    "nhtb_trouble_wait": (0, 3600),
    "nhtb_trace_seconds": (0, 3600),
    "nhtb_trace_files": (2, 1000),
    "nhtb_trace_storage_margin": (0, 1048576),
    "nhtb_max_log_bytes": (1000, 1000000000),
}


def check_numbers(table: Table, documented: Documented) -> None:
    """Note each number that is not of its type or beyond its limits."""
    for name, (low, high) in LIMITS.items():
        if documented[name]["type"] == "int":
            table.integer(name, int(low), int(high))
        else:
            table.number(name, low, high)


def check_others(table: Table, documented: Documented) -> None:
    """Note each value that is not what its documentation says, of the variables that nothing has read yet."""
    for name in [name for name in documented if name not in table.looked_at]:
        option = documented[name]
        choices = option.get("choices")
        if option["type"] == "list":
            # An empty list is the default of some, and holds no choice.
            if table.values.get(name) != option.get("default"):
                table.choose(name, choices or ())
        elif option["type"] == "bool":
            table.flag(name)
        elif choices:
            table.choice(name, choices)
        else:
            table.text(name, secret=bool(option.get("no_log")))
