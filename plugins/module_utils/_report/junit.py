# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A report as JUnit XML, for a CI."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.hubspoke.srx.plugins.module_utils._report.conclusion import with_state

Row = t.Mapping[str, t.Any]

# The commit of such a device is not settled, or nothing is known of it: JUnit's error, not its failure.
_UNSURE = ("pending", "unknown", "unreachable")
_TAGS = {"failed": "failure", "unknown": "error", "skipped": "skipped"}
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def junit(content: Row) -> str:
    """Return a report as JUnit XML: a suite for the run, then one per host with its outcome and a case per finding."""
    name = f"hubspoke.srx {content['command']}"
    every = [("run", [_run_case(content)], content["seconds"])]
    every += [
        (host["host"], [_outcome_case(host, content), *_finding_cases(host, content)], host["seconds"])
        for host in content["hosts"]
    ]
    suites = ET.Element("testsuites", _suite(name, [case for suite in every for case in suite[1]], content["seconds"]))
    for title, cases, seconds in every:
        suite = ET.SubElement(suites, "testsuite", _suite(title, cases, seconds))
        if content["started"]:
            # The schema of JUnit allows neither fractions nor a time zone.
            suite.set("timestamp", content["started"][: len("2026-11-26T13:00:00")])
        suite.extend(cases)
    ET.indent(suites)
    body = ET.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def _run_case(content: Row) -> ET.Element:
    """Return the verdict: a run fails too where nothing was verified and no host could fail in its place."""
    case = ET.Element("testcase", classname="run", name=_printable(content["mode"]), time=_time(content["seconds"]))
    if content["verdict"] != "ok":
        _add(case, _TAGS[content["verdict"]], content["verdict"], content["decision"])
    said = "\n".join(f"{name}: {content[name]}" for name in ("run", "ticket", "digest", "decision") if content[name])
    ET.SubElement(case, "system-out").text = _printable(said)
    return case


def _outcome_case(host: Row, content: Row) -> ET.Element:
    case = _case(host["host"], "outcome", host["seconds"])
    if host["failed"] or host["unreachable"]:
        tag = "error" if host["state"] in _UNSURE or host["unreachable"] else "failure"
        lines = [host["detail"], host["remedy"], _of_cause(host, content)]
        _add(case, tag, host["reason"] or host["state"], with_state(host["state"], host["message"]), lines)
    elif host["state"] == "skipped":
        _add(case, "skipped", "", host["message"])
    if host["warnings"]:
        ET.SubElement(case, "system-out").text = _printable("\n".join(f"warning: {one}" for one in host["warnings"]))
    return case


def _finding_cases(host: Row, content: Row) -> t.Iterator[ET.Element]:
    """Yield a case per finding; cases of one host have different names, by which a CI compares two runs."""
    known: dict[tuple[str, str], int] = {}
    for finding in host["findings"]:
        tunnel = finding["tunnel"]
        name = finding["object"] if tunnel in ("", finding["object"]) else f"{finding['object']} ({tunnel})"
        key = (finding["check"], name)
        known[key] = known.get(key, 0) + 1
        number = f" #{known[key]}" if known[key] > 1 else ""
        case = _case(f"{finding['host']}.{finding['check']}", name + number, 0)
        if tag := _TAGS.get(finding["state"]):
            message = f"expected {finding['expected']}, actual {finding['actual']}"
            _add(case, tag, finding["check"], message, [finding["remedy"], _of_cause(finding, content)])
        yield case


def _of_cause(row: Row, content: Row) -> str:
    """Return the cause that a finding or a host follows from; empty where it is that itself."""
    if row["cause"] is None:
        return ""
    cause = content["causes"][row["cause"]]
    if all(row.get(name) == cause[name] for name in ("host", "check", "object")):
        return ""
    return f"Follows from {cause['host']}: {cause['check']} {cause['object']}: {cause['actual']}"


def _case(classname: str, name: str, seconds: float) -> ET.Element:
    return ET.Element("testcase", classname=_printable(classname), name=_printable(name), time=_time(seconds))


def _add(case: ET.Element, tag: str, kind: str, message: str, lines: t.Iterable[str] = ()) -> None:
    """Add the result of a case that is not ok. A skipped one has no kind."""
    attributes = {"message": _printable(message)} | ({} if tag == "skipped" else {"type": _printable(kind)})
    ET.SubElement(case, tag, attributes).text = _printable("\n".join(filter(None, lines))) or None


def _suite(name: str, cases: t.Sequence[ET.Element], seconds: float) -> dict[str, str]:
    """Return the attributes of a suite."""
    found = {word: str(sum(case.find(tag) is not None for case in cases)) for word, tag in _COUNTED.items()}
    return {"name": _printable(name), "tests": str(len(cases)), **found, "time": _time(seconds)}


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"


def _printable(text: str) -> str:
    """Return text without control characters: XML 1.0 allows none, and a device may send any."""
    return "".join(char if char.isprintable() or char in "\n\t" else "?" for char in text)
