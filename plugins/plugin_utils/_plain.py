# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Plain data of a finite size: text, numbers, booleans, lists and mappings, as JSON has them."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import kind_of

# A network has a mapping in a list in a mapping.
_LEVELS = 32
# A list with aliases to a list with aliases has endless values in a few lines of YAML.
_VALUES = 10_000
# Python refuses to print longer ones.
_BITS = 4096
# No device, file or terminal takes these: NUL, and halves of a character.
_IMPOSSIBLE = re.compile("[\0\ud800-\udfff]")


class NotPlain(ValueError):
    """A value that is not plain data. The text names it; ``remedy`` says how to write it."""

    def __init__(self, actual: str, remedy: str) -> None:
        self.remedy = remedy
        super().__init__(actual)


def plain(value: t.Any, omit: str | None = None, *, decrypt: bool = True) -> t.Any:
    """Return a copy without Ansible's wrappers. Raise NotPlain, and Ansible's errors about encrypted values.

    The copy has no member that is ``omit``. Without ``decrypt`` encrypted values stay as they are.
    """
    return _Copy(omit, decrypt=decrypt).of(value, ())


class _Copy:
    def __init__(self, omit: str | None, *, decrypt: bool) -> None:
        self._omit = omit
        self._decrypt = decrypt
        self._rest = _VALUES

    def of(self, value: t.Any, around: tuple[t.Any, ...]) -> t.Any:
        """Return a copy of a value; ``around`` are the lists and mappings that it is in."""
        self._rest -= 1
        if self._rest < 0:
            raise NotPlain(f"more than {_VALUES} values in one", "Write less, without aliases")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (str, int, float)):
            return _scalar(value)
        if isinstance(value, (dict, list, tuple)):
            if any(value is one for one in around):
                raise NotPlain("a value that contains itself", "Write it without an alias to itself")
            if len(around) == _LEVELS:
                raise NotPlain(f"more than {_LEVELS} levels of lists and mappings", "Write it flat")
            around = (*around, value)
            if isinstance(value, dict):
                return {_name(name): self.of(one, around) for name, one in value.items() if not self._is_omitted(one)}
            return [self.of(one, around) for one in value if not self._is_omitted(one)]
        if hasattr(value, "_ciphertext"):
            return self.of(str(value), around) if self._decrypt else value
        raise NotPlain(kind_of(value), "Write it as text, in quotes")

    def _is_omitted(self, value: t.Any) -> bool:
        return self._omit is not None and isinstance(value, str) and value == self._omit


def _scalar(value: str | float) -> str | int | float:
    if isinstance(value, str):
        if found := _IMPOSSIBLE.search(value):
            raise NotPlain(f"text with the character U+{ord(found[0]):04X}", "Remove that character")
        return str(value)
    if isinstance(value, float):
        return float(value)
    if value.bit_length() > _BITS:
        raise NotPlain("a number of more than 1200 digits", "Choose a smaller number")
    return int(value)


def _name(name: t.Any) -> str:
    """Return the key of a mapping as text. No key of this collection is a number: the plan does not know those."""
    if name is None or isinstance(name, (str, int, float)):
        return str(_scalar(name) if name is not None else name)
    raise NotPlain(f"a mapping with {kind_of(name)} as a key", "Write each key as text, in quotes")
