# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The tunnels of a report as a picture shows them; where a run examines none, its spokes."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.marks import look, words

CHECKS = {"ike": "IKE", "ipsec": "IPsec", "next_hop_tunnels": "Next hop", "routes": "Routes"}
"""The checks that have a column, and its header."""
BINDINGS = {"static": "Static", "auto": "Auto"}
"""The words of Junos for the entries of the table of next-hop tunnels."""


@dataclass(frozen=True)
class Link:
    """A line of the picture: the row of a table it leads to, the name at its end, and the text that explains it.

    ``look`` is that of the line, ``box`` that of the spoke: a root cause colours the spoke that has it, with or without
    a tunnel that was checked.
    """

    target: str
    name: str
    note: str
    address: str
    look: str
    box: str
    binding: str
    title: str


def links_of(report: t.Mapping[str, t.Any]) -> dict[str, list[Link]]:
    """Return the links of each hub: a link per tunnel, or per spoke where the report has no tunnel."""
    hosts = {row["host"]: row for row in report["hosts"]}
    culprits = culprits_of(report)
    found: dict[str, list[Link]] = {}
    for index, row in enumerate(report["tunnels"]):
        found.setdefault(row["host"], []).append(_of_tunnel(index, row, hosts.get(row["peer"], {}), culprits))
    if found or not hosts:
        return found
    hub = next((host for host, row in hosts.items() if row["role"] == "hub"), "")
    spokes = [(index, row) for index, row in enumerate(report["hosts"]) if row["host"] != hub]
    return {hub: [_of_host(index, row) for index, row in spokes]}


def culprits_of(report: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Return the look of each host that has a root cause: of the spoke, where the cause has two ends."""
    causes = [(row["peer"] or row["host"], look(row["state"])) for row in reversed(report["causes"])]
    # The worst is last.
    return dict(sorted(causes, key=lambda cause: cause[1] == "bad"))


def host_look(row: t.Mapping[str, t.Any]) -> str:
    """Return the look of a host."""
    if row["failed"] or row["unreachable"]:
        return "bad"
    return look(row["state"])


def _of_tunnel(
    index: int, row: t.Mapping[str, t.Any], peer: t.Mapping[str, t.Any], culprits: t.Mapping[str, str]
) -> Link:
    binding = BINDINGS.get(row["binding"], str(row["binding"]))
    facts = [f"{row['peer']}, {row['vpn']}: {words(row['state'])}", f"binding {binding}" if binding else ""]
    facts += [f"{header} {row[check]['text']}" for check, header in CHECKS.items() if row["state"] != "not_checked"]
    facts.append("" if row["cause"] is None else f"root cause {row['cause'] + 1}")
    return Link(
        f"t{index}", str(row["peer"]), _note(peer), str(peer.get("wan") or ""), look(row["state"]),
        culprits.get(row["peer"], look(row["state"])), binding, ", ".join(fact for fact in facts if fact),
    )  # fmt: skip


def _of_host(index: int, row: t.Mapping[str, t.Any]) -> Link:
    title = f"{row['host']}: {words(row['state'])}" + (f", {row['message']}" if row["message"] else "")
    shown = host_look(row)
    return Link(f"h{index}", str(row["host"]), words(row["state"]), words(row["state"]), shown, shown, "", title)


def _note(row: t.Mapping[str, t.Any]) -> str:
    return " · ".join(text for text in (str(row.get("wan") or ""), words(row.get("platform") or "")) if text)
