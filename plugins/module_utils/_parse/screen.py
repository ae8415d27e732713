# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Text as a terminal shows it: the lines of one command, without prompts, pager and headings of routing engines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import matches
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Doubt, excerpt
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.part import Part

_ENGINE = re.compile(r"((?:node|re|fpc|member|lcc)\d{1,3}(?:-re\d)?|localre):")
# Lines that the CLI adds: rulers, the line above a prompt, the mark of an interrupt, the end of a NETCONF message.
_DECORATION = re.compile(r"-{10,}|\{[a-z-]+(?::\w+)?\}(?:\[edit.*\])?|\[edit[^\]]*\]|\^C|\]\]>\]\]>")
_PAGER = re.compile(r"-{2,3}\(more[^)]{0,20}\)-{2,3}\s*")
_TERMINAL = re.compile(r"\x1b\[[0-9;?]{0,12}[A-Za-z]|[\x07\x08]")
# A prompt has any command after it where it names a user, and may lack user and host: "#show route".
_PROMPT = re.compile(r"(?:(?P<user>[^\s@>#%]{1,64}@)[^\s>#%]{1,255}|[\w.-]{1,255})?[>#%]\s*(?P<command>.*)")
_VERBS = (
    "clear", "commit", "configure", "edit", "exit", "file", "help", "monitor", "ping", "quit", "request", "restart",
    "rollback", "run", "set", "show", "ssh", "start", "telnet", "test", "traceroute",
)  # fmt: skip
_FEWEST = 2  # characters of an abbreviated verb
_SYSTEM = re.compile(r"(?:logical[ -]system|tenant|routing[ -]instance)(?: name)?\s?:\s*\S+", re.IGNORECASE)
_REFUSAL = re.compile(
    r"error:\s*(?P<message>.*)|(?:syntax error|unknown command|permission denied|cannot proceed,"
    r"|configuration database (?:locked|modified)|the routing subsystem is not running).*",
    re.IGNORECASE,
)
_WARNING = re.compile(r"warning:\s*(.*)", re.IGNORECASE)
_JSON = re.compile(r"\s*[{\[]\s*[\"{]")


@dataclass
class _Section:
    node: str | None = None
    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class _Commands:
    """The commands that a text has so far. ``another`` is the one whose reply follows, where it is not ``name``."""

    name: str
    own: int = 0
    another: str | None = None
    skipped: dict[str, None] = field(default_factory=dict)


def text_parts(text: str, name: str, *, prose: bool = False) -> list[Part]:
    """Return the parts of a text; ``name`` is the command in full, whose own echo and prompt are no part of it.

    The reply to another command in the same text is not read, which a note says. Raise ReplyNotUnderstood for JSON, and
    where the text has only the replies to other commands.
    """
    if _JSON.match(text):
        raise ReplyNotUnderstood("expected XML or text, actual JSON")
    sections = [_Section()]
    commands = _Commands(name)
    for raw in text.splitlines():
        line = _PAGER.sub("", _TERMINAL.sub("", raw).rstrip(), count=1) if raw.strip() else ""
        stripped = line.strip()
        if not stripped:
            continue
        command = command_in(line, name, prose=prose)
        if command is not None:
            _begin(command, commands, sections)
        elif commands.another is not None:
            commands.skipped[commands.another] = None
        elif engine := _ENGINE.fullmatch(stripped):
            again = any(one.node == engine.group(1) for one in sections)
            note = Doubt(f"the reply of {engine.group(1)} occurs again")
            sections.append(_Section(engine.group(1), notes=[note] if again else []))
        elif not _DECORATION.fullmatch(stripped):
            sections[-1].lines.append(line)
    return _parts(sections, commands, prose=prose)


def command_in(line: str, name: str, *, prose: bool = False) -> str | None:
    """Return the command of a line with a prompt or an echo, empty for a bare prompt; ``None`` for any other line."""
    stripped = line.strip()
    if prompt := _PROMPT.fullmatch(stripped):
        command = prompt.group("command").strip()
        if prompt.group("user") or not command or _is_verb(command.split()[0]):
            return command
    if matches(_words(stripped), name):
        return stripped
    # Rows may contain any words, but only a command begins a line with this one.
    plain = not prose and line[:1] != " " and stripped.removeprefix("run ").startswith("show ")
    return stripped if plain else None


def is_decoration(line: str) -> bool:
    """Return whether the CLI adds a line to every reply."""
    return not line.strip() or _DECORATION.fullmatch(line.strip()) is not None


def _is_verb(word: str) -> bool:
    return len(word) >= _FEWEST and any(verb.startswith(word) for verb in _VERBS)


def _words(command: str) -> list[str]:
    return command.partition("|")[0].removeprefix("run ").split()


def _begin(command: str, commands: _Commands, sections: list[_Section]) -> None:
    if not command:
        return
    own = matches(_words(command), commands.name)
    commands.another = None if own else excerpt(command)
    if own:
        if commands.own and any(one.lines for one in sections):
            sections.append(_Section(notes=[Doubt(f"the text has several replies to '{commands.name}'")]))
        elif sections[-1].lines:
            sections.append(_Section())
        commands.own += 1


def _parts(sections: list[_Section], commands: _Commands, *, prose: bool) -> list[Part]:
    kept = [one for one in sections if one.lines or one.node] or sections[:1]
    for one in sections:
        if one not in kept:
            kept[0].notes += one.notes
    if commands.skipped and not commands.own and not any(one.lines for one in kept):
        raise ReplyNotUnderstood(f"expected the reply to this command, actual that to {', '.join(commands.skipped)}")
    kept[0].notes += [f"the text has the reply to another command, not read: {one}" for one in commands.skipped]
    return [
        Part(one.node, lines=tuple(one.lines), notes=tuple(one.notes)) if prose and len(one.lines) > 1 else _part(one)
        for one in kept
    ]


def _part(section: _Section) -> Part:
    notes = list(section.notes)
    kept: list[str] = []
    for line in section.lines:
        if refusal := _REFUSAL.match(line.strip()):
            said = excerpt(refusal.group("message") or refusal.group(0), quoted=False)
            return Part(section.node, refusal=said, notes=tuple(notes))
        if warning := _WARNING.match(line.strip()):
            notes.append(excerpt(warning.group(1), quoted=False))
        elif _SYSTEM.fullmatch(line):
            notes.append(Doubt(f"the rows under {excerpt(line)} do not name it"))
        else:
            kept.append(line)
    return Part(section.node, lines=tuple(kept), notes=tuple(notes))
