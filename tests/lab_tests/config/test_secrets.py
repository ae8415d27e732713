# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ``$9$`` form, compared with the implementation of netutils."""

from __future__ import annotations

import random
import string

import pytest
from netutils.password import decrypt_juniper_type9, encrypt_juniper_type9

from tests.lab.config.secrets import decode9, encode9, hidden, plain_of

PLAIN = ["", "x", "two words", string.printable.strip(), "z" * 255, "\u00e9\u00ff"]


@pytest.mark.parametrize("plain", PLAIN)
def test_decoding_reverses_encoding(plain: str) -> None:
    source = random.Random(9)
    for _turn in range(80):
        text = encode9(plain, source)
        assert text.startswith("$9$")
        assert decode9(text) == plain


@pytest.mark.parametrize("plain", PLAIN[1:5])
def test_netutils_decodes_ours_and_we_decode_theirs(plain: str) -> None:
    source = random.Random(3)
    for _turn in range(80):
        assert decrypt_juniper_type9(encode9(plain, source)) == plain
    assert decode9(encrypt_juniper_type9(plain)) == plain


def test_every_salt_gives_another_text() -> None:
    assert len({encode9("the same") for _turn in range(20)}) > 15


@pytest.mark.parametrize("text", ["", "$9$", "$9$\u00e9", "$8$abc", "$9$VGYaUq.5F39qmz6/C1IM8X7-wGD"])
def test_plain_text_is_not_decoded(text: str) -> None:
    with pytest.raises(ValueError, match=r"\$9\$"):
        decode9(text)


def test_a_secret_beyond_latin_1_is_refused() -> None:
    with pytest.raises(ValueError, match="U\\+00FF"):
        encode9("\u0142")


def test_kept_forms() -> None:
    assert plain_of(hidden("key")) == "key"
    assert hidden("$9$abc") == "$9$abc"
    assert hidden("$8$abc") == "$8$abc"
    assert plain_of("$8$abc") is None
    assert plain_of("key") == "key"
