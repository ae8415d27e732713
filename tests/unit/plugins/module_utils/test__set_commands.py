# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Curly-brace text to set commands, and set commands to words."""

from __future__ import annotations

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import quoted, to_set, words_of


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("", []),
        ("system {\n    host-name East;\n}\n", ["set system host-name East"]),
        (
            "groups {\n  replace: vpn {\n    interfaces {\n      st0 {\n        unit 0 {\n          multipoint;\n"
            "        }\n      }\n    }\n  }\n}\napply-groups vpn;\n",
            ["set groups vpn interfaces st0 unit 0 multipoint", "set apply-groups vpn"],
        ),
        (
            "match { source-address [ a b ]; application any; }",
            ["set match source-address a", "set match source-address b", "set match application any"],
        ),
        (
            'policy p { pre-shared-key ascii-text "a; {b} \\" c"; }',
            ['set policy p pre-shared-key ascii-text "a; {b} \\" c"'],
        ),
        ("from-zone a to-zone b { policy p { then { permit; } } }", ["set from-zone a to-zone b policy p then permit"]),
        ("vpn v { vpn-monitor {\n } ike { gateway g; } }", ["set vpn v vpn-monitor", "set vpn v ike gateway g"]),
    ],
)
def test_text_becomes_commands(text: str, commands: list[str]) -> None:
    assert to_set(text).splitlines() == commands


@pytest.mark.parametrize("text", ["a {", "a }", "a { b }", "a { b; } }", "a b"])
def test_incomplete_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"brace|ends inside"):
        to_set(text)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("set a b", [("set", "a", "b")]),
        ('set a description "two \\"words\\" [ b ]"', [("set", "a", "description", 'two "words" [ b ]')]),
        ("set a [ b c ]", [("set", "a", "b"), ("set", "a", "c")]),
        ("", [()]),
    ],
)
def test_a_command_is_divided_into_words(command: str, words: list[tuple[str, ...]]) -> None:
    assert words_of(command) == words


def test_words_are_quoted_where_junos_would_split_them() -> None:
    assert quoted(("a", "two words", "", "x;")) == 'a "two words" "" "x;"'
