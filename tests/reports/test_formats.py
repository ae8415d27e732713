# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The other formats of a report, read by the programs of others."""

from __future__ import annotations

import re
import typing as t
from collections import Counter
from itertools import pairwise

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._report.junit import junit
from ansible_collections.hubspoke.srx.plugins.module_utils._report.markdown import MOST_CHARACTERS, markdown
from ansible_collections.hubspoke.srx.plugins.module_utils._report.markdown_text import block, code, one_line, prose
from ansible_collections.hubspoke.srx.plugins.module_utils._report.prometheus import prometheus
from hypothesis import given
from hypothesis import strategies as st
from junitparser import JUnitXml
from lxml import etree
from markdown_it import MarkdownIt
from markdown_it.token import Token
from prometheus_client.parser import text_string_to_metric_families

from tests.utils import reports

MARKDOWN = MarkdownIt("commonmark").enable("table").enable("strikethrough")
# The elements and attributes that Jenkins and GitLab read, in the order in which the schema of JUnit has them.
JUNIT = etree.RelaxNG(etree.parse(str(reports.ROOT / "tests" / "reports" / "junit.rng")))
HOSTILE = st.text(alphabet=st.sampled_from("aZ09 |`*_[]()<>&\\~#@!:/.-+=$%^'\"\n\t\x1b\u202e{}1wé"), max_size=40)
each_report = pytest.mark.parametrize("name", reports.names())


