# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Collect the replies of a device for support. Note each refusal, and mask every secret."""

from __future__ import annotations

import posixpath
import re
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.hubspoke.srx.plugins.module_utils._collect.commands import (
    LOGS,
    TRACES,
    Question,
    configured,
    logs,
    shown,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.fan_out import FanOut
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import (
    HubspokeError,
    ReplyNotUnderstood,
    ReplyRefused,
    SessionError,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Progress
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import child_text
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import parse
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.reply import errors_in, text_of, tree

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

ItemState = t.Literal["ok", "refused", "lost", "not_asked"]
# One lost reply can come from a slow table. After another one the device is not asked any more.
_LOSSES = 2
_ERROR = re.compile(r"<(?:\w+:)?(?:rpc-)?error\b")
# An error comes first or alone; a table is not searched for the word.
_HEAD = 4000


@dataclass(frozen=True)
class Item:
    """One reply: its file in the archive, the command and the state. ``content`` is masked.

    ``cut`` is how many bytes of the oldest part were dropped.
    """

    file: str
    command: str
    state: ItemState
    content: str = field(default="", repr=False)
    reason: str = ""
    cut: int = 0

    def as_data(self) -> dict[str, t.Any]:
        """Return the entry of an index, without the content."""
        return {
            "file": self.file,
            "command": self.command,
            "state": self.state,
            "reason": self.reason,
            "bytes": len(self.content.encode()),
            "cut_bytes": self.cut,
        }


@dataclass(frozen=True)
class Collected:
    """The replies of one device. ``error`` says why some or all are missing, ``device_time`` is the device's text."""

    host: str
    items: tuple[Item, ...] = ()
    device_time: str | None = None
    release: str | None = None
    error: str = ""
    unreachable: bool = False


def collect(
    plans: t.Sequence[DevicePlan],
    connect: t.Callable[[str], Session],
    hide: t.Callable[[str], str],
    max_log_bytes: int,
    sessions_at_once: int,
    keep: t.Callable[[Collected], dict[str, t.Any]],
    *,
    progress: Progress | None = None,
) -> list[dict[str, t.Any]]:
    """Return the results of ``keep`` for each device, in their order. A device that fails does not stop the others.

    Call ``keep`` as soon as a device is complete, so that only a few devices are in memory. Raise its errors.
    """
    problems: list[HubspokeError] = []

    def collect_device(plan: DevicePlan) -> dict[str, t.Any]:
        found = ask_all(connect(plan.host), plan, hide, max_log_bytes)
        try:
            return keep(found)
        except HubspokeError as error:
            problems.append(error)
            raise

    with FanOut(sessions_at_once, progress) as fan_out:
        answers = fan_out.answers("collect", plans, fan_out.log_in(collect_device))
    if problems:
        raise problems[0]
    return [
        keep(_not_read(plan.host, answer, hide)) if isinstance(answer, HubspokeError) else answer
        for plan, answer in zip(plans, answers, strict=True)
    ]


def _not_read(host: str, error: HubspokeError, hide: t.Callable[[str], str]) -> Collected:
    away = isinstance(error, SessionError) and error.is_away
    return Collected(host, error=hide(str(error)), unreachable=away)


def ask_all(session: Session, plan: DevicePlan, hide: t.Callable[[str], str], max_log_bytes: int) -> Collected:
    """Return all replies of one device. Raise SessionError where no session can be opened."""
    collection = _Collection(session, hide)
    session.open()
    try:
        for question in (*configured(plan.group), *(one for unit in plan.site.units for one in shown(unit.interface))):
            collection.add(question)
        listed, statements = collection.ask(LOGS), collection.ask(TRACES)
        names = None if listed is None else _names(listed)
        found = [collection.add(question, max_log_bytes) for question in logs(names, statements or "")]
        # Without a list of the files, a refusal only says that this name does not exist.
        if names is None and any(one.state == "ok" for one in found):
            collection.items = [one for one in collection.items if one not in found or one.state != "refused"]
    finally:
        session.close()
    return Collected(
        plan.host,
        tuple(collection.items),
        _first(collection.xml, "show system uptime", "current_time"),
        _first(collection.xml, "show version", "release"),
        collection.broken,
    )


class _Collection:
    """The replies of one device so far. ``broken`` says why no more can be asked, empty while the session works."""

    def __init__(self, session: Session, hide: t.Callable[[str], str]) -> None:
        self.items: list[Item] = []
        self.xml: dict[str, str] = {}
        self.broken = ""
        self._session, self._hide = session, hide
        self._losses = 0

    def add(self, question: Question, max_bytes: int | None = None) -> Item:
        """Send the command of a file of the archive. Add its reply or refusal to ``items``, and return it."""
        found = Item(question.file, self._hide(question.command), "not_asked", reason=self.broken)
        if not self.broken:
            try:
                reply = self._session.rpc(question.request)
            except (ReplyRefused, ReplyNotUnderstood) as error:
                found = replace(found, state="refused", reason=self._hide(str(error)))
            except SessionError as error:
                found = replace(found, state="lost", reason=self._hide(str(error)))
                self._reopen(found.reason)
            else:
                found = self._read(question, reply, found, max_bytes)
        self.items.append(found)
        return found

    def ask(self, question: Question) -> str | None:
        """Return the reply to a question that is not for the archive; ``None`` without one."""
        if self.broken:
            return None
        try:
            return self._session.rpc(question.request)
        except (ReplyRefused, ReplyNotUnderstood):
            return None
        except SessionError as error:
            self._reopen(self._hide(str(error)))
            return None

    def _reopen(self, reason: str) -> None:
        """Open the session again after a lost reply, which makes it unusable; set ``broken`` where that fails."""
        self._losses += 1
        if self._losses >= _LOSSES:
            self.broken = reason
            return
        try:
            self._session.close()
            self._session.open()
        except SessionError as error:
            self.broken = self._hide(str(error))

    def _read(self, question: Question, reply: str, found: Item, max_bytes: int | None) -> Item:
        refusal = _refusal(reply)
        if refusal:
            return replace(found, state="refused", reason=self._hide(f"{self._session.target.host}: {refusal}"))
        if question.form == "xml":
            self.xml[question.command] = reply
            return replace(found, state="ok", content=self._hide(f"{reply.rstrip()}\n"))
        # Mask before cutting: a secret without its beginning would not be recognised.
        content, cut = newest(self._hide(_text(reply)), max_bytes)
        return replace(found, state="ok", content=content, cut=cut)


def newest(text: str, max_bytes: int | None) -> tuple[str, int]:
    """Return the whole lines at the end of a text that fit into ``max_bytes``, and how many bytes are dropped."""
    whole = text.encode()
    if max_bytes is None or len(whole) <= max_bytes:
        return text, 0
    start = len(whole) - max_bytes
    # A line that begins exactly at the cut is complete.
    start = whole.find(b"\n", start - 1) + 1 or len(whole)
    return whole[start:].decode(), start


def _text(reply: str) -> str:
    try:
        return text_of(reply).lstrip("\n")
    except ReplyNotUnderstood:
        return reply


def _refusal(reply: str) -> str:
    """Return a daemon's error, as XML or text, in a reply without a NETCONF error; empty without one."""
    if not _ERROR.search(reply[:_HEAD]):
        text = re.sub(r"<[^>]*>", "", reply[:_HEAD]).strip()
        return text if text.startswith("error: ") and "\n" not in text else ""
    try:
        said = [child_text(one, "message") or child_text(one, "error-message") or "" for one in errors_in(tree(reply))]
    except ReplyNotUnderstood:
        return ""
    return "; ".join(" ".join(one.split()) for one in said if one)


def _names(listing: str) -> list[str] | None:
    try:
        found = [element.text or "" for element in tree(listing).iter("file-name")]
    except ReplyNotUnderstood:
        return None
    # Some releases print whole paths, and mark what a file is.
    return list(dict.fromkeys(posixpath.basename(name.strip().rstrip("*@")) for name in found))


def _first(replies: t.Mapping[str, str], command: str, name: str) -> str | None:
    try:
        rows = parse(command, replies[command]).items
    except (KeyError, HubspokeError):
        return None
    return getattr(rows[0], name) if rows else None
