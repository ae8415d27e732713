# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reversible ``$9$`` form in which Junos keeps secrets. It is an encoding, not encryption."""

from __future__ import annotations

import random
import typing as t

MAGIC = "$9$"
# Four families of characters; the family of the salt decides how many random characters follow it.
_FAMILIES = ("QzF3n6/9CAtpu0O", "B1IREhcSyrleKvMW8LXx", "7N-dVbwsY2g4oaJZGUDj", "iHkq.mPf5T")
_ALPHABET = "".join(_FAMILIES)
_NUMBER = {character: number for number, character in enumerate(_ALPHABET)}
_FILLING = {character: 3 - family for family, members in enumerate(_FAMILIES) for character in members}
# Weights of the gaps that encode one character; its position selects the set.
_WEIGHTS = ((1, 4, 32), (1, 16, 32), (1, 8, 32), (1, 64), (1, 32), (1, 4, 16, 128), (1, 32, 64))


class _Choice(t.Protocol):
    def choice(self, seq: str) -> str:
        """Return one character of ``seq``."""


def encode9(plain: str, source: _Choice | None = None) -> str:
    """Return ``plain`` (characters up to U+00FF) in ``$9$`` form with a fresh salt; ``source`` makes it predictable."""
    pick = source if source is not None else random.SystemRandom()
    salt = pick.choice(_ALPHABET)
    text = salt + "".join(pick.choice(_ALPHABET) for _turn in range(_FILLING[salt]))
    last = salt
    for position, character in enumerate(plain):
        code = ord(character)
        if code > 255:
            raise ValueError("a secret holds characters up to U+00FF only")
        gaps: list[int] = []
        for weight in reversed(_WEIGHTS[position % len(_WEIGHTS)]):
            gaps.insert(0, code // weight)
            code %= weight
        for gap in gaps:
            last = _ALPHABET[(_NUMBER[last] + gap + 1) % len(_ALPHABET)]
            text += last
    return MAGIC + text


def decode9(text: str) -> str:
    """Return the plain text of a ``$9$`` text. Raise ValueError if it is not one."""
    body = text[len(MAGIC) :]
    if not text.startswith(MAGIC) or not body or any(character not in _NUMBER for character in body):
        raise ValueError("not a $9$ text")
    last = body[0]
    rest = body[1 + _FILLING[last] :]
    plain = ""
    while rest:
        weights = _WEIGHTS[len(plain) % len(_WEIGHTS)]
        if len(rest) < len(weights):
            raise ValueError("a $9$ text that ends too early")
        code = 0
        for weight, character in zip(weights, rest, strict=False):
            gap = (_NUMBER[character] - _NUMBER[last]) % len(_ALPHABET) - 1
            code += gap * weight
            last = character
        rest = rest[len(weights) :]
        plain += chr(code % 256)
    return plain


def hidden(value: str) -> str:
    """Return a secret as the device keeps it: encoded, unless it is already."""
    return value if value.startswith(("$9$", "$8$")) else encode9(value)


def plain_of(value: str) -> str | None:
    """Return the plain text of a kept secret; None for a form that the lab cannot decode (``$8$``)."""
    if value.startswith("$8$"):
        return None
    return decode9(value) if value.startswith(MAGIC) else value
