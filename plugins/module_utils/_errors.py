# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Every error this collection raises on purpose: one root, few leaves, caught once in the action plugins."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

# Characters of a name or value that a message quotes.
SHOWN_CHARACTERS = 60
# Characters of a message that a person reads at one glance; the rest is in fields of its own.
MESSAGE_CHARACTERS = 120

# The remedy begins with a capital letter or with a command in quotes.
_SENTENCE_END = re.compile(r"(?<=[^\s.]\.)\s+(?=[A-Z'])")


def shortened(text: str, characters: int = SHOWN_CHARACTERS) -> str:
    """Return a name or value for a message: what is too long to be read is cut."""
    return text if len(text) <= characters else f"{text[: characters - len('...')]}..."


def full_stop(text: str) -> str:
    """Return a text with one full stop at its end, whoever wrote it."""
    return text if text.endswith(".") else f"{text}."


def printable(text: str) -> str:
    """Return a text with a question mark for each character that would command a terminal, lines and tabs kept.

    A device's reply may hold such characters, as the C1 controls that XML allows and marks of writing direction.
    """
    if text.replace("\n", " ").isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\n\t" else "?" for char in text)


def with_host(host: str, text: str) -> str:
    """Return a text about a host with its name in front, once; the address of a login may follow the name."""
    return text if re.match(rf"{re.escape(host)}(?: \([^)]*\))?: ", text) else f"{host}: {text}"


def in_minutes(number: int) -> str:
    """Return a number of minutes in words."""
    return f"{number} minute" if number == 1 else f"{number} minutes"


class Parts(t.NamedTuple):
    """A text for a result: its first sentence in at most 120 characters, what to do, and the whole where it was cut."""

    message: str
    remedy: str = ""
    detail: str = ""

    @classmethod
    def of(cls, text: str) -> Parts:
        """Return the parts of ``host: object: expected X, actual Y. Remedy.``; further lines are in ``detail``."""
        lines = text.strip().splitlines() or [""]
        sentence, *rest = _SENTENCE_END.split(lines[0].strip(), maxsplit=1)
        message = shortened(sentence, MESSAGE_CHARACTERS)
        is_cut = message != sentence or len(lines) > 1
        return cls(message, "".join(rest), text.strip() if is_cut else "")

    @property
    def whole(self) -> str:
        """The text in one piece."""
        if not self.message or not self.remedy:
            return self.detail or self.message or self.remedy
        return self.detail or f"{full_stop(self.message)} {self.remedy}"


class Sentence(t.NamedTuple):
    """The parts of ``host: object: expected X, actual Y. Remedy.`` A text of another form is ``actual``."""

    object: str
    expected: str
    actual: str
    remedy: str

    @classmethod
    def of(cls, text: str, host: str) -> Sentence:
        """Return the parts of a text about a host."""
        whole = text.strip()
        sentence, *rest = _SENTENCE_END.split(whole, maxsplit=1)
        remedy = "".join(rest)
        found = _EXPECTED.fullmatch(sentence.removeprefix(f"{host}: "))
        if found is None:
            return cls("", "", sentence, remedy)
        # Where a login fails, the address follows the name of the host.
        place = re.fullmatch(rf"{re.escape(host)} (\(.*?\)): (.*)", found["object"])
        name = f"{place[2]} {place[1]}" if place else found["object"]
        return cls(name, found["expected"], found["actual"].rstrip("."), remedy)

    @property
    def short(self) -> str:
        """The object with what was met instead of the expected; where that is nothing, what is missing."""
        if not self.expected:
            return self.actual.rstrip(".")
        missing = f"no {_ARTICLE.sub('', self.expected)}"
        return f"{self.object}: {missing if self.actual == 'none' else self.actual}"

    @property
    def fact(self) -> str:
        """The sentence without the host and the remedy."""
        return f"{self.object}: expected {self.expected}, actual {self.actual}" if self.expected else self.short


_ARTICLE = re.compile(r"^an? ")
_EXPECTED = re.compile(r"(?P<object>.*?): expected (?P<expected>.*?), actual:? (?P<actual>.*)", re.DOTALL)


class HubspokeError(Exception):
    """Root of all errors that a user may see. ``reason`` is a stable word for playbooks to test."""

    reason = "failed"


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the inventory."""

    host: str
    variable: str
    value: str
    message: str
    remedy: str

    def __str__(self) -> str:
        start = f"{self.host}: {shortened(self.variable)} = {self.value}"
        return f"{start}: {full_stop(self.message)} {full_stop(self.remedy)}"


class PlanError(HubspokeError):
    """The inventory cannot become a VPN. Carries every problem found, not only the first."""

    reason = "bad_inventory"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class SessionError(HubspokeError):
    """A device that could not be reached, or refused a request: ``reason`` says which, ``reply`` is its own text."""

    def __init__(self, message: str, reason: str = "rejected", reply: str = "") -> None:
        self.reason = reason
        self.reply = reply
        super().__init__(message)

    @property
    def is_away(self) -> bool:
        """Whether the device is away from the network, or from us, so that nothing could be asked.

        A device whose host key is not trusted is there, and may be another one.
        """
        return self.reason in ("unreachable", "authentication")


class ConflictError(HubspokeError):
    """Statements outside the configuration group override or contradict it."""

    reason = "conflict"


class BadArgument(HubspokeError):
    """A module's argument that no device can follow, or that names nothing there is."""

    reason = "bad_argument"


class BadPair(HubspokeError):
    """The two sites named have no tunnel between them."""

    reason = "bad_pair"


class ReplyRefused(HubspokeError):
    """The device answered with an error instead of the table that was asked for. ``reply`` is its own text."""

    reason = "refused"

    def __init__(self, message: str, reply: str = "") -> None:
        self.reply = reply
        super().__init__(message)


class ReplyNotUnderstood(HubspokeError):
    """The device answered in no known layout."""

    reason = "unexpected_reply"


class UnexpectedError(HubspokeError):
    """An exception that no part of this collection raises on purpose, with the host whose step raised it."""

    reason = "unexpected"

    def __init__(self, host: str, error: BaseException) -> None:
        self.error = error
        super().__init__(
            f"{host}: run: expected to go on, actual {type(error).__name__}:"
            f" {full_stop(str(error) or 'no more is known')}"
            " This is a fault of the collection or of a library: report it with the command and 'ansible --version'."
        )
