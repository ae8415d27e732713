# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The comments of this collection's commits: what writes them, and what reads them on a device after a lost reply."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

Act = t.Literal["commit", "confirm", "roll_back", "keep", "remove"]

# What each commit of a run says of itself, behind the name of the run.
_WORDS: dict[Act, str] = {
    "commit": "confirm within {minutes} minutes",
    "confirm": "verified, confirmed",
    "roll_back": "not verified, rolled back",
    "keep": "kept",
    "remove": "removed",
}
# Junos adds words of its own around a comment, so it is searched for, not matched.
_COMMENT = re.compile(
    r"hubspoke (?P<run>\d{8}T\d{6}-\w+)(?P<trace> trace)?(?: (?P<ticket>(?!digest )[^\s:]+))?"
    r"(?: digest (?P<digest>\w+))?: (?P<words>[^\n]*)"
)
_ACTS: tuple[tuple[Act, str], ...] = tuple((act, words.partition("{")[0]) for act, words in _WORDS.items())
_MINUTES = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True)
class RunComment:
    """The comment of one commit of a run on a device.

    ``run``: name of the run. ``is_trace``: the commit concerns traceoptions. ``ticket``: the user's change ticket.
    ``digest``: first characters of the plan digest. ``minutes``: confirm window of a ``commit``.
    """

    run: str
    act: Act = "commit"
    is_trace: bool = False
    ticket: str = ""
    digest: str = ""
    minutes: int = 0

    def __str__(self) -> str:
        return f"{self.label}: {_WORDS[self.act].format(minutes=self.minutes)}"

    @property
    def label(self) -> str:
        """The part that all commits of one transaction share, on all its devices."""
        parts = ["hubspoke", self.run, "trace" if self.is_trace else "", self.ticket]
        return " ".join(filter(None, [*parts, f"digest {self.digest}" if self.digest else ""]))

    def of(self, act: Act, *, minutes: int = 0) -> RunComment:
        """Return the comment of another commit of the same transaction."""
        return replace(self, act=act, minutes=minutes)

    @classmethod
    def read(cls, text: str) -> RunComment | None:
        """Return the comment in a text of a device, ``None`` where no run of this collection wrote it."""
        found = _COMMENT.search(text)
        if found is None:
            return None
        act = next((act for act, words in _ACTS if found["words"].startswith(words)), None)
        if act is None:
            return None
        minutes = _MINUTES.search(found["words"]) if act == "commit" else None
        return cls(
            run=found["run"],
            act=act,
            is_trace=bool(found["trace"]),
            ticket=found["ticket"] or "",
            digest=found["digest"] or "",
            minutes=int(minutes[0]) if minutes else 0,
        )
