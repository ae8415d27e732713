# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A report as Markdown, for a merge request or a ticket."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._report.markdown_text import (
    block,
    code,
    folded,
    limited,
    prose,
    table,
)

# A comment on GitHub has 65,536 characters at most, one on GitLab a million.
MOST_CHARACTERS = 60_000
# Of each part of the page; the differences have the rest.
_OF_CAUSES = 16_000
_OF_TUNNELS = 12_000
_OF_HOSTS = 12_000
_OF_WARNINGS = 4_000
_OF_THE_END = 500
# Of the difference of one host, where all of them do not fit.
_OF_A_DIFFERENCE = 2_000
# Characters of a text that a device or a plan has written.
_OF_A_TEXT = 400
# A digest is copied from here to approve it: all of its characters.
_OF_A_FACT = 100
# So many tunnels are listed although they are up.
_FEW_TUNNELS = 12
_MOST_HOSTS_OF_A_CAUSE = 10
_REST = "see `report.json`"
_FOLDER = "see the folder of the run"
_CELLS = {"ike": "IKE", "ipsec": "IPsec", "next_hop_tunnels": "Next-hop tunnel", "routes": "Routes"}

Row = t.Mapping[str, t.Any]


def markdown(content: Row) -> str:
    """Return a report as Markdown of at most ``MOST_CHARACTERS``."""
    page = "".join((_top(content), _causes(content), _tunnels(content), _hosts(content), _warnings(content)))
    end = _end(content)
    return page + _differences(content, MOST_CHARACTERS - len(page) - len(end)) + end


def counted(numbers: t.Mapping[str, int]) -> str:
    """Return the numbers that are not 0, each with its name."""
    return ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in numbers.items() if number)


def text(value: str) -> str:
    """Return a text of a device or a plan: what is too long to be read is cut."""
    return prose(shortened(value, _OF_A_TEXT))


def _top(content: Row) -> str:
    numbers = {**content["counts"], "hosts": {**content["counts"]["hosts"], "failed": 0}}
    lines = {title: counted(numbers[name]) for title, name in _COUNTED.items()}
    if failed := content["counts"]["hosts"]["failed"]:
        lines["Hosts"] += f"; {failed} failed"
    facts = {
        "run": content["run"],
        "command": content["command"],
        "mode": content["mode"],
        "ticket": content["ticket"],
        "digest": content["digest"],
        "started": content["started"],
    }
    said = ", ".join(f"{name} {code(shortened(value, _OF_A_FACT))}" for name, value in facts.items() if value)
    counts = "".join(f"- {title}: {line}\n" for title, line in lines.items() if line)
    return (
        f"## VPN: {content['verdict']}\n\n{text(content['decision'])}\n\n"
        f"{counts}- Run: {said}, {content['seconds']:.1f} s\n\n"
    )


_COUNTED = {"Tunnels": "tunnels", "Hosts": "hosts", "Checks": "findings"}


def _causes(content: Row) -> str:
    return limited("### Causes\n\n", [cause_line(cause) for cause in content["causes"]], _OF_CAUSES, _REST)


def cause_line(cause: Row) -> str:
    """Return a cause as an entry of a numbered list, its remedies below."""
    ends = f"{code(cause['host'])} → {code(cause['peer'])}" if cause["peer"] else code(cause["host"])
    unsure = " (unknown)" if cause["state"] == "unknown" else ""
    about = "" if cause["object"] in ("", cause["check"]) else f" {code(shortened(cause['object']))}"
    words = [f"1. **{prose(cause['check'])}**{about}{unsure}, {ends}: {_compared(cause)}"]
    if cause["follows"]:
        words.append(f"Follows: {prose(counted(cause['follows']))}.")
    if others := [host for host in cause["hosts"] if host != cause["host"]]:
        more = f" and {len(others) - _MOST_HOSTS_OF_A_CAUSE} more" if len(others) > _MOST_HOSTS_OF_A_CAUSE else ""
        words.append(f"Fails with it: {', '.join(map(code, others[:_MOST_HOSTS_OF_A_CAUSE]))}{more}.")
    steps = "".join(f"   - {text(step)}\n" for step in cause["remedy"])
    return f"{' '.join(words)}\n{steps}"


def _compared(cause: Row) -> str:
    actual = f"{text(cause['actual']).rstrip('.')}."
    return f"expected {text(cause['expected'])}, actual {actual}" if cause["expected"] else actual


def _tunnels(content: Row) -> str:
    tunnels = content["tunnels"]
    shown = [one for one in tunnels if len(tunnels) <= _FEW_TUNNELS or one["state"] not in ("up", "not_checked")]
    title = "Tunnels" if len(shown) == len(tunnels) else "Tunnels that are not up"
    titles = ["Hub", "Spoke", "VPN", "Binding", "State", *_CELLS.values()]
    beginning, rows = table(titles, [_tunnel(one) for one in shown])
    return limited(f"### {title}\n\n{beginning}", rows, _OF_TUNNELS, _REST)


def _tunnel(one: Row) -> list[str]:
    state = one["state"].replace("_", " ")
    return [
        *(code(one[name]) for name in ("host", "peer", "vpn")),
        one["binding"],
        state if one["state"] == "up" else f"**{state}**",
        *(_cell(one[check]) for check in _CELLS),
    ]


def _cell(cell: Row) -> str:
    return f"{text(cell['text'])}{ {'failed': ' (failed)', 'unknown': ' (unknown)'}.get(cell['state'], '') }"


def _hosts(content: Row) -> str:
    # Those that failed first: they must not be among those that are cut.
    hosts = sorted(content["hosts"], key=lambda host: not host["failed"])
    beginning, rows = table(["Host", "Role", "State", "Lines", "Seconds", "Outcome"], [_host(one) for one in hosts])
    return limited(f"### Hosts\n\n{beginning}", rows, _OF_HOSTS, _REST)


def _host(host: Row) -> list[str]:
    state = host["state"].replace("_", " ")
    return [
        code(host["host"]),
        host["role"],
        f"**failed**, {state}" if host["failed"] else state,
        _lines(host),
        f"{host['seconds']:.1f}" if host["seconds"] else "",
        text(host["message"].removeprefix(f"{state}: ")),
    ]


def _lines(host: Row) -> str:
    return f"+{host['added']} -{host['removed']}" if host["added"] or host["removed"] else ""


def _warnings(content: Row) -> str:
    rows = [f"- {code(host['host'])}: {text(one)}\n" for host in content["hosts"] for one in host["warnings"]]
    return limited("### Warnings\n\n", rows, _OF_WARNINGS, _REST)


def _differences(content: Row, most: int) -> str:
    changed = [host for host in content["hosts"] if host["diff"]]
    each = max(_OF_A_DIFFERENCE, most // (len(changed) + 1))
    rows = [folded(f"{host['host']} {_lines(host)}", _difference(host["diff"], each)) for host in changed]
    return limited("### Differences\n\n", rows, most - _OF_THE_END, _FOLDER)


def _difference(diff: str, most: int) -> str:
    """Return a difference, of a long one its first lines."""
    if len(diff) <= most:
        return block(diff, "diff")
    first = diff[:most].rpartition("\n")[0]
    more = diff.rstrip("\n").count("\n") - first.count("\n")
    return f"{block(first, 'diff')}\n{more} more lines: {_FOLDER}.\n"


def _end(content: Row) -> str:
    releases = ", ".join(f"{name} {release}" for name, release in content["releases"].items())
    return f"{text(releases)}\n" if releases else ""
