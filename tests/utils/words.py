# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refuse the words that the glossary replaces: ``python -m tests.utils.words``. Exit status 1 if any is found.

A word of the glossary has one meaning everywhere: in documentation, docstrings, comments, messages and names. An
underscore ends a word, so that the names of tests are read as well; a line break or the ``#`` of a comment is a space.
"""

from __future__ import annotations

import re
import sys
import typing as t
from dataclasses import dataclass
from fnmatch import fnmatch

from tests.utils.tree import ROOT, tree_files

FOLDERS = (
    "plugins", "roles", "docs", "playbooks", "README.md", "CONTRIBUTING.md", "extensions", "meta", "changelogs",
    "tests",
)  # fmt: skip
# This list, and its test, name the words.
THIS = ("tests/utils/words.py", "tests/utils/test_words.py")

# The replaced words as a regular expression, and the term to use.
REPLACED: dict[str, str] = {
    "look(s|ed|ing)? around|sane": "pre-check",
    "shadow(s|ed|ing)?|defeat(s|ed|ing)?": "conflict, override",
    "beside": "conflict, outside the group, next to",
    "left out|lea(ve|ves|ving) out": "exclude a device, unmanaged part, omit",
    "left": "remaining, unchanged, found",
    "prov(e|es|ed|en|ing)|judg(e|es|ed|ing|ement)|judgment": "verify",
    "at fault|do(es)? not agree": "mismatch",
    "what waits": "pending commit",
    "undo(es)? by itself": "automatic rollback",
    "its (time|minutes)": "confirm window",
    "of another make": "third-party spoke",
    "announc(e|es|ed|ing|ement|ements)": "advertise",
    "ground": "underlay",
    "carriage": "forwarding",
    "permits": "policy lookup, allows",
    "terms": "parameters",
    "climb(s|ed|ing)?|ladder": "diagnose, step",
    "turned over": "rotated",
    "forg[eo]t(s|ten|ting)?": "clear SAs, discard",
    "mend(s|ed|ing)?": "fix",
    "belong(s|ed|ing)? into": "belongs in",
    "somebody": "another user",
}


@dataclass(frozen=True)
class Exemption:
    """Text that keeps a replaced word: the files that may have it (a glob), a regular expression, and the reason."""

    files: str
    text: str
    reason: str


EXEMPT: tuple[Exemption, ...] = (
    Exemption("*", r"logfile[ _](?:\(\?:)?turned over", "newsyslog's own line in a log of Junos"),
    Exemption("tests/lab/config/statements/system.txt", "announcement = text", "a statement of Junos"),
    Exemption("plugins/module_utils/_parse/route.py", '"rt-announced-count"', "an element of Junos"),
    Exemption("plugins/module_utils/_parse/route.py", '"announce-', "elements of Junos"),
    Exemption("tests/unit/fixtures/rpc/route/extensive.txt", r"1 announced\b", "the words of Junos"),
    Exemption("tests/unit/fixtures/rpc/route/extensive.json", r"1 announced\b", "the words of Junos"),
    Exemption("tests/integration/fake_collections/*", "terms", "a parameter of Ansible's LookupBase.run"),
    Exemption("tests/golden/*/hosts.yml", "parts-left-out-key", "the key behind a golden file, which stays as it is"),
)


def _any_word(patterns: t.Iterable[str]) -> re.Pattern[str]:
    """Return one expression for whole words, a group for each pattern. Any separator of words matches a space."""
    groups = "|".join(f"(?P<at{number}>{pattern})" for number, pattern in enumerate(patterns))
    spaced = groups.replace(" ", r"[\s#_-]+")
    return re.compile(rf"(?<![A-Za-z])(?:{spaced})(?![A-Za-z])", re.IGNORECASE)


_TERMS = list(REPLACED.values())
_REPLACED = _any_word(REPLACED)


@dataclass(frozen=True)
class Hit:
    """A replaced word at a line of a text, and the term to use. Line 0 is the name of the file."""

    line: int
    word: str
    term: str


def find(text: str, exempt: t.Iterable[str] = ()) -> list[Hit]:
    """Return the replaced words of a text in their order, without those inside a match of one of ``exempt``."""
    spans = [found.span() for pattern in exempt for found in re.finditer(pattern, text)]
    return [
        Hit(text.count("\n", 0, found.start()) + 1, found.group(), _TERMS[int(str(found.lastgroup)[2:])])
        for found in _REPLACED.finditer(text)
        if not any(start <= found.start() and found.end() <= end for start, end in spans)
    ]


def find_in_file(name: str) -> list[Hit]:
    """Return the replaced words of a file: of its name, then of its text."""
    exempt = [exemption.text for exemption in EXEMPT if fnmatch(name, exemption.files)]
    text = ROOT.joinpath(name).read_text(encoding="utf-8", errors="replace")
    return [Hit(0, hit.word, hit.term) for hit in find(name)] + find(text, exempt)


def main() -> int:
    """Print each replaced word of the checkout with its place. Return the exit status."""
    files = [name for name in tree_files(*FOLDERS) if name not in THIS]
    count = 0
    for name in files:
        for hit in find_in_file(name):
            place = f"{name}:{hit.line}" if hit.line else name
            print(f"{place}: {' '.join(hit.word.split())}: use {hit.term}")
            count += 1
    print(f"{len(files)} files read, {count} replaced words found")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
