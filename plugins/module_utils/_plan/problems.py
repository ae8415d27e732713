# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The class that collects the problems of an inventory. Their texts are in ``problem_texts``, a file per part."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import PlanError, Problem, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problem_texts import (
    fleet,
    host,
    identities,
    inside,
    interfaces,
    keys,
    proposals,
    read,
    routes,
    rules,
    vpn_options,
    wans,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problem_texts.kind import Kind

# Types of YAML that no variable has, each perhaps in a class of Ansible.
_OTHER_KINDS = {
    "bytes": "binary data",
    "date": "a date",
    "datetime": "a date and a time",
    "set": "a set",
    "time": "a time",
}
EMPTY = "(empty)"
HIDDEN = "(hidden)"
MISSING = "(missing)"
# Hosts with the same problem that a message quotes.
_SHOWN_HOSTS = 3

KINDS: dict[str, Kind] = {
    **read.KINDS,
    **host.KINDS,
    **fleet.KINDS,
    **interfaces.KINDS,
    **wans.KINDS,
    **inside.KINDS,
    **identities.KINDS,
    **rules.KINDS,
    **vpn_options.KINDS,
    **routes.KINDS,
    **proposals.KINDS,
    **keys.KINDS,
}


def format_value(value: object) -> str:
    """Return a value for a message: one line of at most 60 characters, containers by their type only."""
    if value is None:
        return MISSING
    if isinstance(value, (t.Mapping, list, tuple)):
        return f"({kind_of(value)})" if value else EMPTY
    text = "".join(char if char.isprintable() else "?" for char in str(value)).strip() or EMPTY
    return shortened(text)


def kind_of(value: object) -> str:
    """Return the type of a value in the words of an inventory's author."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, t.Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    return _OTHER_KINDS.get(type(value).__name__.removeprefix("_AnsibleTagged").lower(), "a value that is no text")


class Problems:
    """Collect problems. A wrong group variable is one problem that names its hosts."""

    def __init__(self) -> None:
        self._hosts: dict[Problem, list[str]] = {}
        self.count = 0

    def add(self, kind: str, host: str, variable: str, value: object, **facts: object) -> None:
        """Note one problem. ``facts`` fill the gaps of the kind's texts."""
        self.count += 1
        message, remedy = (text.format(**facts) for text in KINDS[kind])
        variable = format_value(variable)
        self._hosts.setdefault(Problem("", variable, format_value(value), message, remedy), []).append(host)

    def raise_if_any(self) -> None:
        """Raise PlanError with all problems in the order of discovery; return where there is none."""
        if self._hosts:
            raise PlanError([replace(problem, host=_format_hosts(hosts)) for problem, hosts in self._hosts.items()])


def join_hosts(problems: t.Iterable[Problem]) -> list[Problem]:
    """Return one problem for all hosts that have the same one, in the order of discovery."""
    hosts: dict[Problem, list[str]] = {}
    for problem in problems:
        hosts.setdefault(replace(problem, host=""), []).append(problem.host)
    return [replace(problem, host=_format_hosts(names)) for problem, names in hosts.items()]


def _format_hosts(hosts: list[str]) -> str:
    names = [shortened(format_value(host)) for host in dict.fromkeys(hosts)]
    shown, more = ", ".join(names[:_SHOWN_HOSTS]), len(names) - _SHOWN_HOSTS
    return f"{shown} and {more} more" if more > 0 else shown