@pytest.mark.parametrize(("path", "text"), reports.golden().items(), ids=lambda one: getattr(one, "name", ""))
def test_a_format_is_as_it_was(path: t.Any, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "look at the difference, then python -m tests.utils.reports"


def large() -> dict[str, t.Any]:
    """Return the report of a run with five hundred spokes, in which everything has failed."""
    content = reports.report("rolled_back")
    hosts, tunnels, causes = content["hosts"], content["tunnels"], content["causes"]
    diff = "".join(f"+ set groups hubspoke line {number} | `x`\n" for number in range(2000))
    spokes = [{**hosts[1], "host": f"spoke-{n}", "diff": diff, "warnings": ["@root " * 200]} for n in range(500)]
    content["hosts"] = [hosts[0], *spokes]
    down = [{**tunnels[1], "peer": f"spoke-{n}", "vpn": f"spoke-{n}-vpn", "cause": n} for n in range(500)]
    content["tunnels"] = [tunnels[0], *down]
    names = [host["host"] for host in spokes]
    content["causes"] = [{**causes[0], "peer": name, "actual": "no answer | " * 100, "hosts": names} for name in names]
    content["decision"] = "Failed: " + ", ".join(names)
    return content


def rendered(text: str) -> list[Token]:
    """Return the tokens of a text as Markdown, those within lines among them."""
    tokens = MARKDOWN.parse(text)
    return [one for token in tokens for one in (token, *(token.children or ()))]


def shown(tokens: t.Iterable[Token]) -> str:
    """Return the characters that a reader sees."""
    return "".join(one.content for one in tokens if one.type in ("text", "code_inline"))


@given(text=HOSTILE)
def test_prose_shows_a_text_as_it_is(text: str) -> None:
    tokens = rendered(f"- {prose(text)}\n")
    assert shown(tokens).strip() == one_line(text)
    kinds = {one.type for one in tokens if one.type != "html_inline"}
    assert kinds <= {"bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "inline", "text",
                     "paragraph_open", "paragraph_close"}  # fmt: skip
    assert {one.content for one in tokens if one.type == "html_inline"} <= {"<!-- -->"}
    # A reference needs its sign and a word in one piece.
    assert not any(re.search(r"[@#!$%]\w|https?:|www\.", one.content) for one in tokens if one.type == "text")


@given(text=HOSTILE, other=HOSTILE)
def test_a_cell_stays_in_its_column(text: str, other: str) -> None:
    tokens = rendered(f"| A | B |\n| --- | --- |\n| {prose(text)} | {code(other)} |\n")
    cells = [one for one in tokens if one.type == "inline"][2:]
    assert [shown(one.children or ()).strip() for one in cells] == [one_line(text), one_line(other)]


@given(text=HOSTILE)
def test_a_block_shows_its_lines(text: str) -> None:
    (fence,) = rendered(block(text, "diff"))
    assert fence.type == "fence"
    lines = [re.sub(r"[\x1b\u202e]", "?", line) for line in text.rstrip("\n").split("\n")]
    assert fence.content.rstrip("\n") == "\n".join(lines).rstrip("\n")


@each_report
def test_markdown_has_no_markup_but_ours(name: str) -> None:
    tokens = rendered(markdown(reports.report(name)))
    allowed = re.compile(r"(<details><summary><code>[^<>]*</code></summary>|</details>|<!-- -->)\n*")
    assert all(allowed.fullmatch(one.content) for one in tokens if one.type.startswith("html"))
    assert not {"link_open", "image", "blockquote_open", "hr", "code_block"} & {one.type for one in tokens}
    headings = [next_.content for one, next_ in pairwise(tokens) if one.type == "heading_open"]
    known = {"Causes", "Tunnels", "Tunnels that are not up", "Hosts", "Warnings", "Differences"}
    assert headings[0].startswith("VPN: ")
    assert set(headings[1:]) <= known


def test_markdown_of_a_large_fleet_fits_a_comment_and_counts_the_rest() -> None:
    text = markdown(large())
    assert len(text) <= MOST_CHARACTERS
    for title in ("### Causes", "### Tunnels that are not up", "### Hosts", "### Warnings", "### Differences"):
        part = text.partition(title)[2].partition("\n### ")[0]
        assert re.search(r"^\d+ more: see ", part, re.MULTILINE), title
    assert text.count("<details>") == text.count("</details>") > 1


def test_tunnels_that_are_up_are_listed_where_they_are_few() -> None:
    content = reports.report("rolled_back")
    assert "`lyon-vpn` | auto | up" in markdown(content)
    content["tunnels"] = [content["tunnels"][0]] * 20 + content["tunnels"][1:]
    assert "lyon-vpn` | auto" not in markdown(content)
    assert "### Tunnels that are not up" in markdown(content)


@each_report
def test_junit_is_what_a_ci_reads(name: str) -> None:
    content = reports.report(name)
    text = junit(content).encode()
    JUNIT.assertValid(etree.fromstring(text))
    suites = JUnitXml.fromstring(text)
    written = (suites.tests, suites.failures, suites.errors, suites.skipped)
    counted = Counter(type(result).__name__ for suite in suites for case in suite for result in case.result)
    assert written[1:] == (counted["Failure"], counted["Error"], counted["Skipped"])
    hosts = content["hosts"]
    assert written[0] == 1 + len(hosts) + sum(len(host["findings"]) for host in hosts)
    assert [suite.name for suite in suites] == ["run", *(one_line_of_xml(host["host"]) for host in hosts)]
    for suite in suites:
        names = [(case.classname, case.name) for case in suite]
        assert len(names) == len(set(names))
    assert (written[1] + written[2] > 0) == (content["verdict"] != "ok")


def one_line_of_xml(text: str) -> str:
    """Return a name as an attribute of XML has it."""
    return "".join(char if char.isprintable() or char in "\n\t" else "?" for char in text)


# The rules by which `promtool check metrics` looks at names.
UNITS = ("milliseconds", "minutes", "hours", "days", "kibibytes", "megabytes", "ms", "sec", "secs", "percent")
TYPES = ("gauge", "counter", "histogram", "summary", "total", "count", "sum", "bucket")


@each_report
def test_metrics_are_what_prometheus_reads(name: str) -> None:
    content = reports.report(name)
    text = prometheus(content)
    families = list(text_string_to_metric_families(text))
    assert text.count("# HELP") == text.count("# TYPE") == len(families) == len({one.name for one in families})
    known = names_of(content)
    for family in families:
        assert re.fullmatch(r"hubspoke_[a-z]+(_[a-z]+)*", family.name)
        assert family.documentation.endswith(".")
        assert family.type == "gauge"
        assert not set(family.name.split("_")) & {*UNITS, *TYPES}
        assert ("second" in family.name) == family.name.endswith("_seconds")
        assert family.samples
        series = [tuple(sorted(sample.labels.items())) for sample in family.samples]
        assert len(series) == len(set(series))
        assert len({tuple(sample.labels) for sample in family.samples}) == 1
        for sample in family.samples:
            assert all(re.fullmatch(r"[a-z]+", label) for label in sample.labels)
            assert set(sample.labels.values()) <= known
            assert sample.value >= 0
            assert sample.timestamp is None


def names_of(content: dict[str, t.Any]) -> set[str]:
    """Return everything that a label may have: names, states and checks, and no text of a device."""
    states = {*content["counts"]["hosts"], *content["counts"]["findings"], *content["counts"]["tunnels"]}
    run = {content["command"], content["mode"], "ok", "failed", "unknown"}
    tunnels = {one[name] for one in content["tunnels"] for name in ("host", "peer", "vpn", "binding")}
    stages = {str(one[name]) for one in content["stages"] for name in ("name", "round")}
    hosts = {host["host"] for host in content["hosts"]}
    checks = {one["check"] for host in content["hosts"] for one in host["findings"]}
    found = {*states, *run, *tunnels, *stages, *hosts, *checks}
    return {re.sub(r"[\x1b\u202e]", "?", one) for one in found}


def metric(content: dict[str, t.Any], name: str) -> dict[tuple[str, ...], float]:
    """Return the samples of a metric by the values of the labels that are not the run's."""
    families = text_string_to_metric_families(prometheus(content))
    samples = [sample for family in families for sample in family.samples if sample.name == f"hubspoke_{name}"]
    own = [[value for label, value in one.labels.items() if label not in ("command", "mode")] for one in samples]
    return {tuple(labels): one.value for labels, one in zip(own, samples, strict=True)}


def test_a_tunnel_has_the_value_that_is_known_after_the_run() -> None:
    lyon = ("ams-core", "lyon", "lyon-vpn", "auto")
    assert metric(reports.report("deployed"), "tunnel_up") == {lyon: 1}
    assert metric(reports.report("deployed"), "tunnel_verified_timestamp_seconds") == {lyon: 1795698012}
    assert metric(reports.report("rolled_back"), "tunnel_up") == {}
    assert metric(reports.report("rolled_back"), "tunnels")["down",] == 1
    verified = {**reports.report("rolled_back"), "mode": "verify"}
    assert sorted(metric(verified, "tunnel_up").values()) == [0, 1]
    assert metric(reports.report("verified_partly"), "tunnel_up") == {}


def test_drift_and_verdict_are_metrics() -> None:
    content = reports.report("drifted")
    assert metric(content, "host_drifted") == {("ams-core",): 0, ("lyon",): 1}
    assert metric(content, "run_verdict") == {("ok",): 0, ("failed",): 1, ("unknown",): 0}
    assert metric(reports.report("deployed"), "host_drifted") == {}
