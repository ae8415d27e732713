# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Replies to lock, load, commit check and commit: success, errors, or neither."""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import (
    CommitOutcome,
    DeviceMessage,
    LockHolder,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import child_text, excerpt
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.reply import decoded, errors_in, tree
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.screen import command_in, is_decoration

_DONE = ("ok", "commit-success", "commit-check-success", "load-success")
# Elements whose own text is for people.
_WITH_TEXT = ("rpc-reply", "commit-results", "load-configuration-results", "routing-engine", "output")
_DONE_WORDS = re.compile(r"commit complete|configuration check succeeds|load complete|commit confirmed will be .*")
_DENIED = re.compile(r"(?:configuration database (?:locked|modified)|cannot proceed,).*", re.IGNORECASE)
_HOLDER = re.compile(
    r"locked by:\s*(?P<user>\S+)(?: terminal (?P<terminal>[^\s(]+)?)?\s*(?:\(pid (?P<pid>[0-9]{1,9})\))?"
    r"(?: on since (?P<since>[^,\n]+))?(?:, idle (?P<idle>[\d:w]+))?"
)


def commit_outcome(reply: str | bytes) -> CommitOutcome:
    """Return the outcome of a reply to lock, load, commit check or commit, XML or text. Raise nothing.

    Success with warnings is success. A reply that is truncated, contradicts itself, or reports neither success nor an
    error is ``unknown``: clusters and old releases do not close ``<routing-engine>``, and only the state of the device
    shows what happened.
    """
    text = decoded(reply)
    if not text.lstrip().startswith("<"):
        return _text_outcome(text)
    try:
        root = tree(text)
    except ReplyNotUnderstood as error:
        return CommitOutcome(state="unknown", reason=f"{error}; read the state of the device again")
    said, noted = _text_messages(_lines(root))
    errors = (*(_message(error) for error in errors_in(root)), *said)
    warnings = (*(_message(warning) for warning in _warnings(root)), *noted)
    counted = child_text(root, ".//load-error-count")
    if errors or (counted and counted != "0"):
        errors = errors or (DeviceMessage(f"{counted} errors while loading"),)
        return CommitOutcome(state="failed", errors=errors, warnings=warnings)
    for engine in root.iter("routing-engine"):
        if not any(engine.find(mark) is not None for mark in _DONE):
            name = child_text(engine, "name") or "routing engine"
            reason = f"{name} reported neither success nor an error"
            return CommitOutcome(state="unknown", warnings=warnings, reason=reason)
    if any(True for mark in _DONE for _found in root.iter(mark)):
        return CommitOutcome(state="ok", warnings=warnings)
    return CommitOutcome(state="unknown", warnings=warnings, reason=f"neither success nor an error in {excerpt(text)}")


def _lines(root: ET.Element) -> list[str]:
    """Return the lines of text in a reply: a daemon may write its error there, in a reply of success."""
    pieces = [
        text
        for element in root.iter()
        if element.tag in _WITH_TEXT
        for text in (element.text, *(one.tail for one in element))
    ]
    return [line.strip() for text in pieces for line in (text or "").splitlines()]


def lock_holder(message: str) -> LockHolder | None:
    """Return the holder of the lock from Junos's denial, ``None`` where it names no user. ``message`` is the reply."""
    found = _HOLDER.search(message)
    if found is None:
        return None
    pid = found.group("pid")
    since = found.group("since")
    return LockHolder(
        user=found.group("user"),
        terminal=found.group("terminal"),
        pid=int(pid) if pid else None,
        since=since.strip() if since else None,
        idle=found.group("idle"),
    )


def _warnings(root: ET.Element) -> t.Iterator[ET.Element]:
    for element in root.iter():
        netconf = element.tag == "rpc-error" and child_text(element, "error-severity") == "warning"
        if netconf or (element.tag == "warning" and element.find("message") is not None):
            yield element


def _message(element: ET.Element) -> DeviceMessage:
    message = child_text(element, "error-message") or child_text(element, "message") or "no message"
    return DeviceMessage(
        message=mask(message),
        path=_masked(child_text(element, "error-path") or child_text(element, "edit-path")),
        element=_masked(child_text(element, "error-info/bad-element") or child_text(element, "statement")),
        daemon=child_text(element, "source-daemon"),
    )


def _masked(value: str | None) -> str | None:
    return mask(value) if value else None


def _text_outcome(text: str) -> CommitOutcome:
    lines = [line.strip() for line in text.splitlines()]
    if any(_DENIED.fullmatch(line) for line in lines):
        return CommitOutcome(state="failed", errors=(DeviceMessage(mask(" ".join(text.split()))),))
    errors, warnings = _text_messages(lines)
    if errors:
        return CommitOutcome(state="failed", errors=errors, warnings=warnings)
    if any(_DONE_WORDS.fullmatch(line) for line in lines):
        return CommitOutcome(state="ok", warnings=warnings)
    return CommitOutcome(state="unknown", warnings=warnings, reason=f"neither success nor an error in {excerpt(text)}")


def _text_messages(lines: t.Iterable[str]) -> tuple[tuple[DeviceMessage, ...], tuple[DeviceMessage, ...]]:
    """Return the errors and the warnings of the CLI's output.

    The CLI prints the path, the statement in quotes, and the error on a line each. An unknown line is a warning.
    """
    errors: list[DeviceMessage] = []
    warnings: list[DeviceMessage] = []
    path = element = None
    for line in lines:
        if re.fullmatch(r"\[edit.*\]", line):
            path, element = mask(line), None
        elif path and (quoted := re.fullmatch(r"'(.+)'", line)):
            element = mask(quoted.group(1))
        elif line.lower().startswith("warning:"):
            warnings.append(DeviceMessage(mask(line.partition(":")[2].strip()), path, element))
        elif line.lower().startswith("error:"):
            errors.append(DeviceMessage(mask(line.partition(":")[2].strip())))
            path = element = None
        elif path and element and line and not _DONE_WORDS.fullmatch(line):
            errors.append(DeviceMessage(mask(line), path, element))
            path = element = None
        elif not (is_decoration(line) or _DONE_WORDS.fullmatch(line) or command_in(line, "commit") is not None):
            warnings.append(DeviceMessage(mask(line)))
    return tuple(errors), tuple(warnings)
