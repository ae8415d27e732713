# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports of runs that never took place, of any number of spokes, for tests and for people who change the page.

``python -m tests.browser.samples FOLDER`` writes the page of each sample there.
"""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path

# The checkout under the collection's name. pytest has it already.
sys.path.insert(0, str(Path(__file__).parents[2] / ".venv" / "dev"))

from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.page import page

TOWNS = (
    "lyon", "porto", "gdansk", "tampere", "utrecht", "bergen", "aarhus", "graz", "brno", "cork", "malaga", "trieste",
    "tartu", "kaunas", "turku", "leuven", "basel", "linz", "split", "varna", "nantes", "lille", "bilbao", "parma",
    "bremen", "kassel", "ulm", "poznan", "lodz", "gent", "odense", "malmo", "uppsala", "vaasa", "oulu", "riga",
    "patras", "cluj", "sibiu", "zadar",
)  # fmt: skip
CASES = ("success", "wrong_key", "commit_check", "mixed")
HUB = "ams-core"
CELLS = ("ike", "ipsec", "next_hop_tunnels", "routes")
UP = {"ike": "UP", "ipsec": "2 SAs", "next_hop_tunnels": "bound", "routes": "3 active"}
DOWN = {"ike": "DOWN", "ipsec": "no SA", "next_hop_tunnels": "absent", "routes": "0 of 3 active"}
Row: t.TypeAlias = "dict[str, t.Any]"


def name(index: int) -> str:
    """Return the name of a spoke."""
    round_, town = divmod(index, len(TOWNS))
    return TOWNS[town] + (f"-{round_ + 1:02d}" if round_ else "")


def wrong(case: str, index: int, spokes: int) -> str:
    """Return what is wrong with a spoke in a case: key, check, lost, refused or nothing."""
    if case == "wrong_key":
        return "key" if index == min(3, spokes - 1) else ""
    if case == "commit_check":
        return "check" if index == min(1, spokes - 1) else ""
    if case == "mixed":
        if index == 0 or index % 37 == 36:
            return "key"
        return "lost" if index % 23 == 7 else "refused" if index % 29 == 1 else ""
    return ""


def cells(texts: t.Mapping[str, str], state: str) -> Row:
    """Return the four cells of an end of a tunnel."""
    return {check: {"state": state, "text": texts[check]} for check in CELLS}


def tunnel(index: int, fault: str, case: str, cause: int | None) -> Row:
    """Return the row of a tunnel."""
    states = {"": "up", "key": "down", "lost": "down", "refused": "unknown", "check": "not_checked"}
    state = "not_checked" if case == "commit_check" else states[fault]
    none = cells(dict.fromkeys(CELLS, "-"), "skipped")
    ends = {
        "up": (cells(UP, "ok"), cells(UP, "ok")),
        "down": (cells(DOWN, "failed"), none if fault == "lost" else cells(DOWN, "failed")),
        "unknown": (cells(UP, "ok"), cells(dict.fromkeys(CELLS, "RPC refused"), "unknown")),
        "not_checked": (none, none),
    }[state]
    return {
        "host": HUB, "peer": name(index), "vpn": f"{name(index)}-vpn", "binding": "auto" if index % 3 else "static",
        "state": state, "cause": cause, **ends[0], "spoke": None if index % 5 == 4 else ends[1],
    }  # fmt: skip


def findings(index: int, fault: str, cause: int | None) -> list[Row]:
    """Return the findings of a spoke."""

    def one(check: str, state: str, expected: str, actual: str, remedy: str = "") -> Row:
        return {
            "host": name(index), "check": check, "object": f"{name(index)}-vpn", "state": state, "expected": expected,
            "actual": actual, "remedy": remedy, "tunnel": f"{name(index)}-vpn", "peer": HUB, "brief": actual[:12],
            "cause": cause if state in ("failed", "unknown") else None,
        }  # fmt: skip

    state = {"": "ok", "refused": "unknown"}.get(fault, "failed")
    if fault in ("lost", "check"):
        return []
    return [
        one("configuration", "ok", "the planned statements", "the planned statements"),
        one("ike", state, "UP, initiated by either end", "DOWN: no response from peer (2 times)", "Compare the keys."),
        one("ipsec", state, "2 SAs", "no SA"),
        one("next_hop_tunnels", state, "10.255.0.1 bound", "absent"),
        one("routes", state, "3 active routes", "0 of 3 active"),
        *(one("pings", state, f"10.{index % 250}.{host}.1 replies", "no reply of 5") for host in range(8)),
    ]


def diff(index: int, lines: int) -> str:
    """Return the text of a difference."""
    place = f"[edit groups hubspoke security ike gateway {name(index)}]"
    added = [f"+     statement-{line:03d} value-{line * index % 97};" for line in range(lines)]
    return "\n".join([place, *added[: lines // 2], "-     pre-shared-key ascii-text ***; ## SECRET-DATA", *added[2:]])


def cause_of(index: int, fault: str, spokes: int) -> Row:
    """Return the root cause that a spoke has."""
    spoke = name(index)
    common = {"host": HUB, "peer": spoke, "tunnel": f"{spoke}-vpn", "object": f"{spoke}-vpn", "state": "failed"}
    if fault == "key":
        return {
            **common, "check": "ike", "expected": "UP, initiated by either end",
            "actual": "DOWN: no response from peer (2 times)",
            "remedy": [f"Enter artifacts/latest/{spoke}.screenos on {spoke}.", "Compare the keys of both ends.",
                       f"Run playbooks/troubleshoot.yml -l {spoke}."],
            "follows": {"ipsec": 2, "next_hop_tunnels": 1, "pings": 2 * spokes}, "hosts": [HUB, spoke],
        }  # fmt: skip
    if fault == "check":
        return {
            **common, "host": spoke, "peer": "", "tunnel": "", "check": "check", "object": "commit check",
            "expected": "configuration check succeeds",
            "actual": "error: policy 'hubspoke': Referenced address-set not defined: corporate-lans",
            "remedy": [f"Read artifacts/latest/{spoke}.diff.", "Define the address set or change nhtb_zones."],
            "follows": {}, "hosts": [name(other) for other in range(spokes)],
        }  # fmt: skip
    if fault == "lost":
        return {
            **common, "host": spoke, "peer": "", "tunnel": "", "check": "reach", "object": "203.0.113.40 port 830",
            "expected": "a NETCONF session", "actual": "connection timed out after 30 s",
            "remedy": ["Check the underlay to the device."], "follows": {"ike": 1, "pings": 40}, "hosts": [spoke],
        }  # fmt: skip
    return {
        **common, "host": spoke, "peer": HUB, "check": "ike", "state": "unknown", "expected": "a reply",
        "actual": "RPC get-ike-security-associations-information refused: permission denied",
        "remedy": ["Give the user the permission view."], "follows": {"ipsec": 1}, "hosts": [spoke],
    }  # fmt: skip


def host(index: int, fault: str, case: str, cause: int | None, *, lines: int) -> Row:
    """Return the row of a spoke, or of the hub for the index -1."""
    spoke = HUB if index < 0 else name(index)
    unreachable = fault == "lost"
    failed = case != "success" and (case != "mixed" or bool(fault))
    states = {"success": "confirmed", "wrong_key": "rolled_back", "commit_check": "skipped", "mixed": "confirmed"}
    state = "skipped" if unreachable else "rolled_back" if fault and case == "mixed" else states[case]
    message = "" if not failed else f"{spoke}-vpn: IKE DOWN; rolled back" if fault == "key" else "see the root cause"
    return {
        "host": spoke, "role": "hub" if index < 0 else "spoke", "platform": "screenos" if index % 5 == 4 else "junos",
        "site": spoke.title(), "wan": f"203.0.113.{(index + 18) % 250}", "release": "23.4R2-S3", "state": state,
        "failed": failed, "unreachable": unreachable, "reason": fault, "message": message,
        "detail": f"{message}. The whole text that the device gave." if fault else "", "remedy": "", "cause": cause,
        "seconds": 3.2 + index % 7, "added": lines, "removed": 1, "diff": diff(index, lines), "file": f"{spoke}.diff",
        "warnings": ["statement has no contents; ignored"] if index == 1 else [],
        "findings": findings(index, fault, cause) if index >= 0 else [],
    }  # fmt: skip


def stages(spokes: int, case: str) -> list[Row]:
    """Return the stages of the transaction."""
    names = {"success": "confirm", "mixed": "confirm"}.get(case, "roll_back")
    plan = [("reach", 0, 1.9), ("check", 2, 3.4), ("commit", 6, 5.2), ("verify", 11, 118.5), (names, 130, 2.8)]
    if case == "commit_check":
        plan = plan[:2]
    return [
        {
            "name": stage, "round": 1, "started": f"2026-11-26T13:{start // 60:02d}:{start % 60:02d}Z",
            "seconds": seconds, "done": spokes + 1, "devices": spokes + 1,
            "by_host": {HUB: seconds, **{name(index): seconds * (index % 9 + 1) / 10 for index in range(spokes)}},
        }
        for stage, start, seconds in plan
    ]  # fmt: skip


def sample(spokes: int, case: str, mode: str = "apply") -> Row:
    """Return the report of a run with so many spokes."""
    faults = [wrong(case, index, spokes) for index in range(spokes)]
    faulty = [index for index, fault in enumerate(faults) if fault]
    numbers = {index: number for number, index in enumerate(faulty)}
    whole = 0 if case == "commit_check" else None
    lines = 40 if spokes > 100 else 120
    tunnels = [tunnel(index, fault, case, numbers.get(index, whole)) for index, fault in enumerate(faults)]
    hub = host(-1, "", case, 0 if case in ("commit_check", "wrong_key") else None, lines=40 * spokes)
    hosts = [hub, *(host(index, fault, case, numbers.get(index), lines=lines) for index, fault in enumerate(faults))]
    found = [one["state"] for row in hosts for one in row["findings"]]
    decisions = {
        "success": "Verified and confirmed.", "wrong_key": "Not verified and rolled back.",
        "commit_check": "Stopped before any commit.", "mixed": "Confirmed except on the devices with a root cause.",
    }  # fmt: skip
    states = [row["state"] for row in hosts]
    return {
        "format": 2, "run": "20261126T130000-ab12cd", "command": "transaction", "mode": mode, "ticket": "CHG0041723",
        "digest": "9f2c41d07be3", "started": "2026-11-26T13:00:00Z", "ended": "2026-11-26T13:02:12Z", "seconds": 132.8,
        "releases": {"hubspoke.srx": "1.0.0", "ansible-core": "2.19.5", "python": "3.11.7"},
        "verdict": "ok" if case == "success" else "failed",
        "decision": f"{decisions[case]} {len(hosts)} hosts; {found.count('ok')} of {len(found)} checks ok.",
        "counts": {
            "hosts": {**{state: states.count(state) for state in dict.fromkeys(states)},
                      "failed": sum(row["failed"] for row in hosts)},
            "findings": {state: found.count(state) for state in ("ok", "failed", "unknown", "skipped")},
            "tunnels": {state: sum(row["state"] == state for row in tunnels)
                        for state in ("up", "down", "unknown", "not_checked")},
        },
        "stages": stages(spokes, case),
        "causes": [cause_of(index, faults[index], spokes) for index in faulty], "tunnels": tunnels, "hosts": hosts,
    }  # fmt: skip


def without_tunnels(spokes: int, mode: str) -> Row:
    """Return the report of a run that examines devices one by one: recover or drift."""
    report = sample(spokes, "success", mode)
    state = {"drift": "drifted", "recover": "confirmed"}[mode]
    hosts = [{**row, "state": state, "failed": mode == "drift", "findings": []} for row in report["hosts"]]
    empty: Row = {"tunnels": [], "stages": [], "digest": "", "hosts": hosts, "command": mode}
    counts = {name: dict.fromkeys(states, 0) for name, states in report["counts"].items()}
    counts["hosts"] = {state: len(hosts), "failed": 0}
    return {
        **report,
        **empty,
        "counts": counts,
        "verdict": "ok" if mode == "recover" else "failed",
        "decision": "Settled." if mode == "recover" else "Drift was found.",
    }


def main(folder: Path) -> None:
    """Write the page of each sample into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for spokes in (2, 4, 40, 500):
        for case in CASES:
            text = page(sample(spokes, case))
            folder.joinpath(f"{spokes}-{case}.html").write_text(text, encoding="utf-8")
            print(f"{spokes}-{case}.html {len(text.encode()):,} bytes")
    for mode in ("drift", "recover"):
        folder.joinpath(f"4-{mode}.html").write_text(page(without_tunnels(4, mode)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
