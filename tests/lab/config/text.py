# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The curly-brace form: read the input of ``load``, print the output of ``show configuration``."""

from __future__ import annotations

import re
import typing as t

from tests.lab.config.problems import RECOVERY, Problem
from tests.lab.config.schema import DEFAULT_RELEASE, Schema, Statement, schema_for
from tests.lab.config.tree import Edit, Node, new_root, quoted
from tests.lab.config.words import BadInput, Place, Token, Walker, syntax_error

_TOKEN = re.compile(
    r'(?P<blank>[ \t\r\n\f\ufeff]+)|(?P<comment>/\*.*?\*/|\#[^\n]*)|(?P<quoted>"(?:[^"\\]|\\.)*")'
    r'|(?P<mark>[{};\[\]])|(?P<word><[^<>\s{};"]*>|[^\s{};\[\]"]+|")',
    re.DOTALL,
)
TAGS = ("inactive", "active", "protect", "unprotect", "replace", "delete")
SECRET_MARK = " ## SECRET-DATA"
_ESCAPES = re.compile(r"\\(.)", re.DOTALL)


def tokens_of(text: str) -> list[Token]:
    """Split text into words and punctuation, without comments and blanks."""
    tokens = []
    line, start = 1, 0
    for found in _TOKEN.finditer(text):
        kind, body = found.lastgroup, found[0]
        if kind == "quoted":
            tokens.append(Token(_ESCAPES.sub(_unescape, body[1:-1]), line, found.start() - start + 1, True))
        elif kind in ("mark", "word"):
            tokens.append(Token(body, line, found.start() - start + 1))
        newlines = body.count("\n")
        if newlines:
            line += newlines
            start = found.start() + body.rindex("\n") + 1
    return tokens


