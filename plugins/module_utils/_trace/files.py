# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The files of traces: find their names, fetch their text, copy them to a server, delete them."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from xml.sax.saxutils import escape

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import in_effect
from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import LOG, request
from ansible_collections.hubspoke.srx.plugins.module_utils._device.storage import LOGS
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood, ReplyRefused
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import parse
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.reply import text_of
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.trace_plan import DEVICE_LOGS, TracePlan

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

# Words of ``traceoptions file`` that are no file names.
_ATTRIBUTES = ("size", "files", "match", "world-readable", "no-world-readable")
# Kinds of events with a cause of their own; that of a packet repeats the next one.
_FAILURES = ("phase1_failed", "phase2_failed", "negotiation_failed", "selector_mismatch")
# Up to the last @ of a word: a password may have one.
_LOGIN = re.compile(r"(://[^/@:\s]*:)\S*(@)")
# Junos's words for a failed copy: its reply has no other mark.
_REFUSED = re.compile(r"\berror\b|denied|refused|failed|no such|not found|unable|could not|timed out", re.IGNORECASE)


@dataclass(frozen=True)
class TraceFile:
    """A file of ``/var/log``, rotated or not; ``unread`` is the reason for a missing ``text``."""

    name: str
    text: str
    unread: str = ""

    @property
    def stem(self) -> str:
        """Return the name without the number of a rotated file."""
        return re.sub(r"\.\d+$", "", self.name)

    @property
    def lines(self) -> int:
        """Return the number of lines."""
        return len(self.text.splitlines())


def names_in_effect(session: Session, wanted: TracePlan) -> dict[str, str]:
    """Return the file that each trace writes, by the file that our group names.

    A ``traceoptions file`` outside the group overrides the group's.
    """
    config = in_effect(session.effective())
    found = {}
    for daemon, trace in (("ike", wanted.options.ike), ("flow", wanted.options.flow)):
        if trace is not None:
            place = ("security", daemon, "traceoptions", "file")
            named = [name for name in config.names(*place) if name not in _ATTRIBUTES]
            found[trace.file] = named[0] if named else trace.file
    return found


def fetch(session: Session, names: t.Iterable[str], most: int, hide: t.Callable[[str], str]) -> list[TraceFile]:
    """Return each file with up to ``most`` rotated ones, the oldest first; none where a trace has written nothing.

    ``hide`` masks their text. RPC ``get-log``, over the open session. Raise SessionError.
    """
    found: list[TraceFile] = []
    for name in names:
        older = []
        for number in range(most):
            if (one := _read(session, f"{name}.{number}", hide)) is None:
                break
            older.append(one)
        newest = _read(session, name, hide)
        found += [*reversed(older), *([newest] if newest else [])]
    return found


def _read(session: Session, name: str, hide: t.Callable[[str], str]) -> TraceFile | None:
    """Return one file, ``None`` where the device does not have it, as with most rotated ones."""
    try:
        text = text_of(session.rpc(request(LOG, {"filename": name}))).strip("\n")
    except ReplyRefused:
        return None
    except ReplyNotUnderstood as error:
        return TraceFile(name, "", f"{error} Let the device copy {name} to a server.")
    return TraceFile(name, hide(f"{text}\n") if text else "")


def failures(files: t.Iterable[TraceFile]) -> list[dict[str, t.Any]]:
    """Return the failed negotiations in IKE traces, each line once, with cause and remedy."""
    found: dict[str, dict[str, t.Any]] = {}
    for file in files:
        for event in parse(LOG, file.text).items if file.text else ():
            if event.kind in _FAILURES and event.cause:
                fields = {name: getattr(event, name) for name in ("time", "kind", "cause", "remote_address", "remedy")}
                found[event.line] = {**fields, "line": event.line}
    return list(found.values())


def copy_to(session: Session, names: t.Iterable[str], url: str, host: str, timeout: int) -> list[str]:
    """Let the device copy files to a server, below ``url``; return a sentence for each failure.

    RPC ``file-copy``. Devices differ in their replies to a success, so only words of a failure count.
    """
    failed = []
    for name in names:
        target = f"{url.rstrip('/')}/{host}-{name}"
        try:
            reply = session.rpc(
                f"<file-copy><source>{LOGS}/{escape(name)}</source><destination>{escape(target)}</destination></file-copy>",
                timeout=timeout,
            )
            actual = " ".join(text_of(reply).split())
            # The URL may have such words too.
            is_failure = _REFUSED.search(actual.replace(target, "")) is not None
        except ReplyRefused as error:
            actual, is_failure = str(error), True
        if is_failure:
            where = f"{LOGS}/{name} {shown(target)}"
            failed.append(f"{host}: file copy {where}: expected to succeed, actual {shown(actual)}.")
    return failed


def delete(session: Session, names: t.Iterable[str]) -> list[str]:
    """Delete files of ``/var/log`` by RPC ``file-delete``, never the device's own logs; return each refusal."""
    refused = []
    for name in names:
        if name.partition(".")[0] in DEVICE_LOGS:
            continue
        try:
            session.rpc(f"<file-delete><path>{LOGS}/{escape(name)}</path></file-delete>")
        except ReplyRefused as error:
            refused.append(str(error))
    return refused


def shown(text: str) -> str:
    """Return a text with the passwords in its URLs hidden."""
    return _LOGIN.sub(r"\1(masked)\2", text)
