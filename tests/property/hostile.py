# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hostile values as an inventory has them, in YAML, and what each of them is where it is allowed."""

from __future__ import annotations

LONG = 100_000
DEEP = 200

VALUES = {
    # Nothing, and what looks like nothing.
    "null": "null",
    "empty": '""',
    "blank": '"   "',
    "omitted": "'{{ omit }}'",
    "null text": "'null'",
    # Characters.
    "NUL": r'"a\0b"',
    "bell": r'"a\ab"',
    "escape": r'"\e[31ma"',
    "newline": r'"a\nb"',
    "next line": r'"a\Nb"',
    "quotes": "'\"`'''",
    "backslash": r"'a\'",
    "Unicode digit": "'٣'",
    "wide digits": r'"\uff11\uff10"',
    "bidirectional": r'"a\u202Eb"',
    "invisible": r'"\u200Egroup"',
    "no-break space": r'"a\u00A0b"',
    "emoji": "'😀'",
    "half a character": "'{{ \"%c\" % 55296 }}'",
    "long": f"'{'x' * LONG}'",
    # Templates.
    "undefined": "'{{ not_defined }}'",
    "computed": "'{{ 7 * 7 }}'",
    "divided": "'{{ 1 / 0 }}'",
    "misspelt filter": "'{{ 1 | not_a_filter }}'",
    "statement": "'{% for x in not_defined %}{% endfor %}'",
    "open": "'a {{ b'",
    "unsafe": "!unsafe '{{ not_defined }}'",
    "unsafe statement": "!unsafe '{% set x = 1 %}'",
    "computed number": "'{{ 10 ** 400 }}'",
    "endless number": "'{{ 10 ** 5000 }}'",
    # Paths.
    "parent folders": "../../../evil",
    "absolute": "/nonexistent/evil",
    "option": "-rf",
    # Syntax of others.
    "XML": "'</rpc>]]>]]>'",
    "entity": "'&lt;a&#10;'",
    "Junos": "'; } delete system; {'",
    "Junos comment": "'/* x */'",
    "annotation": "'## x'",
    "ScreenOS": "'a\" protocol any'",
    "shell": "'$(touch evil); `touch evil`'",
    # Binary data.
    "binary": "!!binary aGVsbG8=",
    "binary key": "{!!binary aGVsbG8=: 1}",
    "binary member": "[!!binary aGVsbG8=]",
    # Shapes.
    "list": "[a, b]",
    "mapping": "{a: b}",
    "empty list": "[]",
    "empty mapping": "{}",
    "keys of other types": "{1: a, true: b, null: c, 1.5: d}",
    "key that is a date": "{2024-01-01: a}",
    "deep list": "[" * DEEP + "]" * DEEP,
    "deep mapping": "{a: " * DEEP + "1" + "}" * DEEP,
    "list in itself": "&list [*list]",
    "mapping in itself": "&mapping {a: *mapping}",
    "growing": "[&a [x, x, x, x, x, x, x, x, x, x], &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a], "
    "&c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b], &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c], "
    "&e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d], &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e], *f]",
    "set": "!!set {a, b}",
    "pairs": "!!pairs [a: 1]",
    # Numbers, and what looks like one.
    "huge": "1" + "0" * 400,
    "huge text": f"'1{'0' * 400}'",
    "huge hexadecimal": "0x" + "f" * 6000,
    "exponent": "1e400",
    "infinite": ".inf",
    "less than all": "-.inf",
    "not a number": ".nan",
    "nan": "nan",
    "negative": "-1",
    "zero": "0",
    "one": "1",
    "fraction": "1.5",
    "fraction text": "'1.5'",
    "octal": "0123",
    "sexagesimal": "12:30:00",
    "underscore": "1_0",
    "hexadecimal": "0x1f",
    "date": "2024-01-01",
    "time": "2024-01-01T10:00:00Z",
    # Booleans.
    "true": "true",
    "yes": "'yes'",
    "off": "'off'",
    "t": "'t'",
}

# --- as what they are read where they are allowed ---

UNSET = ("null", "omitted")
# Up to ansible-core 2.18 the result of a template is text, later a number.
EITHER = ("computed", "computed number")
FLAGS = {"zero": False, "one": True, "true": True, "yes": True, "off": False, "t": True}
INTEGERS = {
    "negative": -1,
    "zero": 0,
    "one": 1,
    "computed": 49,
    "octal": 0o123,
    "sexagesimal": 12 * 3600 + 30 * 60,
    "underscore": 10,
    "hexadecimal": 0x1F,
}
NUMBERS = {**INTEGERS, "fraction": 1.5, "fraction text": 1.5}
# Text that can be printed, and is not too long.
TEXTS = (
    "null text",
    "quotes",
    "backslash",
    "Unicode digit",
    "wide digits",
    "emoji",
    "parent folders",
    "absolute",
    "option",
    "XML",
    "entity",
    "Junos",
    "Junos comment",
    "annotation",
    "ScreenOS",
    "shell",
    "huge text",
    "exponent",
    "nan",
    "fraction text",
    "yes",
    "off",
    "t",
)