def _unescape(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else found[1]


class _Parser:
    """Parser of one text. It reports and skips the parts that are not valid."""

    def __init__(self, tokens: list[Token], root: Node) -> None:
        self._tokens = tokens
        self._next = 0
        self._root = root
        self.problems: list[Problem] = []

    def parse(self) -> None:
        while self._next < len(self._tokens):
            self._statements(Place(self._root))
            if self._next < len(self._tokens):
                # A closing brace too many.
                self.problems.append(syntax_error(self._tokens[self._next], ()).problem)
                self._next += 1

    def _statements(self, place: Place) -> None:
        """Read statements up to the closing brace of their hierarchy, or to the end."""
        while self._next < len(self._tokens) and not self._tokens[self._next].mark("}"):
            start = self._next
            try:
                self._statement(place)
            except BadInput as exc:
                self.problems.append(exc.problem)
                if exc.fatal:
                    self._recover(start)
                else:
                    self._skip(start)

    def _statement(self, place: Place) -> None:
        tags, words = self._words()
        if self._next >= len(self._tokens) or self._tokens[self._next].mark("}"):
            raise syntax_error(self._tokens[min(self._next, len(self._tokens) - 1)], place.path)
        opens = self._tokens[self._next].mark("{")
        if not words:
            raise syntax_error(self._tokens[self._next], place.path)
        tips, inner = Walker(place, words, partial="delete" in tags).walk()
        if not opens and inner.block is not None:
            raise syntax_error(words[-1], place.path)
        for tip in tips:
            _tag(tip, tags)
        self._next += 1
        if not opens:
            return
        if len(tips) != 1 or (inner.block is None and (tips[0].statement.is_value or tips[0] is place.node)):
            self._next -= 1
            raise syntax_error(self._tokens[self._next], inner.path)
        self._statements(inner)
        if self._next >= len(self._tokens):
            raise syntax_error(self._tokens[-1], inner.path)
        self._next += 1

    def _words(self) -> tuple[set[str], list[Token]]:
        tags: set[str] = set()
        words: list[Token] = []
        while self._next < len(self._tokens):
            token = self._tokens[self._next]
            if not token.quoted and token.text in ("{", "}", ";"):
                break
            if not words and not token.quoted and token.text[-1] == ":" and token.text[:-1] in TAGS:
                tags.add(token.text[:-1])
            else:
                words.append(token)
            self._next += 1
        return tags, words

    def _recover(self, start: int) -> None:
        """Skip everything up to the brace that closes the hierarchy of a syntax error, as the device does."""
        self._next = start
        depth = 0
        last = self._tokens[-1]
        while self._next < len(self._tokens):
            token = self._tokens[self._next]
            if token.mark("{"):
                depth += 1
            elif token.mark("}"):
                if depth <= 1:
                    last = token
                    # The brace of the broken statement itself is consumed; that of its parent is not.
                    self._next += depth
                    break
                depth -= 1
            self._next += 1
        self.problems.append(Problem(RECOVERY, bad_element=last.text, line=last.line, column=last.column))

    def _skip(self, start: int) -> None:
        """Skip one statement whose value was refused; the rest is valid."""
        self._next = start
        depth = 0
        while self._next < len(self._tokens):
            token = self._tokens[self._next]
            if token.mark("}") and depth == 0:
                return
            self._next += 1
            if token.mark("{"):
                depth += 1
            elif token.mark("}"):
                depth -= 1
            if depth == 0 and (token.mark("}") or token.mark(";")):
                return


def _tag(node: Node, tags: set[str]) -> None:
    if not tags:
        return
    node.edit = edit = node.edit or Edit()
    if "inactive" in tags:
        edit.activity, node.inactive = "inactive", True
    elif "active" in tags:
        edit.activity = "active"
    if "protect" in tags:
        edit.protection, node.protected = "protect", True
    elif "unprotect" in tags:
        edit.protection = "unprotect"
    if "replace" in tags:
        edit.tagged = True
    if "delete" in tags:
        edit.operation = "delete"


def parse(text: str, schema: Schema | None = None) -> tuple[Node, list[Problem]]:
    """Return curly-brace text as a tree with edit marks; the problems name the skipped parts with line and column."""
    root = new_root(schema or schema_for(DEFAULT_RELEASE))
    parser = _Parser(tokens_of(text), root)
    parser.parse()
    return root, parser.problems


# --- printing -------------------------------------------------------------------------------------

Line = tuple[int, str]


def render(node: Node) -> str:
    """Return the tree as ``show configuration`` prints it; "" if it is empty."""
    return "".join(f"{'    ' * level}{text}\n" for level, text in lines_of(node))


def lines_of(node: Node) -> t.Iterator[Line]:
    """Return the children of ``node`` as lines, each with its depth."""
    children = node.ordered()
    number = 0
    while number < len(children):
        statement = children[number].statement
        end = number + 1
        while end < len(children) and children[end].statement is statement:
            end += 1
        yield from group_lines(statement, children[number:end], 0)
        number = end


def group_lines(statement: Statement, nodes: t.Sequence[Node], level: int) -> t.Iterator[Line]:
    """Return the entries of one list, the values of one leaf-list, or a single statement, as lines."""
    if statement.kind == "leaf-list":
        yield from _value_lines(statement, nodes, level)
        return
    if statement.block:
        yield level, f"{statement.word} {{"
        for node in nodes:
            yield from entry_lines(node, level + 1)
        yield level, "}"
        return
    for node in nodes:
        yield from entry_lines(node, level)


def _value_lines(statement: Statement, nodes: t.Sequence[Node], level: int) -> t.Iterator[Line]:
    active = [node.keys[0] for node in nodes if not node.inactive]
    for values, tag in ((active, ""), ([node.keys[0] for node in nodes if node.inactive], "inactive: ")):
        if len(values) == 1:
            yield level, f"{tag}{statement.word} {quoted(values[0])};"
        elif values:
            yield level, f"{tag}{statement.word} [ {' '.join(map(quoted, values))} ];"


def marks_of(node: Node) -> str:
    """Return ``inactive:`` and ``protect:`` as the device prints them before a statement."""
    return ("inactive: " if node.inactive else "") + ("protect: " if node.protected else "")


def head_of(node: Node) -> str:
    """Return the words of one node, quoted, without those of lists printed as a block and without a value."""
    statement = node.statement
    if statement.is_list:
        words = [] if statement.bare or statement.block else [statement.word]
        words.append(quoted(node.keys[0]))
        for word, key in zip(statement.words[1:], node.keys[1:], strict=True):
            words += [word, quoted(key)]
        return " ".join(words)
    return "" if statement.bare else statement.word


def is_oneliner(node: Node) -> bool:
    """Return whether the device prints this statement on one line, whatever its content."""
    statement = node.statement
    if statement.oneliner:
        return True
    if not statement.oneliner_plus or any(child.inactive for child in node.children.values()):
        return False
    inside = {child.statement for child in node.children.values()}
    return len(inside) == 1 and (only := next(iter(inside))).kind != "container" and only.is_value


def entry_lines(node: Node, level: int, marked: bool = True) -> t.Iterator[Line]:
    """Return one container, list entry or leaf as lines; ``marked`` includes ``inactive:`` and the like."""
    marks = marks_of(node) if marked else ""
    statement = node.statement
    if statement.kind == "leaf":
        words = " ".join(flat_words(node))
        yield level, f"{marks}{words};{SECRET_MARK if statement.confidential else ''}"
        return
    if statement.prefix and node.children and not marks:
        for child in node.ordered():
            for deeper, text in entry_lines(child, level, marked=False):
                first = deeper == level and text != "}"
                yield deeper, f"{marks_of(child)}{statement.word} {text}" if first else text
        return
    if not node.children or is_oneliner(node):
        words = " ".join(flat_words(node))
        yield level, f"{marks}{words};{SECRET_MARK if _confidential(node) else ''}"
        return
    yield level, f"{marks}{head_of(node)} {{"
    for deeper, text in lines_of(node):
        yield level + 1 + deeper, text
    yield level, "}"


def flat_words(node: Node) -> list[str]:
    """Return a statement and all its descendants as words of one line."""
    statement = node.statement
    words = [head] if (head := head_of(node)) else []
    if statement.kind == "leaf" and not statement.type.empty:
        words.append(quoted(node.text))
    done: set[str] = set()
    for child in node.ordered():
        if child.statement.kind == "leaf-list":
            if child.statement.name not in done:
                done.add(child.statement.name)
                ((_line, text), *_rest) = _value_lines(child.statement, node.entries_of(child.statement), 0)
                words.append(text.rstrip(";"))
        else:
            words += flat_words(child)
    return words


def _confidential(node: Node) -> bool:
    return node.statement.confidential or any(_confidential(child) for child in node.children.values())
