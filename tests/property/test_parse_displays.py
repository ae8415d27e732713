# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Good replies as other terminals, releases and wrappers show them: the same rows."""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Parsed
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import parse
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.reply import MAYBE_CUT, tree

from tests.property.test_parse_mutations import GOOD


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


# An echo, and the wrapper of a cluster, that a reply has already.
ECHO = re.compile(r"^\S*[>#]\s*(?:run )?\w|^\s*(?:show|ping) .*", re.MULTILINE)
WRAPPER = re.compile(r"(?:node|re)\d:\n|multi-routing-engine-item|<output>")
TEXTS = [path for path in GOOD if path.suffix == ".txt" and _text(path).strip()]
# An identity in a log may have bytes that no XML may have.
PRINTABLE = [path for path in TEXTS if _text(path).replace("\n", "").isprintable()]
WITHOUT_ECHO = [path for path in TEXTS if not ECHO.search(_text(path))]
XML = [path for path in GOOD if path.suffix == ".xml" and len(tree(_text(path)))]
UNWRAPPED = [path for path in (*WITHOUT_ECHO, *XML) if not WRAPPER.search(_text(path))]


def _paged(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:-1], "---(more 90%)---\r                \r", lines[-1]])


def _tabbed(text: str) -> str:
    return re.sub(r"(?<=\S) {2,}", "\t", text)


TERMINALS: t.Mapping[str, t.Callable[[str], str]] = {
    "line ends of Windows": lambda text: text.replace("\n", "\r\n"),
    "blanks at the ends": lambda text: text.replace("\n", "   \n"),
    "tabs": _tabbed,
    "pager": _paged,
    "pager with colours": lambda text: (
        _paged(text).replace("---(more", "\x1b[7m---(more").replace(")---", ")---\x1b[K")
    ),
    "lines between": lambda text: text.replace("\n", "\n\n"),
    "end of a message": lambda text: f"{text}]]>]]>\n",
}
ELEMENTS: t.Mapping[str, t.Callable[[str], str]] = {
    "output": lambda text: f"<rpc-reply><output>\n{escape(text)}</output></rpc-reply>",
    "reply": lambda text: f"<rpc-reply>\n{escape(text)}</rpc-reply>",
    "CDATA": lambda text: f"<rpc-reply><output><![CDATA[\n{text}]]></output></rpc-reply>",
}


def rows(parsed: Parsed[t.Any]) -> tuple[t.Any, ...]:
    """Return everything but the form of a reply, and the mark of a text that may be cut."""
    return parsed.items, tuple(note for note in parsed.notes if note != MAYBE_CUT), parsed.counts


@pytest.mark.parametrize("terminal", TERMINALS)
@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_text_of_any_terminal_has_the_same_rows(path: Path, terminal: str) -> None:
    assert rows(parse(GOOD[path], TERMINALS[terminal](_text(path)))) == rows(parse(GOOD[path], _text(path)))


@pytest.mark.parametrize("element", ELEMENTS)
@pytest.mark.parametrize("path", PRINTABLE, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_text_in_an_element_has_the_same_rows(path: Path, element: str) -> None:
    assert rows(parse(GOOD[path], ELEMENTS[element](_text(path)))) == rows(parse(GOOD[path], _text(path)))


@pytest.mark.parametrize("prompt", ["user@hub1> ", "hub1> ", "> ", "user@hub1# run ", "#", "% ", ""])
@pytest.mark.parametrize("path", WITHOUT_ECHO, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_text_between_prompts_has_the_same_rows(path: Path, prompt: str) -> None:
    around = f"{prompt}{GOOD[path]} | no-more\n{_text(path)}\n{{primary:node0}}\n{prompt.removesuffix('run ')}\n"
    assert rows(parse(GOOD[path], around)) == rows(parse(GOOD[path], _text(path)))


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_row_of_a_wrapped_text_is_lost_in_silence(path: Path, width: int) -> None:
    lines = [line[at : at + width] for line in _text(path).splitlines() for at in range(0, max(1, len(line)), width)]
    before = parse(GOOD[path], _text(path))
    try:
        wrapped = parse(GOOD[path], "\n".join(lines) + "\n")
    except HubspokeError:
        return
    assert len(wrapped.items) >= len(before.items) or wrapped.remarks != before.remarks


def _root(path: Path) -> str:
    root = tree(_text(path))
    inner = list(root) if root.tag == "rpc-reply" else [root]
    return "".join(ET.tostring(one, encoding="unicode") for one in inner)


SPACES = 'xmlns:junos="http://xml.juniper.net/junos/25.4R1/junos"'
RELEASES: t.Mapping[str, t.Callable[[str], str]] = {
    "prefix": lambda inner: f'<nc:rpc-reply xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0">{inner}</nc:rpc-reply>',
    "namespaces": lambda inner: (
        f'<rpc-reply xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" {SPACES}>{inner}</rpc-reply>'
    ),
    "declaration": lambda inner: f'<?xml version="1.0" encoding="UTF-8"?>\n<rpc-reply>{inner}</rpc-reply>\n]]>]]>\n',
    "comments": lambda inner: f"<!-- user netconf -->\n<rpc-reply><!-- reply -->{inner}</rpc-reply>\n<!-- end -->\n",
    "banner": lambda inner: f"<rpc-reply>{inner}<cli><banner>{{primary:node0}}</banner></cli></rpc-reply>",
    "at the CLI": lambda inner: (
        f"user@hub1> show it | display xml\n<rpc-reply>{inner}</rpc-reply>\n\n{{primary:node0}}\n"
    ),
}


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("path", XML, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_xml_of_any_release_has_the_same_rows(path: Path, release: str) -> None:
    reply = RELEASES[release](_root(path))
    assert rows(parse(GOOD[path], reply)) == rows(parse(GOOD[path], _text(path)))


@pytest.mark.parametrize("engine", ["node0", "re0", "localre"])
@pytest.mark.parametrize("path", UNWRAPPED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_reply_in_the_wrapper_of_a_cluster_has_the_same_rows(path: Path, engine: str) -> None:
    text = _text(path)
    if path.suffix == ".txt":
        wrapped = f"{engine}:\n{'-' * 74}\n{text}\n"
    else:
        item = f"<multi-routing-engine-item><re-name>{engine}</re-name>{_root(path)}</multi-routing-engine-item>"
        wrapped = f"<rpc-reply><multi-routing-engine-results>{item}</multi-routing-engine-results></rpc-reply>"
    before, after = parse(GOOD[path], text), parse(GOOD[path], wrapped)
    assert after.items == tuple(replace(item, node=engine) for item in before.items)
    assert after.notes == before.notes
