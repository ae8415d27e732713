# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page in a browser: on a phone and on a desk, light and dark, with a keyboard, on paper, without scripts."""

from __future__ import annotations

import json

import pytest

from tests.browser.conftest import REPORTS, OpenPage

ALL = [f"{spokes}-{case}" for spokes in (2, 40) for case in ("success", "wrong_key", "commit_check", "mixed")]
ALL += ["500-success", "500-mixed", "drift", "recover", "check", "verify"]
ALL += [path.stem for path in sorted(REPORTS.glob("*.json"))]
WIDTHS = (390, 1440)
SCHEMES = ("light", "dark")
SMALL = ("2-success", "2-commit_check", "verify", "drift", "hostile")
# Those rules of axe-core that are about WCAG 2.2, level AA, and its best practices.
AXE = """axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
resultTypes: ["violations"]})
.then(found => found.violations.map(one => [one.id, one.help, one.nodes.slice(0, 3).map(node => node.html)]))"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ALL)
def test_has_no_error_no_request_and_no_overflow(opened: OpenPage, name: str, width: int) -> None:
    page = opened(name, width=width)
    assert page.events("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded") == []
    addresses = [event["request"]["url"] for event in page.events("Network.requestWillBeSent")]
    assert [address for address in addresses if not address.startswith(("file:", "data:"))] == []
    assert len(addresses) <= 2
    assert page.evaluate("document.documentElement.scrollWidth") == width
    # What a box hides is as lost to a reader as what lies outside the page.
    hidden = "[...document.querySelectorAll('.box')].filter(box => box.scrollWidth > box.clientWidth).length"
    assert page.evaluate(hidden) == 0


# Large pages in two of the four combinations: axe-core takes long for them.
AXE_CASES = [
    *((name, width, scheme) for name in SMALL for width in WIDTHS for scheme in SCHEMES),
    *(("40-mixed", width, scheme) for width, scheme in zip(WIDTHS, SCHEMES, strict=True)),
    *(("70-mixed", width, scheme) for width, scheme in zip(WIDTHS, reversed(SCHEMES), strict=True)),
]


@pytest.mark.parametrize(("name", "width", "scheme"), AXE_CASES)
def test_axe_finds_no_violation(opened: OpenPage, axe: str, name: str, width: int, scheme: str) -> None:
    page = opened(name, width=width, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((part, index) => { part.open = index < 9; })")
    page.evaluate(f"{axe}; 0")
    assert page.evaluate(AXE) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["40-mixed", "70-mixed"])
def test_the_keyboard_reaches_every_tunnel(opened: OpenPage, name: str, width: int) -> None:
    page = opened(name, width=width)
    names: list[str] = page.evaluate(
        "[...document.querySelectorAll('.tunnels tbody th b')].map(one => one.textContent)"
    )
    area = "document.activeElement.closest('.net, .matrix')"
    for _key in range(120):
        page.press("Tab")
        if page.evaluate(f"!!{area}"):
            break
    reached = []
    for _key in range(len(names) + 1):
        reached.append(page.evaluate("document.querySelector('#panel h3 b').textContent"))
        page.press("ArrowDown")
    assert [name for name in names if name not in reached] == []
    assert page.evaluate("getComputedStyle(panel).display") == "block"
    page.press("Tab")
    assert page.evaluate(f"!{area}")


def test_a_tap_shows_the_findings_and_escape_closes_them(opened: OpenPage) -> None:
    page = opened("40-mixed", width=390)
    display = "getComputedStyle(document.getElementById('panel')).display"
    assert page.evaluate(display) == "none"
    place = page.evaluate("""(() => {
        const box = document.querySelector('.narrow .spoke.bad');
        box.scrollIntoView({block: 'center'});
        const at = box.getBoundingClientRect();
        return [at.x + at.width * .7, at.y + at.height / 2];
    })()""")
    page.tap(*place)
    assert page.evaluate(display) == "block"
    text = page.evaluate("document.getElementById('panel').innerText")
    assert "lyon" in text
    assert "DOWN" in text
    page.press("Escape")
    assert page.evaluate(display) == "none"


def test_the_filters_hide_rows(opened: OpenPage) -> None:
    page = opened("40-mixed")
    shown = "[...document.querySelectorAll('.tunnels tbody tr:not([hidden]) th b')].map(one => one.textContent)"
    assert len(page.evaluate(shown)) == 40
    page.evaluate("document.getElementById('wrong').click()")
    assert page.evaluate(shown) == ["lyon", "porto", "graz", "odense", "patras"]
    page.evaluate("document.getElementById('name').focus()")
    page.send("Input.insertText", text="OD")
    assert page.evaluate(shown) == ["odense"]
    assert page.evaluate("document.getElementById('shown').textContent") == "1 of 40"


def test_a_link_to_a_hidden_row_shows_it(opened: OpenPage) -> None:
    page = opened("40-mixed")
    page.evaluate("document.getElementById('wrong').click()")
    page.evaluate(
        "new Promise(done => { addEventListener('hashchange', () => setTimeout(done)); location.hash = 't5'; })"
    )
    assert page.evaluate("!document.getElementById('t5').hidden && !document.getElementById('wrong').checked")


def test_a_link_into_a_folded_part_unfolds_it(opened: OpenPage) -> None:
    page = opened("500-mixed", "#c20")
    assert page.evaluate("document.getElementById('c20').closest('details').open")


def test_the_columns_sort_in_both_directions(opened: OpenPage) -> None:
    page = opened("40-mixed")
    button = "document.querySelectorAll('.tunnels thead button')"
    first = "document.querySelector('.tunnels tbody tr th b').textContent"
    page.evaluate(f"{button}[0].click()")
    assert page.evaluate(first) == "aarhus"
    page.evaluate(f"{button}[0].click()")
    assert page.evaluate(first) == "zadar"
    # The worst state is first.
    page.evaluate(f"{button}[1].click()")
    assert page.evaluate(first) in ("lyon", "graz", "odense", "patras")
    assert page.evaluate("document.querySelectorAll('.tunnels [aria-sort]').length") == 1


@pytest.mark.parametrize("name", ["40-mixed", "500-mixed", "drift", "hostile"])
def test_every_link_of_the_page_has_a_target(opened: OpenPage, name: str) -> None:
    page = opened(name)
    missing = """[...document.querySelectorAll("a[href^='#'], use")].map(one => one.getAttribute('href'))
        .filter(name => !document.getElementById(name.slice(1)))"""
    assert page.evaluate(missing) == []
    twice = """[...document.querySelectorAll('[id]')].map(one => one.id)
        .filter((id, index, ids) => ids.indexOf(id) !== index)"""
    assert page.evaluate(twice) == []


def test_the_page_is_complete_without_scripts(opened: OpenPage) -> None:
    page = opened("40-mixed", scripts=False)
    text = page.text()
    for expected in (
        "Confirmed except",
        "5 root causes",
        "tampere-vpn",
        "203.0.113.40",
        "Verify",
        "118.5 s",
        "lyon.diff",
    ):
        assert expected in text
    # The filters do nothing without scripts.
    assert "Only those not up" not in text


def test_paper_has_no_controls_and_shows_whole_tables(opened: OpenPage) -> None:
    page = opened("40-mixed")
    page.media("print")
    display = "[...document.querySelectorAll({})].map(one => getComputedStyle(one).display)"
    assert set(page.evaluate(display.format(json.dumps("nav, .filters, .panel, .skip")))) == {"none"}
    assert page.evaluate(
        "document.querySelector('.box.high').scrollHeight == document.querySelector('.box.high').clientHeight"
    )
    assert page.evaluate("getComputedStyle(document.querySelector('.wide')).display") == "block"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("[...document.querySelectorAll('details:not(.diff)')].every(part => part.open)")


def test_colour_is_never_alone(opened: OpenPage) -> None:
    page = opened("40-mixed")
    lines = """[...document.querySelectorAll('.wide .spoke')].map(one => [one.classList[1],
        getComputedStyle(one.querySelector('.l')).strokeDasharray, one.querySelector('use').getAttribute('href')])"""
    looks = {tuple(one) for one in page.evaluate(lines)}
    # As many dashes and marks as there are looks.
    assert [len(set(column)) for column in zip(*looks, strict=True)] == [3, 3, 3]
