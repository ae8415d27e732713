# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Apply a parsed input to a configuration: merge, replace, delete, activate, insert, rename."""

from __future__ import annotations

from tests.lab.config.problems import NOT_FOUND, Problem
from tests.lab.config.tree import Edit, Ident, Node, Operation, edit_path, words_of

_NO_EDIT = Edit()


def plain(patch: Node) -> Node:
    """Return a parsed input as a configuration: without marks, deleted statements and empty hierarchies."""
    node = Node(patch.statement, patch.keys, patch.text)
    node.inactive, node.protected = patch.inactive, patch.protected
    for child in patch.children.values():
        if child.edit is not None and (child.edit.operation in ("delete", "remove") or child.edit.every):
            continue
        kept = plain(child)
        if not _hollow(kept):
            node.put(kept)
    return node


def _hollow(node: Node) -> bool:
    """Return whether a node is an empty hierarchy that has no meaning by itself: the device does not keep it."""
    return node.statement.kind == "container" and not node.children and not node.statement.presence


class Editor:
    """Applies trees with edit marks to ``root``, in place.

    ``tags`` honours ``replace:``; ``default`` is the operation of an unmarked statement.
    """

    def __init__(self, root: Node, *, tags: bool = False, default: Operation = "merge") -> None:
        self._root = root
        self._tags = tags
        self._default = default
        self.problems: list[Problem] = []

    def apply(self, patch: Node) -> None:
        """Apply one tree from the top."""
        self._children(self._root, patch, (), self._default)

    def _children(self, target: Node, patch: Node, path: tuple[str, ...], default: Operation) -> None:
        for child in patch.children.values():
            self._child(target, child, path, default)

    def _child(self, target: Node, patch: Node, path: tuple[str, ...], default: Operation) -> None:
        edit = patch.edit or _NO_EDIT
        operation = edit.operation or ("replace" if edit.tagged and self._tags else default)
        found = target.children.get(patch.ident)
        if found is not None and found.protected and edit.protection != "unprotect":
            self._refuse_protected(found, path)
            return
        if edit.every:
            self._delete_every(target, patch, path)
        elif operation in ("delete", "remove"):
            self._delete(target, patch, found, path, operation)
        elif operation == "create" and found is not None:
            self._complain("statement already exists", patch, path, error_tag="data-exists")
        elif operation == "replace":
            fresh = plain(patch)
            _leave_choice(target, fresh)
            target.put(fresh)
        elif operation == "none" and found is None and not patch.children:
            self._complain(NOT_FOUND, patch, path, severity="warning")
        else:
            self._merge(target, patch, found, (*path, *words_of(patch)), operation)
        if patch.edit is not None and patch.ident in target.children:
            self._after(target, patch, patch.edit, path)

    def _merge(
        self, target: Node, patch: Node, found: Node | None, inside: tuple[str, ...], operation: Operation
    ) -> None:
        node = found
        if node is None:
            node = Node(patch.statement, patch.keys)
            node.inactive, node.protected = patch.inactive, patch.protected
        if operation != "none":
            node.text = patch.text
        before = len(node.children)
        # Children inherit an explicit operation, as in NETCONF; children of an unmarked node have the default one.
        self._children(node, patch, inside, "none" if operation == "none" else "merge")
        useless = found is None and patch.children and not node.children and not before
        if _hollow(node) or useless:
            target.children.pop(node.ident, None)
        elif found is None:
            _leave_choice(target, node)
            target.put(node)

    def _delete(
        self, target: Node, patch: Node, found: Node | None, path: tuple[str, ...], operation: Operation
    ) -> None:
        other_value = found is not None and patch.text and not patch.statement.secret and patch.text != found.text
        if found is None or other_value:
            if operation == "delete":
                self._complain(NOT_FOUND, patch, path, severity="warning")
            return
        del target.children[patch.ident]

    def _delete_every(self, target: Node, patch: Node, path: tuple[str, ...]) -> None:
        doomed = [ident for ident, node in target.children.items() if node.statement is patch.statement]
        if not doomed:
            self._complain(NOT_FOUND, patch, path, severity="warning")
        for ident in doomed:
            del target.children[ident]

    def _after(self, target: Node, patch: Node, edit: Edit, path: tuple[str, ...]) -> None:
        """Apply the marks that change a statement's state or position, not its content."""
        node = target.children[patch.ident]
        if edit.activity:
            node.inactive = edit.activity == "inactive"
        if edit.protection:
            node.protected = edit.protection == "protect"
        if edit.rename:
            self._rename(target, node, edit.rename, path)
        if edit.insert:
            self._insert(target, node, edit, path)

    def _rename(self, target: Node, node: Node, keys: Ident, path: tuple[str, ...]) -> None:
        twin = Node(node.statement, keys, node.text)
        twin.children, twin.inactive, twin.protected = node.children, node.inactive, node.protected
        if twin.ident in target.children:
            self._complain("statement already exists", twin, path, error_tag="data-exists")
            return
        target.children = {
            (twin.ident if ident == node.ident else ident): (twin if ident == node.ident else child)
            for ident, child in target.children.items()
        }

    def _insert(self, target: Node, node: Node, edit: Edit, path: tuple[str, ...]) -> None:
        others = [child for child in target.children.values() if child is not node]
        if edit.insert in ("before", "after"):
            place = next((n for n, child in enumerate(others) if child.ident == edit.anchor), None)
            if place is None:
                self._complain(NOT_FOUND, Node(node.statement, edit.anchor[1:]), path, severity="warning")
                return
            place += edit.insert == "after"
        else:
            place = 0 if edit.insert == "first" else len(others)
        others.insert(place, node)
        target.children = {child.ident: child for child in others}

    def _refuse_protected(self, node: Node, path: tuple[str, ...]) -> None:
        message = f"{edit_path(path).replace('edit ', '')} is protected, '{' '.join(words_of(node))}' cannot be changed"
        self.problems.append(Problem(message, "warning", edit_path(path), " ".join(words_of(node))))

    def _complain(
        self,
        message: str,
        node: Node,
        path: tuple[str, ...],
        *,
        severity: str = "error",
        error_tag: str = "operation-failed",
    ) -> None:
        element = " ".join(filter(None, words_of(node))) if not node.statement.confidential else node.statement.word
        self.problems.append(
            Problem(
                message, "warning" if severity == "warning" else "error", edit_path(path), element, error_tag=error_tag
            )
        )


def _leave_choice(target: Node, node: Node) -> None:
    """Delete the other cases of the node's choice."""
    choice = node.statement.choice
    if not choice:
        return
    for ident, child in list(target.children.items()):
        other = child.statement
        if other.choice == choice and other is not node.statement:
            del target.children[ident]
