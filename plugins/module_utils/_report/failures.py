# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The causes of a failed run in the lines of a terminal, each once, and in the short rows of a result."""

from __future__ import annotations

import re
import textwrap
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import MESSAGE_CHARACTERS, printable, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._report.columns import WIDTH

Cause = t.Mapping[str, t.Any]
Content = t.Mapping[str, t.Any]

_LABEL, _NAME = 9, 9
# Between two steps in a line.
_GAP = "  "
# Causes with a block of their own, and those that are named after them.
_BLOCKS, _NAMED = 5, 10
# Hosts that a line names.
_HOSTS = 3
# Lines of one part of a cause.
_LINES = 2
# Rows of a result.
_ROWS = 5
# What follows is why, or more of the same.
_REASON = re.compile("[:;] ")
_PROTOCOL = "SSH"
_WORDS = {"failed": "FAILED", "unknown": "UNKNOWN"}
_CHECKS = {
    "ike": "IKE",
    "ipsec": "IPsec",
    "next_hop_tunnels": "next-hop tunnel",
    "routes": "route",
    "pings": "ping",
    "roll_back": "rollback",
}


def failures(content: Content) -> str:
    """Return a block per cause, about five lines each and none longer than 120 characters; empty without a cause."""
    causes = content.get("causes", ())
    addresses = {host["host"]: host["wan"] for host in content["hosts"]} if causes else {}
    blocks = ["\n".join(_block(cause, addresses)) for cause in causes[:_BLOCKS]]
    if more := causes[_BLOCKS:]:
        named = ", ".join(_name(cause) for cause in more[:_NAMED])
        rest = f" and {len(more) - _NAMED} more" if len(more) > _NAMED else ""
        count = f"{len(more)} cause{'s' if len(more) > 1 else ''}"
        blocks.append("\n".join(_wrapped("MORE", f"{count}: {named}{rest}", width=_LABEL)))
    return "\n".join(blocks)


def short_rows(content: Content, entry: t.Mapping[str, t.Any]) -> list[str]:
    """Return the causes that lie with a host of the report, for its result: texts of at most 120 characters."""
    if entry["cause"] is None:
        return []
    own = dict.fromkeys([entry["cause"], *(one["cause"] for one in entry["findings"] if one["cause"] is not None)])
    causes = [content["causes"][number] for number in own]
    return rows([cause for cause in causes if cause["host"] == entry["host"]])


def rows(causes: t.Sequence[Cause]) -> list[str]:
    """Return causes as texts of at most 120 characters, and how many more there are."""
    texts = [_row(cause) for cause in causes[:_ROWS]]
    return [*texts, f"and {len(causes) - _ROWS} more"] if len(causes) > _ROWS else texts


def _row(cause: Cause) -> str:
    """Return a cause in few words: the report tells the device's reason, once for all hosts.

    The sentence of a bastion begins with the protocol, and is told as it is.
    """
    actual = cause["actual"]
    first = _REASON.split(actual)[0]
    words = actual if first == _PROTOCOL else first
    return shortened(printable(f"{_start(cause)} {words}"), MESSAGE_CHARACTERS)


def reference(cause: Cause) -> str:
    """Return where a cause lies in a few words, for the hosts that refer to it."""
    return f"{cause['host']}: {cause['tunnel'] or cause['object'] or cause['check']}" if cause["host"] else "the run"


def _block(cause: Cause, addresses: t.Mapping[str, str]) -> t.Iterator[str]:
    title = cause["host"] or "the run"
    if cause["tunnel"]:
        title = f"{cause['tunnel']}  {cause['host']} -> {cause['peer']} {addresses.get(cause['peer'], '')}".rstrip()
    yield f"{_WORDS[cause['state']]:<{_LABEL}}{shortened(title, WIDTH - _LABEL)}"
    yield from _part(_check(cause["check"]), _sentence(cause))
    if cause["follows"]:
        yield from _part("follows", ", ".join(_counted(*one) for one in cause["follows"].items()))
    if len(cause["hosts"]) > 1:
        yield from _part("hosts", _hosts(cause["hosts"]))
    if cause["remedy"]:
        yield from _fix(cause["remedy"])


def _part(name: str, text: str) -> list[str]:
    return _wrapped(f"{'':<{_LABEL}}{name:<{_NAME - 1}}", text, width=_LABEL + _NAME)


def _wrapped(start: str, text: str, *, width: int) -> list[str]:
    """Return a text in lines that begin below each other, what is longer than they take cut."""
    first = f"{start:<{width}}" if len(start) < width else f"{start} "
    return textwrap.wrap(
        text.replace("\n", " "),
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * width,
        max_lines=_LINES,
        placeholder=" ...",
        break_on_hyphens=False,
    )


def _sentence(cause: Cause) -> str:
    """Return what was expected and what was found; the object first, where the tunnel or the check is not it."""
    found = cause["actual"]
    words = f"expected {cause['expected']}, actual {found}" if cause["expected"] else found
    is_named = not cause["object"] or cause["object"] in (cause["tunnel"], cause["check"])
    return words if is_named else f"{cause['object']}: {words}"


def _start(cause: Cause) -> str:
    name = cause["tunnel"] or cause["host"]
    return f"{name}: {_check(cause['check'])}" if name else _check(cause["check"])


def _name(cause: Cause) -> str:
    return cause["tunnel"] or (f"{cause['host']} {_check(cause['check'])}" if cause["host"] else "the run")


def _check(check: str) -> str:
    return _CHECKS.get(check, check).replace("_", " ")


def _counted(check: str, number: int) -> str:
    name = _check(check)
    return (
        f"{number} {name}s" if number > 1 and check in ("pings", "routes", "next_hop_tunnels") else f"{number} {name}"
    )


def _hosts(hosts: t.Sequence[str]) -> str:
    more = f" and {len(hosts) - _HOSTS} more" if len(hosts) > _HOSTS else ""
    return f"{len(hosts)}: {', '.join(hosts[:_HOSTS])}{more}"


def _fix(steps: t.Sequence[str]) -> list[str]:
    """Return the steps in lines: one that does not fit into a line begins another, so that no command is cut."""
    words = [step.replace("\n", " ") for step in steps]
    if len(words) > 1:
        words = [f"{number} {step.rstrip('.')}" for number, step in enumerate(words, start=1)]
    width = WIDTH - _LABEL - _NAME
    lines: list[str] = []
    for step in words:
        if lines and len(lines[-1]) + len(_GAP) + len(step) <= width:
            lines[-1] += _GAP + step
        else:
            lines += textwrap.wrap(step, width, break_on_hyphens=False)
    starts = [f"{'':<{_LABEL}}{'fix':<{_NAME}}", *[" " * (_LABEL + _NAME)] * len(lines)]
    return [start + line for start, line in zip(starts, lines, strict=False)]
