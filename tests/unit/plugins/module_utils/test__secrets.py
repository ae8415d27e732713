# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys are filled into text just before loading, and masked in everything that a device returns."""

from __future__ import annotations

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import (
    fill_for_device,
    hidden,
    hider,
    mask,
    placeholder,
    spell,
    without_resalted,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError


class Reversed:
    """Replace the $9$ encoding: reversible, with a salt chosen by the test."""

    salt = "s"

    def encode(self, plain: str) -> str:
        return f"$9${self.salt}{plain[::-1]}"

    def decode(self, encoded: str) -> str:
        if not encoded.startswith("$9$"):
            raise ValueError(encoded)
        return encoded[4:][::-1]


def policy(name: str, host: str) -> str:
    return f'policy {name} {{\n    pre-shared-key ascii-text "{placeholder(host)}";\n}}\n'


def test_an_unchanged_key_is_sent_as_the_device_holds_it() -> None:
    text = policy("ike-policy1", "hub") + policy("ike-policy2", "hub")
    filled = fill_for_device(
        text, {"hub": "pepper"}, {"ike-policy1": "$9$xreppep", "ike-policy2": "$9$ytlas"}, Reversed()
    )
    first, _name, second = filled.partition("ike-policy2")
    assert 'ascii-text "$9$xreppep"' in first
    assert 'ascii-text "$9$sreppep"' in second
    assert "pepper" not in filled


def test_a_plain_key_is_quoted_as_the_platform_requires() -> None:
    text = policy("p", "hub")
    assert 'ascii-text "a\\"b\\\\c"' in spell(text, {"hub": 'a"b\\c'}, "backslash")
    assert 'ascii-text "b\\c"' in spell(text, {"hub": "b\\c"}, "plain")


def test_a_key_that_reads_like_a_placeholder_is_only_a_key() -> None:
    keys = {"a": placeholder("b"), "b": placeholder("a"), "c": "<pre-shared-key of"}
    text = policy("p", "a") + policy("q", "b") + policy("r", "c")
    spelt = spell(text, keys, "backslash")
    assert [line.split('"')[1] for line in spelt.splitlines() if '"' in line] == list(keys.values())
    filled = fill_for_device(text, keys, {}, Reversed())
    assert [Reversed().decode(line.split('"')[1]) for line in filled.splitlines() if '"' in line] == [*keys.values()]
    hide = hider(keys.values())
    assert (
        hide('ascii-text "<pre-shared-key of b>"; told <pre-shared-key of a>') == 'ascii-text "(masked)"; told (masked)'
    )


def test_a_missing_key_is_named() -> None:
    with pytest.raises(SessionError, match="spoke: nhtb_pre_shared_key: expected a key, actual none"):
        fill_for_device(policy("p", "spoke"), {"hub": "pepper"}, {}, Reversed())


@pytest.mark.parametrize(
    "text",
    [
        'ascii-text "pepper";',
        "ascii-text pepper;",
        "set security ike policy p pre-shared-key ascii-text pepper",
        'pre-shared-key hexadecimal "pepper"; ## SECRET-DATA',
        "<ascii-text>pepper</ascii-text>",
        '+  ascii-text "$9$pepper/a.b-c"; ## SECRET-DATA',
        'encrypted-password "$6$pepper$pepper";',
        'set ike gateway "g" address 192.0.2.1 Main preshare "pepper" sec-level standard',
        'ascii-text "pep\\"per pepper";',
        "ascii-text $8$aes256-gcm$hmac-sha2-256$100$pepper",
    ],
)
def test_masked_text_has_the_mask_and_no_secret(text: str) -> None:
    masked = mask(text)
    assert "pep" not in masked
    assert "(masked)" in masked


def test_masking_keeps_placeholders_and_other_text() -> None:
    text = policy("p", "hub") + 'description "ascii text";\nset system host-name pepper\n'
    assert mask(text) == text


RESALTED = """\
[edit groups hubspoke security ike policy ike-policy1 pre-shared-key]
-       ascii-text "$9$areppep"; ## SECRET-DATA
+       ascii-text "$9$breppep"; ## SECRET-DATA
"""
OTHER = """\
[edit groups hubspoke security flow tcp-mss ipsec-vpn]
-       mss 1350;
+       mss 1300;
"""
NEW_KEY = RESALTED.replace("$9$breppep", "$9$btlas")


@pytest.mark.parametrize(
    ("diff", "remaining"),
    [
        ("", ""),
        (RESALTED, ""),
        (OTHER, OTHER),
        (RESALTED + OTHER, OTHER),
        (NEW_KEY, NEW_KEY),
        (OTHER + RESALTED + NEW_KEY, OTHER + NEW_KEY),
    ],
)
def test_a_new_salt_alone_is_no_difference(diff: str, remaining: str) -> None:
    assert without_resalted(diff, Reversed()) == remaining


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('community "public"; ## SECRET-DATA', "community (masked); ## SECRET-DATA"),
        ("secret plain; ## SECRET-DATA", "secret (masked); ## SECRET-DATA"),
        ('ascii-text "(masked)"; ## SECRET-DATA', 'ascii-text "(masked)"; ## SECRET-DATA'),
        ("command 'set ... plain-text-password-value hunter2'", "command 'set ... plain-text-password-value (masked)"),
        ('encrypted-password "$sha1$abc"', 'encrypted-password "(masked)"'),
    ],
)
def test_a_value_that_junos_marks_as_secret_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_a_known_key_is_hidden_anywhere_in_any_spelling() -> None:
    hide = hider(["pepper", "pepper&salt", 'a"b\\c', ""])
    assert hide("log: tried pepper, <x>pepper&amp;salt</x> and pepper&salt") == (
        "log: tried (masked), <x>(masked)</x> and (masked)"
    )
    assert hide('ascii-text "a\\"b\\\\c"; or a"b\\c or a&quot;b\\c') == 'ascii-text "(masked)"; or (masked) or (masked)'
    assert hide("key $9$abc") == "key (masked)"
    assert hider([])("nothing to hide") == "nothing to hide"
    assert hider(["ab", "abc", "abcd", "abcde", "x"])("abcdex ab abcf y") == "(masked)(masked) (masked) (masked)f y"


def test_results_keep_the_words_of_the_plan() -> None:
    found = {"host": "ok", "state": "ok", "message": "ok", "findings": [{"vpn": "ok", "actual": "is ok", "n": 1}]}
    assert hidden(found, hider(["ok"])) == {
        "host": "ok", "state": "ok", "message": "(masked)", "findings": [{"vpn": "ok", "actual": "is (masked)", "n": 1}]
    }  # fmt: skip
