# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Log in to devices and ask what a first run must know. Nothing is locked, loaded, checked or changed."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, replace
from datetime import timedelta

from ansible_collections.hubspoke.srx.plugins.module_utils._config.conflicts import find_conflicts
from ansible_collections.hubspoke.srx.plugins.module_utils._config.earlier_groups import earlier_groups, without_groups
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import FILTER, of_group, outside
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import LoginError
from ansible_collections.hubspoke.srx.plugins.module_utils._device.commit_history import (
    describe,
    moment,
    pending_commit,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.fan_out import FanOut
from ansible_collections.hubspoke.srx.plugins.module_utils._device.locked_device import describe_holder
from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import STORAGE, UPTIME, VERSION, ask
from ansible_collections.hubspoke.srx.plugins.module_utils._device.storage import (
    FULL_FOR_COMMITS,
    free_bytes,
    full_for_commits,
    written_by_commits,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import (
    HubspokeError,
    ReplyNotUnderstood,
    ReplyRefused,
    Sentence,
    SessionError,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import CommitEntry, Uptime
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Progress
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, KeyCodec
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run_comment import RunComment
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.database_status import exclusive_user
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.existing import existing_parts, present_parts
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.facts import (
    UNKNOWN,
    Checked,
    Facts,
    Part,
    Pending,
)

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_offered_keys import OfferedKey
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session, Target

CHECK = "preflight"
# The smallest part of the candidate: its users come with any of it, and asking for it locks nothing.
_CANDIDATE = (
    '<get-config><source><candidate/></source><filter type="subtree"><configuration><version/></configuration></filter>'
    "</get-config>"
)
_SHOWN_PLACES = 5

T = t.TypeVar("T")


@dataclass(frozen=True)
class Question:
    """A device to ask. ``group`` is the name of our group there.

    ``job`` has its plan; a device that leaves the VPN has none, nor has one while the inventory is not complete.
    """

    host: str
    group: str
    job: Job | None = None
    is_planned: bool = True


def check_devices(
    questions: t.Sequence[Question],
    keys: t.Mapping[str, str],
    codec: KeyCodec,
    connect: t.Callable[[str], Session],
    offered_keys: t.Callable[[Target], t.Sequence[OfferedKey]],
    sessions_at_once: int,
    *,
    progress: Progress | None = None,
) -> tuple[Checked, ...]:
    """Return the result of each device, in the order of the questions. A device that fails does not stop the others.

    ``offered_keys`` returns the unknown host keys on the way to a device.
    """

    def check(question: Question) -> Checked:
        session = connect(question.host)
        try:
            session.open()
            return _Device(session, question).check(keys, codec)
        except SessionError as error:
            found = offered_keys(session.target) if error.reason == "host_key" else ()
            return _with_keys(not_reached(question.host, error), error, found)
        finally:
            session.close()

    with FanOut(sessions_at_once, progress) as fan_out:
        answers = fan_out.answers("examine", questions, fan_out.log_in(check))
    return tuple(
        not_reached(question.host, answer) if isinstance(answer, HubspokeError) else answer
        for question, answer in zip(questions, answers, strict=True)
    )


def not_reached(host: str, error: HubspokeError) -> Checked:
    """Return the result of a device that could not be read."""
    away = isinstance(error, SessionError) and error.is_away
    words = str(error).removeprefix(f"{host}: ")
    short, _stop, remedy = words.partition(". ")
    if isinstance(error, LoginError):
        short, remedy = Sentence.of(error.words, host).short, error.remedy
    return Checked(
        host,
        "unreachable" if away else "failed",
        short=short.rstrip("."),
        error=str(error),
        remedy=remedy,
        reason=error.reason,
    )


def _with_keys(one: Checked, error: SessionError, found: t.Sequence[OfferedKey]) -> Checked:
    """Return the result with the unknown host keys. One library knows no more of a key than an old fingerprint."""
    if not found:
        return one
    is_device = getattr(error, "kind", "") == "host_key_unknown"
    return replace(
        one,
        short=f"SSH host key: unknown {found[0].described}" if is_device else one.short,
        unknown_keys=tuple(str(key) for key in found),
        known_hosts=found[0].known_hosts,
    )


class _Device:
    """The questions to one device, and its answers."""

    def __init__(self, session: Session, question: Question) -> None:
        self._session = session
        self._question = question
        self._obstacles: list[Finding] = []
        self._unanswered: list[str] = []

    def check(self, keys: t.Mapping[str, str], codec: KeyCodec) -> Checked:
        """Return the facts and the obstacles. Raise SessionError where the session breaks."""
        software, (times, skew) = self._rows(VERSION), self._times()
        storage = self._rows(STORAGE)
        facts = Facts(
            release=software[0].release if software else None,
            model=software[0].model if software else None,
            uptime_seconds=_uptime(times) if times else None,
            clock_seconds=skew,
            free_bytes=min(
                (free for one in storage if written_by_commits(one) and (free := free_bytes(one)) is not None),
                default=None,
            ),
            pending=self._pending(),
            lock=self._lock(),
        )
        if full := full_for_commits(storage):
            self._hinder(
                "storage",
                f"less than {FULL_FOR_COMMITS}% used where commits are written",
                ", ".join(full),
                "Make room with 'request system storage cleanup'.",
            )
        self._candidate()
        commands = self._ask("configuration", lambda: self._session.statements(FILTER))
        if commands is None:
            self._hinder("configuration", "to be read", "refused", "Give the user a login class that may read it.")
        else:
            facts = self._compared(facts, commands, keys, codec)
        if not self._question.is_planned:
            self._hinder("plan", "complete", "not yet", "See what the plan lacks, below.")
        return Checked(
            self._question.host,
            "not_ready" if self._obstacles else "ready",
            facts=facts,
            obstacles=tuple(self._obstacles),
            unanswered=tuple(self._unanswered),
        )

    # --- what the device has ---

    def _compared(self, facts: Facts, commands: list[str], keys: t.Mapping[str, str], codec: KeyCodec) -> Facts:
        group, job = self._question.group, self._question.job
        has_group = bool(of_group(commands, group))
        if job is None:
            present = () if self._question.is_planned else present_parts(outside(commands, group))
            return replace(facts, has_group=has_group, present=present)
        plan = job.plan
        earlier = earlier_groups(plan, commands)
        if earlier:
            self._hinder(
                "configuration groups",
                f"this VPN in {group} alone",
                f"in {', '.join(earlier)} too",
                f"Deploy with nhtb_move_group: {earlier[0]} to move it.",
            )
        commands = without_groups(commands, earlier)
        self._obstacles += [
            one for one in find_conflicts(plan, job.text, commands, keys, codec) if one.state == "failed"
        ]
        parts = (*_release(plan, facts), *existing_parts(plan, outside(commands, group)))
        return replace(facts, has_group=has_group, parts=parts)

    # --- the device itself ---

    def _times(self) -> tuple[Uptime | None, int | None]:
        """Return the times in the reply, and in seconds the clock of the device minus that of the controller."""
        before = time.time()
        rows = self._rows(UPTIME)
        middle = (before + time.time()) / 2
        if not rows:
            return None, None
        if rows[0].epoch_seconds is None:
            return rows[0], None
        return rows[0], round(rows[0].epoch_seconds - middle)

    def _pending(self) -> Pending | t.Literal["unknown"] | None:
        before = len(self._unanswered)
        entry = self._ask("show system commit", lambda: pending_commit(self._session))
        if entry is None:
            return UNKNOWN if len(self._unanswered) > before else None
        ours = RunComment.read(entry.comment or "") is not None
        self._hinder(
            "commit confirmed",
            "none pending",
            describe(entry),
            "Run the playbook recover: it is of a killed run of this collection."
            if ours
            else "Confirm it, or let it roll back.",
        )
        return Pending(entry.user, _until(entry))

    def _lock(self) -> t.Any:
        """Return the holder of the lock, ``None`` where it is free, else that it is unknown."""
        before = len(self._unanswered)
        holder = self._ask("get-config", lambda: exclusive_user(self._session.rpc(_CANDIDATE)))
        if holder is None:
            return UNKNOWN if len(self._unanswered) > before else None
        self._hinder(
            "lock of the configuration",
            "free",
            describe_holder(holder),
            "Ask them to leave configuration mode, or run"
            f" 'request system logout pid {holder.pid or '<pid>'}' if the session is dead.",
        )
        return holder

    def _candidate(self) -> None:
        compared = self._ask("compare", self._session.compare) or ""
        places = [line for line in compared.splitlines() if line.startswith("[edit")]
        if places:
            self._hinder(
                "shared candidate",
                "no uncommitted changes",
                f"changes at {'; '.join(places[:_SHOWN_PLACES])}",
                "They are another user's: commit them, or 'rollback 0' on the device.",
            )

    # --- asking ---

    def _rows(self, command: str) -> tuple[t.Any, ...]:
        answer = ask(self._session, command)
        if answer.state != "ok":
            self._unanswered.append(answer.reason)
        return tuple(answer.items)

    def _ask(self, name: str, question: t.Callable[[], T]) -> T | None:
        """Return the answer to a question, ``None`` without one. Raise SessionError where the session breaks."""
        try:
            return question()
        except (ReplyRefused, ReplyNotUnderstood) as error:
            self._unanswered.append(f"{name}: {error}")
        except SessionError as error:
            if error.reason == "lost":
                raise
            self._unanswered.append(f"{name}: {error}")
        return None

    def _hinder(self, place: str, expected: str, actual: str, remedy: str) -> None:
        self._obstacles.append(Finding(self._question.host, CHECK, place, "failed", expected, actual, remedy))


def _uptime(times: Uptime) -> int | None:
    try:
        return max(0, round((moment(times.current_time) - moment(times.booted)).total_seconds()))
    except ReplyNotUnderstood:
        return None


def _until(entry: CommitEntry) -> str:
    """Return the device's time of the automatic rollback, with the time zone."""
    if entry.confirmed_minutes is None:
        return ""
    try:
        end = moment(entry.date_time) + timedelta(minutes=entry.confirmed_minutes)
    except ReplyNotUnderstood:
        return ""
    return " ".join((f"{end:%H:%M:%S}", *entry.date_time.split()[2:3]))


def _release(plan: DevicePlan, facts: Facts) -> t.Iterator[Part]:
    planned, running = plan.site.release, facts.release
    if planned and running and planned != running:
        yield Part("release", planned, running, f"nhtb_release: {running}")
