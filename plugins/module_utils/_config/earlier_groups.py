# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Other groups that hold the VPN of a plan, as after a change of ``nhtb_group``."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import quoted, words_of
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Words, active, planned_words
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel

# The hierarchies that the templates write to, in some plan.
_OURS = (("interfaces",), ("routing-options",), ("security",), ("system", "host-name"))


def earlier_groups(plan: DevicePlan, commands: t.Iterable[str]) -> list[str]:
    """Return the other groups of a device that hold a VPN of the plan.

    Nothing in a group tells who wrote it: a user may have given it the name of a planned VPN.
    """
    vpns = _names(plan.tunnels)
    found = [words[1] for words in active(commands) if words[:1] == ("groups",) and _vpn_of(words[2:]) in vpns]
    return [group for group in dict.fromkeys(found) if group != plan.group]


def applied(commands: t.Iterable[str], groups: t.Collection[str]) -> list[str]:
    """Return those of the groups that are applied, at the top level or deeper."""
    names = {words[-1] for words in active(commands) if words[-2:-1] == ("apply-groups",)}
    return [group for group in groups if group in names]


def without_groups(commands: t.Iterable[str], groups: t.Iterable[str]) -> list[str]:
    """Return the set commands that are not about the content of these groups."""
    starts = tuple(f"{verb} groups {quoted((group,))} " for group in groups for verb in ("set", "deactivate"))
    return [command for command in commands if not command.startswith(starts)]


def under_new_name(commands: t.Iterable[str], group: str, new: str) -> list[str]:
    """Return the set commands of a group as those of the new name; others unchanged."""
    start = f"set groups {quoted((group,))} "
    return [
        f"set groups {quoted((new,))} {command.removeprefix(start)}" if command.startswith(start) else command
        for command in commands
    ]


def why_not_ours(
    group: str, tunnels: t.Iterable[Tunnel], text: str, planned_group: str, commands: t.Iterable[str]
) -> str:
    """Return why a group cannot be an earlier one of the plan, empty where it can or where it has no statement.

    It must have a planned VPN, and statements of no other kind than the rendered ``text`` and the templates have.
    """
    held = [words[3:] for command in commands for words in words_of(command) if words[1:3] == ("groups", group)]
    kinds = {*_OURS, *(words[:1] for words in planned_words(text, planned_group) if words[:1] != ("system",))}
    others = [words for words in held if words and not any(words[: len(kind)] == kind for kind in kinds)]
    if others:
        return f"with '{quoted(others[0])}', which is none of this VPN's"
    names = _names(tunnels)
    return "without a VPN of the plan" if held and not any(_vpn_of(words) in names for words in held) else ""


def _names(tunnels: t.Iterable[Tunnel]) -> set[str]:
    return {tunnel.vpn for tunnel in tunnels}


def _vpn_of(words: Words) -> str:
    return "".join(words[3:4]) if words[:3] == ("security", "ipsec", "vpn") else ""
