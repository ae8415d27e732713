# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The configuration group on a device compared with the plan, statement by statement, keys decoded."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.own_routes import OwnRoutes, next_to_discards
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import KEY_STATEMENTS, mask, same_key
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import quoted, to_set, words_of
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Words, of_group, outside
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, KeyCodec

_GATEWAY = ("security", "ike", "gateway")


class GroupDifference(t.NamedTuple):
    """Masked ``lines``, one per differing statement, and the ``unread`` statements, whose keys cannot be decoded.

    A line begins with ``+`` for a statement to add, with ``-`` for one to delete, and with ``!`` for another order.
    """

    lines: list[str]
    unread: list[Words]


def group_difference(
    job: Job, commands: t.Sequence[str], keys: t.Mapping[str, str], codec: KeyCodec
) -> GroupDifference:
    """Return how the group in a device's set ``commands``, those of the whole ``FILTER``, differs from its job."""
    plan = job.plan
    held = of_group(commands, plan.group)
    if job.remove:
        return _difference([], held, keys, codec)
    text = next_to_discards(plan, job.text, OwnRoutes(outside(commands, plan.group)))
    planned = [words for line in to_set(text).splitlines() for words in words_of(line)]
    return _difference(planned, held, keys, codec)


def is_as_planned(job: Job, commands: t.Sequence[str], keys: t.Mapping[str, str], codec: KeyCodec) -> bool:
    """Return whether the group is certainly as planned. One whose keys cannot be decoded is not."""
    if not job.remove and not of_group(commands, job.plan.group):
        # A device without the group needs no comparison.
        return False
    return group_difference(job, commands, keys, codec) == ([], [])


def _difference(
    planned: t.Sequence[Words], held: t.Sequence[Words], keys: t.Mapping[str, str], codec: KeyCodec
) -> GroupDifference:
    stored = {words[:-1]: words for words in held if words[-3:-1] in KEY_STATEMENTS}
    equal: set[Words] = set()
    unread: list[Words] = []
    for words in (words for words in planned if words[-3:-1] in KEY_STATEMENTS and words[:-1] in stored):
        there = stored[words[:-1]]
        same = same_key(words[-1], there[-1], keys, codec)
        if same is not False:
            equal |= {words, there}
        if same is None:
            unread.append(words)
    here, wanted = set(held) - equal, set(planned) - equal
    changed = [(words, "-") for words in here - wanted] + [(words, "+") for words in wanted - here]
    # The two values of one statement follow each other.
    changed.sort(key=lambda one: (one[0][:-1], one[1] == "+", one[0]))
    lines = [mask(f"{sign} {quoted(words)}") for words, sign in changed]
    return GroupDifference(lines + _order(planned, held), unread)


def _order(planned: t.Sequence[Words], held: t.Sequence[Words]) -> list[str]:
    """Return a line per place with the same names in another order, where the order has an effect."""
    there = _sequences(held)
    return [
        f"! {quoted(place)}: expected {', '.join(wanted)}, actual {', '.join(names)}"
        for place, wanted in _sequences(planned).items()
        for names in [there.get(place, [])]
        if sorted(names) == sorted(wanted) and names != wanted
    ]


def _sequences(statements: t.Sequence[Words]) -> dict[Words, list[str]]:
    """Return the names at each place of a plan whose order has an effect, in their order."""
    names: dict[Words, dict[str, None]] = {}
    for words in statements:
        size = _ordered(words)
        # A place alone is deactivated or protected.
        if 0 < size < len(words):
            names.setdefault(words[:size], {})[words[size]] = None
    return {place: list(found) for place, found in names.items()}


def _ordered(words: Words) -> int:
    """Return how many words lead to a name whose place in a sequence has an effect, zero where it has none.

    Junos applies the first policy that matches, prefers the proposals named first, and asks a gateway's addresses in
    turn.
    """
    if words[3:6] == ("security", "policies", "from-zone") and words[9:10] == ("policy",):
        return 10
    is_sequence = words[-2:-1] == ("proposals",) or (words[3:6] == _GATEWAY and words[7:8] == ("address",))
    return len(words) - 1 if is_sequence else 0
