# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The replies of a device, word for word: each file in ``cases/`` is an exchange between sessions and a device.

A file begins with the fact of Junos that it checks. Steps follow: ``--- NAME`` (session NAME sends the RPC below),
``--- said`` (the expected reply), ``--- advance SECONDS``, ``--- end NAME`` (the client closes), ``--- fault KIND
NAME=VALUE ...``, ``--- committed`` (the expected configuration), ``--- option NAME=VALUE ...`` (first of all: the kind
of the device) or ``--- gone NAME`` (the device has dropped the session).
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from tests.lab.config import setform
from tests.lab.inventory import DeviceOptions
from tests.lab_tests.netconf.bench import Bench, Client, differences, plain

CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))
_NAMESPACES = 'xmlns:junos="j" xmlns:xnm="x" xmlns:nc="n"'


def _title(path: Path) -> str:
    return path.read_text(encoding="utf-8").splitlines()[0].removeprefix("fact: ")


def test_there_are_cases() -> None:
    assert len(CASES) > 30


@pytest.mark.parametrize("path", CASES, ids=_title)
def test_case(path: Path) -> None:
    steps = re.split(r"^--- ?(.*)\n", path.read_text(encoding="utf-8"), flags=re.M)[1:]
    player = _Player()
    try:
        for step, content in zip(steps[::2], steps[1::2], strict=True):
            player.play(step.split(), content.strip())
    finally:
        player.close()


class _Player:
    def __init__(self) -> None:
        self._options = DeviceOptions()
        self._bench: Bench | None = None
        self._clients: dict[str, Client] = {}
        self._reply = ""

    def close(self) -> None:
        if self._bench is not None:
            self._bench.close()

    @property
    def bench(self) -> Bench:
        if self._bench is None:
            self._bench = Bench(self._options)
        return self._bench

    def play(self, step: list[str], content: str) -> None:
        verb, words = step[0], step[1:]
        method = getattr(self, f"_{verb}", None)
        if method is not None:
            method(words, content)
            return
        if verb not in self._clients:
            self._clients[verb] = self.bench.session(words[0] if words else verb)
        self._reply = self._clients[verb].rpc(content)

    def _said(self, words: list[str], content: str) -> None:
        expected = plain(f"<rpc-reply {_NAMESPACES}>{content}</rpc-reply>")
        assert not differences(expected, plain(self._reply)), self._reply

    def _option(self, words: list[str], content: str) -> None:
        values: dict[str, t.Any] = dict(word.split("=", 1) for word in words)
        flags = {name: value == "true" for name, value in values.items() if value in ("true", "false")}
        self._options = replace(self._options, **(values | flags))

    def _advance(self, words: list[str], content: str) -> None:
        self.bench.clock.advance(float(words[0]))

    def _end(self, words: list[str], content: str) -> None:
        self._clients.pop(words[0]).end()

    def _gone(self, words: list[str], content: str) -> None:
        client = self._clients.pop(words[0])
        assert client.closed, f"{words[0]} is still there"
        assert client.session.id not in self.bench.device.sessions

    def _fault(self, words: list[str], content: str) -> None:
        details: dict[str, t.Any] = dict(word.replace("_", " ").split("=", 1) for word in words[1:])
        if "count" in details:
            details["count"] = int(details["count"])
        if words[0] == "clear":
            self.bench.device.clear_faults()
        else:
            self.bench.device.fault(words[0], details)

    def _committed(self, words: list[str], content: str) -> None:
        got = setform.render(self.bench.device.database.committed).splitlines()
        factory = set(setform.render(Bench().device.database.committed).splitlines())
        assert [line for line in got if line not in factory] == content.splitlines()

    def _log(self, words: list[str], content: str) -> None:
        lines = "\n".join(self.bench.device.log_lines("messages"))
        for wanted in content.splitlines():
            assert wanted in lines, lines

    def _malformed(self, words: list[str], content: str) -> None:
        with pytest.raises(etree.XMLSyntaxError):
            etree.fromstring(self._reply.encode())
        assert content in self._reply
