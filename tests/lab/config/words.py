# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the words of one statement into nodes, for the text form and the set form."""

from __future__ import annotations

import typing as t

from tests.lab.config.problems import SYNTAX_ERROR, Problem
from tests.lab.config.schema import Statement
from tests.lab.config.secrets import hidden
from tests.lab.config.tree import Edit, Node, edit_path, words_of
from tests.lab.config.values import ValueType


class Token(t.NamedTuple):
    """One word of input and its position; a quoted word is neither punctuation nor a keyword."""

    text: str
    line: int = 0
    column: int = 0
    quoted: bool = False

    def mark(self, text: str) -> bool:
        """Return whether this is the punctuation ``text``."""
        return self.text == text and not self.quoted


class BadInput(Exception):
    """Input that the statements do not allow. After a ``fatal`` error a text parser must find its position again."""

    def __init__(self, problem: Problem, fatal: bool) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.fatal = fatal


class Place(t.NamedTuple):
    """The position of a parser: inside ``node``, or inside the braces of its list ``block``."""

    node: Node
    path: tuple[str, ...] = ()
    block: Statement | None = None
    wild: bool = False


def syntax_error(token: Token, path: t.Sequence[str]) -> BadInput:
    """Return the error for a word that has no meaning at its position."""
    problem = Problem(
        SYNTAX_ERROR, edit_path=edit_path(path), bad_element=token.text, line=token.line, column=token.column
    )
    return BadInput(problem, fatal=True)


def value_error(message: str, element: str, token: Token, path: t.Sequence[str]) -> BadInput:
    """Return the error for a known statement that does not take this value."""
    problem = Problem(message, edit_path=edit_path(path), bad_element=element, line=token.line, column=token.column)
    return BadInput(problem, fatal=False)


def checked(kind: ValueType, token: Token, element: str, path: t.Sequence[str], wild: bool) -> str:
    """Return the text of ``token``. Raise BadInput if ``kind`` does not accept it."""
    trouble = kind.problem(token.text, wild)
    if trouble is not None:
        raise value_error(trouble, element, token, path)
    return token.text


def stored(statement: Statement, value: str) -> str:
    """Return a value as the configuration keeps it: the device salts and encodes a plain secret at each load."""
    return hidden(value) if statement.secret else value


def revive(parent: Node, statement: Statement, keys: tuple[str, ...] = ()) -> Node:
    """Return the child to load; one that the same input has deleted before is replaced."""
    node = parent.ensure(statement, keys)
    if node.edit is not None and node.edit.operation == "delete":
        node.edit.operation = "replace"
    return node


