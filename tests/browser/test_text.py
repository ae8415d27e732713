# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page as text: what needs no browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import typing as t
from html.parser import HTMLParser

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.markup import element, escape
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.page import page
from ansible_collections.hubspoke.srx.plugins.module_utils._report.read import read_report

from tests.browser import samples
from tests.browser.samples import CASES, Row, sample, without_tunnels

HOSTILE = (
    "</title></style></script><script>alert(1)</script><img src=x onerror=alert(1)>\"' &amp; \x00\x1b[31m\u202e\ud800"
)
MEGABYTE = 1_000_000


class Elements(HTMLParser):
    """The elements and the attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def hostile(value: t.Any, name: str = "") -> t.Any:
    """Return the same structure with every text of a person or a device made hostile."""
    if isinstance(value, dict):
        return {key: hostile(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [hostile(one, name) for one in value]
    fixed = ("state", "role", "platform", "binding", "verdict", "started", "ended")
    return f"{value}{HOSTILE}" if isinstance(value, str) and name not in fixed else value


@pytest.mark.parametrize("case", CASES)
def test_the_samples_are_reports(case: str) -> None:
    for report in (sample(4, case), without_tunnels(4, "drift"), without_tunnels(4, "recover")):
        assert read_report(json.dumps(report), case) == report


@pytest.mark.parametrize("case", CASES)
def test_every_text_is_escaped(case: str) -> None:
    text = page(hostile(sample(4, case)))
    elements = Elements(text).found
    names = [name for name, _attributes in elements]
    assert names.count("script") == 1
    assert "img" not in names
    attributes = {attribute for _tag, found in elements for attribute in found}
    assert not {attribute for attribute in attributes if attribute.startswith("on") or attribute == "style"}
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert text.encode()


def test_a_hostile_state_is_shown_and_breaks_nothing() -> None:
    report = sample(4, "mixed")
    for rows in (report["tunnels"], report["hosts"], report["causes"]):
        rows[0]["state"] = HOSTILE
    report["stages"][0]["started"] = HOSTILE
    report["tunnels"][0]["binding"] = HOSTILE
    assert [name for name, _attributes in Elements(page(report)).found].count("script") == 1


def test_a_character_that_cannot_be_seen_is_shown_by_its_number() -> None:
    assert escape("a\x1b[31m\u202eb\tc\n") == "a\\u001b[31m\\u202eb\tc\n"


def test_an_element_escapes_its_children_and_attributes_once() -> None:
    inner = element("b", "<&>")
    assert element("p", inner, " & ", None, 3, title='"', hidden=True, id=None) == (
        '<p title="&quot;" hidden><b>&lt;&amp;&gt;</b> &amp; 3</p>'
    )


def test_the_policy_allows_the_style_and_the_script_of_the_page_only() -> None:
    text = page(sample(2, "success"))
    (policy,) = [found["content"] for _tag, found in Elements(text).found if "http-equiv" in found]
    assert policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for name in ("style", "script"):
        (source,) = re.findall(f"<{name}>(.*?)</{name}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy


def test_nothing_of_the_page_has_an_address_elsewhere() -> None:
    for _tag, found in Elements(page(sample(4, "mixed"))).found:
        for attribute in ("href", "src", "action", "data"):
            assert (found.get(attribute) or "#").startswith(("#", "data:"))


def test_the_same_report_gives_the_same_page() -> None:
    assert page(sample(40, "mixed")) == page(sample(40, "mixed"))


@pytest.mark.parametrize("case", CASES)
def test_the_page_of_500_spokes_is_below_3_megabytes_and_grows_with_the_fleet(case: str) -> None:
    sizes = {spokes: len(page(sample(spokes, case)).encode()) for spokes in (125, 250, 500)}
    assert sizes[500] < 3 * MEGABYTE
    assert sizes[500] - sizes[250] < 2.3 * (sizes[250] - sizes[125])


def test_the_page_of_500_spokes_that_all_fail_is_below_3_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "wrong", lambda case, index, spokes: "key")
    text = page(sample(500, "wrong_key"))
    assert len(text.encode()) < 3 * MEGABYTE
    assert "12 more are in report.json." in text


def test_long_differences_are_cut_and_the_file_is_named() -> None:
    report = sample(2, "success")
    report["hosts"][1]["diff"] = "+ statement;\n" * 200_000
    text = page(report)
    assert len(text) < MEGABYTE
    assert "more characters are not on this page. lyon.diff has them." in text


@pytest.mark.parametrize("report", [without_tunnels(4, mode) for mode in ("drift", "recover")])
def test_a_run_without_tunnels_shows_its_hosts(report: Row) -> None:
    text = page(report)
    assert 'id="topology"' in text
    assert 'id="tunnels"' not in text
    assert "tampere" in text


def test_a_run_without_hosts_has_a_verdict_only() -> None:
    empty: Row = {"tunnels": [], "hosts": [], "stages": [], "causes": [], "seconds": 0.0, "decision": ""}
    counts: Row = {"hosts": {}, "findings": {}, "tunnels": {}}
    text = page({**sample(2, "success"), **empty, "counts": counts, "verdict": "unknown"})
    assert "Verdict: unknown." in text
    assert "<section" not in text


def test_a_cause_links_tunnel_host_and_card() -> None:
    text = page(sample(4, "wrong_key"))
    assert 'id="c0"' in text
    assert text.count('href="#c0"') == 3  # the tunnel, the spoke and the hub
