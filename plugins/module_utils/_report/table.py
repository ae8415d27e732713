# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A report for a terminal."""

from __future__ import annotations

import textwrap
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import Parts, with_host
from ansible_collections.hubspoke.srx.plugins.module_utils._report.columns import WIDTH, format_columns
from ansible_collections.hubspoke.srx.plugins.module_utils._report.failures import failures
from ansible_collections.hubspoke.srx.plugins.module_utils._report.tunnels import COLUMNS

_MARK = {"ok": "", "failed": " !", "unknown": " ?", "skipped": ""}
_BAD = ("down", "unknown")
_HEAD = ("VPN", "Spoke", "Binding", "State", *COLUMNS.values())
# Rows for tunnels that are not up, where a reader does not ask for all.
_ROWS = 10
# The messages of a host with which all went as a user expects.
_USUAL = ("verified and confirmed", "verified", "nothing to change", "would change", "removed and confirmed")
# The hosts of which a comparison knows nothing, although it asked them.
_NOT_COMPARED = ("unknown", "unreachable")
# What these runs say is about tunnels; of the others the words of each host are the result.
_OF_TUNNELS = ("apply", "check", "verify", "recover")


def table(content: t.Mapping[str, t.Any], *, verbose: bool = False) -> str:
    """Return a report() as text: each cause once, the tunnels that are not up, the decision.

    ``verbose`` adds the other tunnels, and what each host has to say. Hosts that an operator configures say it in any
    case.
    """
    hosts = [host for host in content["hosts"] if verbose or _speaks(content, host)]
    blocks = [
        failures(content),
        tunnel_table(content, verbose=verbose),
        "\n".join(with_host(host["host"], _words(host)) for host in hosts),
        textwrap.fill(content["decision"], WIDTH, break_long_words=False, break_on_hyphens=False),
    ]
    return "\n\n".join(block for block in blocks if block)


def tunnel_table(content: t.Mapping[str, t.Any], *, verbose: bool) -> str:
    """Return the tunnels that were checked as rows, empty without any; without ``verbose`` those that are not up.

    The spoke's end has a row of its own where the spoke sees the tunnel in another state than the hub. An exclamation
    mark follows a failed value, a question mark an unknown one.
    """
    rows: list[list[str]] = []
    found = [row for row in content.get("tunnels", ()) if row["state"] in (("up", *_BAD) if verbose else _BAD)]
    for row in found if verbose else found[:_ROWS]:
        rows.append([row["vpn"], row["peer"], row["binding"], row["state"], *_cells(row)])
        if row["spoke"] and not _is_good(row["spoke"]):
            rows.append(["", f"at {row['peer']}", "", "", *_cells(row["spoke"])])
    if not rows:
        return ""
    more = f"\nand {len(found) - _ROWS} more" if len(found) > _ROWS and not verbose else ""
    return format_columns(_HEAD, rows) + more


def _speaks(content: t.Mapping[str, t.Any], host: t.Mapping[str, t.Any]) -> bool:
    if content["mode"] == "drift":
        # The differences of drifted hosts are shown before the outcomes, under the words of each, and causes above.
        return host["state"] in _NOT_COMPARED and host["cause"] is None
    if content["mode"] not in _OF_TUNNELS:
        return True
    if host["platform"] != "junos":
        return not host["failed"]
    # What failed is told with its cause; whoever is outside a limit is known to the user.
    is_told = host["failed"] or host["message"].startswith("not touched")
    return not is_told and host["message"] not in _USUAL


def _words(host: t.Mapping[str, t.Any]) -> str:
    whole = Parts(host["message"], host.get("remedy", ""), host.get("detail", "")).whole
    return whole or str(host["state"])


def _cells(cells: t.Mapping[str, t.Any]) -> list[str]:
    return [cells[check]["text"] + _MARK[cells[check]["state"]] for check in COLUMNS]


def _is_good(cells: t.Mapping[str, t.Any]) -> bool:
    return all(cells[check]["state"] in ("ok", "skipped") for check in COLUMNS)