class Walker:
    """Follows the words of one statement down the tree, and adds their nodes.

    With ``chain`` further statements of the same parent may follow a value, as in ``set`` commands and one-line
    statements; ``partial`` accepts a path that ends early, as ``delete`` does.
    """

    def __init__(self, place: Place, tokens: list[Token], *, chain: bool = False, partial: bool = False) -> None:
        self._node = place.node
        self._path = place.path
        self._block = place.block
        self._wild = place.wild
        self._tokens = tokens
        self._next = 0
        self._chain = chain
        self._partial = partial
        self._ended = False

    def walk(self) -> tuple[list[Node], Place]:
        """Return the nodes at the end of the words, and the position inside them. Raise BadInput."""
        tips = [self._node]
        while self._next < len(self._tokens):
            if self._ended and not self._chain:
                raise self._unexpected()
            tips = self._step()
        return tips, Place(self._node, self._path, self._block, self._wild)

    def _step(self) -> list[Node]:
        if self._block is not None:
            block, self._block = self._block, None
            return self._entry(block)
        token = self._tokens[self._next]
        statement = None if token.quoted else self._node.statement.by_word.get(token.text)
        if statement is None:
            return self._bare(token)
        self._next += 1
        if statement.oneliner or statement.oneliner_plus:
            self._chain = True
        if statement.kind == "container":
            return [self._descend(revive(self._node, statement))]
        if statement.is_list:
            return self._entry(statement)
        if statement.kind == "leaf-list":
            return self._values(statement)
        return [self._leaf(statement)]

    def _bare(self, token: Token) -> list[Node]:
        """Read a value or entry whose own word the CLI omits."""
        bare_list = None
        for statement in self._node.statement.bare_children:
            if statement.is_list:
                bare_list = statement
            elif statement.type.problem(token.text, self._wild) is None:
                return [self._leaf(statement)]
        if bare_list is None or token.mark("[") or token.mark("]"):
            raise self._unexpected()
        if bare_list.key_types[0].family == "enum" and bare_list.key_types[0].problem(token.text, self._wild):
            raise self._unexpected()
        if bare_list.oneliner:
            self._chain = True
        return self._entry(bare_list)

    def _entry(self, statement: Statement) -> list[Node]:
        """Read the keys of a list entry, or of several in brackets."""
        if self._next >= len(self._tokens):
            return self._keyless(statement)
        if self._tokens[self._next].mark("[") and len(statement.keys) == 1:
            entries = [self._make_entry(statement, [token]) for token in self._brackets()]
            self._ended = True
            return entries
        keys: list[Token] = []
        for number in range(len(statement.keys)):
            if number and self._next < len(self._tokens) and self._tokens[self._next].text == statement.words[number]:
                self._next += 1
            if self._next >= len(self._tokens):
                raise self._unexpected()
            keys.append(self._tokens[self._next])
            self._next += 1
        if "unit-suffix" in statement.flags:
            keys = self._split_unit(keys[0])
        return [self._descend(self._make_entry(statement, keys))]

    def _split_unit(self, token: Token) -> list[Token]:
        """Read ``ge-0/0/0.0`` as ``ge-0/0/0 unit 0``, as the CLI does with interface names."""
        device, dot, unit = token.text.partition(".")
        if dot and not token.text.startswith("<"):
            self._tokens[self._next : self._next] = [token._replace(text="unit"), token._replace(text=unit)]
        return [token._replace(text=device)] if dot else [token]

    def _keyless(self, statement: Statement) -> list[Node]:
        if statement.block and not self._partial:
            self._block = statement
            self._path = (*self._path, statement.word)
            return [self._node]
        if not self._partial:
            raise self._unexpected()
        every = self._node.put(Node(statement, ("*",)))
        every.edit = Edit()
        every.edit.every = True
        return [every]

    def _make_entry(self, statement: Statement, tokens: list[Token]) -> Node:
        words = statement.words or ("",) * len(tokens)
        for kind, token, word in zip(statement.key_types, tokens, words, strict=False):
            checked(kind, token, word or statement.word, self._path, self._wild)
        return revive(self._node, statement, tuple(token.text for token in tokens))

    def _values(self, statement: Statement) -> list[Node]:
        self._ended = True
        if self._next >= len(self._tokens):
            return self._keyless(statement)
        if self._tokens[self._next].mark("["):
            tokens = self._brackets()
        else:
            tokens = [self._tokens[self._next]]
            self._next += 1
        for token in tokens:
            checked(statement.type, token, statement.word, self._path, self._wild)
        return [revive(self._node, statement, (token.text,)) for token in tokens]

    def _leaf(self, statement: Statement) -> Node:
        self._ended = True
        if statement.type.empty:
            return revive(self._node, statement)
        if self._next >= len(self._tokens):
            if not self._partial:
                raise self._unexpected()
            return self._node.ensure(statement)
        token = self._tokens[self._next]
        self._next += 1
        value = checked(statement.type, token, statement.word, self._path, self._wild)
        leaf = revive(self._node, statement)
        leaf.text = stored(statement, value)
        return leaf

    def _brackets(self) -> list[Token]:
        start = self._next + 1
        end = start
        while end < len(self._tokens) and not self._tokens[end].mark("]"):
            end += 1
        if end >= len(self._tokens) or end == start:
            self._next = end
            raise self._unexpected()
        self._next = end + 1
        return self._tokens[start:end]

    def _descend(self, node: Node) -> Node:
        self._path = (*self._path, *words_of(node))
        self._wild = self._wild or node.statement.name == "groups"
        self._node = node
        self._ended = False
        return node

    def _unexpected(self) -> BadInput:
        if self._next < len(self._tokens):
            return syntax_error(self._tokens[self._next], self._path)
        last = self._tokens[-1] if self._tokens else Token("")
        return syntax_error(last, self._path)
