# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A report as JUnit XML."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.hubspoke.srx.plugins.module_utils._report.conclusion import UNSETTLED


def junit(content: t.Mapping[str, t.Any]) -> str:
    """Return a report() as JUnit XML: a suite per host, a case for its outcome and one per finding."""
    suites = ET.Element("testsuites", name=_printable(f"hubspoke.srx {content['mode']} {content['run']}"))
    for host in content["hosts"]:
        cases = [_outcome_case(host), *(_finding_case(finding) for finding in host["findings"])]
        suite = ET.SubElement(
            suites,
            "testsuite",
            name=_printable(host["host"]),
            tests=str(len(cases)),
            failures=str(sum(case.find("failure") is not None for case in cases)),
            errors=str(sum(case.find("error") is not None for case in cases)),
            skipped=str(sum(case.find("skipped") is not None for case in cases)),
        )
        suite.extend(cases)
    ET.indent(suites)
    body = ET.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def _outcome_case(host: t.Mapping[str, t.Any]) -> ET.Element:
    case = ET.Element("testcase", classname=_printable(host["host"]), name="outcome")
    if host["failed"]:
        tag = "error" if host["state"] in UNSETTLED else "failure"
        ET.SubElement(case, tag, message=_printable(f"{host['state']}: {host['message']}"))
    elif host["state"] == "skipped":
        ET.SubElement(case, "skipped", message=_printable(host["message"]))
    return case


def _finding_case(finding: t.Mapping[str, str]) -> ET.Element:
    classname = _printable(f"{finding['host']}.{finding['check']}")
    case = ET.Element("testcase", classname=classname, name=_printable(finding["object"]))
    tag = {"failed": "failure", "unknown": "error", "skipped": "skipped"}.get(finding["state"])
    if tag:
        message = f"expected {finding['expected']}, actual {finding['actual']}"
        ET.SubElement(case, tag, message=_printable(message)).text = _printable(finding["remedy"]) or None
    return case


def _printable(text: str) -> str:
    """Return text without control characters: XML 1.0 allows none, and a device may send any."""
    return "".join(char if char.isprintable() or char in "\n\t" else "?" for char in text)
