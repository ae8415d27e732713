# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Replies to lock, load, check and commit: done, refused with reasons, or not told."""

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
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import child_text, unreadable
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.reply import decoded, errors_in, tree

_DONE = ("ok", "commit-success", "commit-check-success", "load-success")
_DONE_WORDS = re.compile(r"commit complete|configuration check succeeds|load complete|commit confirmed will be .*")
_DENIED = re.compile(r"(?:configuration database (?:locked|modified)|cannot proceed,).*", re.IGNORECASE)
_HOLDER = re.compile(
    r"locked by:\s*(?P<user>\S+)(?: terminal (?P<terminal>[^\s(]+)?)?\s*(?:\(pid (?P<pid>[0-9]{1,9})\))?"
    r"(?: on since (?P<since>[^,\n]+))?(?:, idle (?P<idle>[\d:w]+))?"
)


def commit_outcome(reply: str | bytes) -> CommitOutcome:
    """What a reply to lock, load, commit check or commit says, XML or text. Never raises.

    Warnings beside success are success. A reply that is cut, contradicts itself or says neither is ``unknown``:
    clusters and old releases leave ``<routing-engine>`` unclosed, and then only the device's state can tell.
    """
    text = decoded(reply)
    if not text.lstrip().startswith("<"):
        return _text_outcome(text)
    try:
        root = tree(text)
    except ReplyNotUnderstood as error:
        return CommitOutcome("unknown", reason=f"{error}; read the state of the device again")
    errors = tuple(_message(error) for error in errors_in(root))
    warnings = tuple(_message(warning) for warning in _warnings(root))
    counted = child_text(root, ".//load-error-count")
    if errors or (counted and counted != "0"):
        return CommitOutcome("failed", errors or (DeviceMessage(f"{counted} errors while loading"),), warnings)
    for engine in root.iter("routing-engine"):
        if not any(engine.find(mark) is not None for mark in _DONE):
            name = child_text(engine, "name") or "routing engine"
            return CommitOutcome("unknown", (), warnings, f"{name} reported neither success nor an error")
    if any(True for mark in _DONE for _found in root.iter(mark)):
        return CommitOutcome("ok", (), warnings)
    return CommitOutcome("unknown", (), warnings, f"neither success nor an error in {unreadable(text)}")


def lock_holder(message: str) -> LockHolder | None:
    """Who holds the lock, from the words of a denial; ``None`` where they name nobody."""
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
    errors: list[DeviceMessage] = []
    warnings: list[DeviceMessage] = []
    done = False
    path = element = None
    for line in (line.strip() for line in text.splitlines()):
        if re.fullmatch(r"\[edit.*\]", line):
            path, element = mask(line), None
        elif path and (quoted := re.fullmatch(r"'(.+)'", line)):
            element = mask(quoted.group(1))
        elif line.lower().startswith("warning:"):
            warnings.append(DeviceMessage(mask(line[8:].strip()), path, element))
        elif line.lower().startswith("error:"):
            errors.append(DeviceMessage(mask(line[6:].strip())))
            path = element = None
        elif _DENIED.fullmatch(line):
            return CommitOutcome("failed", (DeviceMessage(mask(" ".join(text.split()))),))
        elif _DONE_WORDS.fullmatch(line):
            done = True
        elif path and element and line:
            errors.append(DeviceMessage(mask(line), path, element))
            path = element = None
    if errors:
        return CommitOutcome("failed", tuple(errors), tuple(warnings))
    if done:
        return CommitOutcome("ok", (), tuple(warnings))
    return CommitOutcome("unknown", (), tuple(warnings), f"neither success nor an error in {unreadable(text)}")
