# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The page: its head, the verdict, the facts of the run, and the sections in the order in which people need them."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.causes import causes
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.changes import changes
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.marks import SYMBOLS, look, mark, words
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.markup import Html, element, escape, number
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.style import POLICY, SCRIPT, STYLE
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.tables import hosts, tunnels
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.timeline import timeline
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.topology import topology

Row = t.Mapping[str, t.Any]
_SECTIONS = {
    "Causes": causes,
    "Topology": topology,
    "Tunnels": tunnels,
    "Timeline": timeline,
    "Hosts": hosts,
    "Changes": changes,
}
_MODES = {"apply": "", "check": "check mode: nothing was changed"}
# A longer sentence, one with the names of many hosts, is set smaller.
_HEADLINE = 80
_TITLES = {"transaction": "deploy", "nhtb_verify": "verify"}


def page(report: Row) -> str:
    """Return the page of a report: one file that loads nothing."""
    found = {title: section for title, make in _SECTIONS.items() if (section := make(report)) is not None}
    title = f"{report['verdict']}: {_command(report)} {report['run']}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        POLICY,
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("link", rel="icon", href="data:,"),
        element("title", title),
        STYLE,
    )
    body = element(
        "body",
        SYMBOLS,
        element("a", "Skip to the report", class_="skip", href="#main"),
        _header(report),
        _navigation(found),
        element("main", *found.values(), id="main"),
        _footer(report),
        SCRIPT,
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _command(report: Row) -> str:
    return words(_TITLES.get(report["command"], report["command"]))


def _header(report: Row) -> Html:
    sentence, _point, more = str(report["decision"]).partition(". ")
    shown = look(report["verdict"])
    facts = {
        "Run": report["run"], "Started": _time(report["started"]), "Ended": _time(report["ended"]),
        "Ticket": report["ticket"], "Plan": report["digest"],
    }  # fmt: skip
    heading = f"{sentence.rstrip('.')}." if sentence else f"Verdict: {words(report['verdict'])}."
    title = element("h1", heading, class_="long" if len(heading) > _HEADLINE else None)
    pairs = (element("div", element("dt", name), element("dd", value)) for name, value in facts.items() if value)
    kinds = dict.fromkeys((_command(report), _MODES.get(report["mode"], report["mode"])))
    over = " · ".join(kind for kind in kinds if kind)
    return element(
        "header",
        element("p", over, class_="over"),
        element("div", element("div", mark(shown), class_="stamp"),
                element("div", title, element("p", more) if more else None), class_="verdict"),
        element("div", *_tiles(report), class_="tiles"),
        element("dl", *pairs, class_="facts"),
        class_=f"top {shown}",
    )  # fmt: skip


def _time(text: str) -> str:
    return text.replace("T", " ").replace("Z", " UTC")


def _tiles(report: Row) -> t.Iterator[Html]:
    """Return the few numbers that a reader wants first, each with a bar of its parts."""
    counts = report["counts"]
    tunnels_, findings = counts.get("tunnels") or {}, counts.get("findings") or {}
    if total := sum(tunnels_.values()):
        yield _tile("Tunnels up", tunnels_.get("up", 0), total, tunnels_)
    if total := len(report["hosts"]):
        failed = sum(bool(row["failed"]) for row in report["hosts"])
        yield _tile("Hosts ok", total - failed, total, {"ok": total - failed, "failed": failed})
    if total := sum(findings.get(state, 0) for state in ("ok", "failed", "unknown")):
        yield _tile("Checks ok", findings.get("ok", 0), total, findings)
    if report["seconds"]:
        minutes, seconds = divmod(round(report["seconds"]), 60)
        value = f"{minutes} min {seconds:02d} s" if minutes else f"{report['seconds']:.1f} s"
        yield element("div", element("b", value), element("span", "Duration"), class_="tile")


def _tile(name: str, good: int, total: int, parts: t.Mapping[str, int]) -> Html:
    bars, x = [], 0.0
    for state, count in parts.items():
        width = 100 * count / total if state != "skipped" else 0
        if width:
            bars.append(element("rect", x=f"{number(x)}%", width=f"{number(width)}%", height=6, class_=look(state)))
        x += width
    value = (element("b", good), f" of {total}") if good != total else (element("b", good),)
    return element(
        "div", element("span", *value, class_="v"), element("span", name),
        element("svg", *bars, class_="parts", aria_hidden="true"), class_="tile",
    )  # fmt: skip


def _navigation(found: t.Mapping[str, Html]) -> Html:
    links = (element("a", title, href=f"#{title.lower()}") for title in found)
    return element("nav", *links, aria_label="Sections")


def _footer(report: Row) -> Html:
    releases = " · ".join(f"{name} {release}" for name, release in report["releases"].items() if release)
    return element("footer", element("p", releases), element("p", escape("report.json has every finding.")))
