# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hostile values as Ansible hands them over, and the rules for a message about one."""

from __future__ import annotations

import re
import typing as t

import ansible.template
from ansible.parsing.dataloader import DataLoader
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import HostVariables

from tests.property.hostile import VALUES

OMIT = "__omit_place_holder__0123"
LONGEST = 500
# A sentence that ends twice, or without its words.
TWICE = re.compile(r"(?<!\.)\.\.(?=\s|$)|\. \.|[?!,;:]\.(?=\s|$)")

_trust: t.Callable[[str], t.Any] = getattr(ansible.template, "trust_as_template", str)
# In a mapping: alone, some would be JSON.
LOADED = {name: DataLoader().load(_trust(f"value: {text}"))["value"] for name, text in VALUES.items()}


def text(name: str) -> str:
    """Return a value that is text."""
    return str(LOADED[name])


def check_message(message: str) -> None:
    """Check that a message is sentences that people can read."""
    for line in message.splitlines():
        assert line.isprintable(), message
        assert len(line) <= LONGEST, f"{len(line)} characters: {line[:LONGEST]}"
        assert line.endswith("."), message
        assert not TWICE.search(line), message


def evaluated(host: str, variable: str, value: t.Any) -> t.Any:
    """Return a value as the variable's, in the way of an inventory. Raise BadVariable."""
    raw = {variable: value, "omit": OMIT}
    return HostVariables(host, raw, ansible.template.Templar(loader=DataLoader(), variables=raw))[variable]
