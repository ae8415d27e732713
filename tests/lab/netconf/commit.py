# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commit check, commit, commit confirmed in the minutes of Junos or the seconds of the standard, list of commits."""

from __future__ import annotations

import typing as t
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from tests.lab.clock import stamp
from tests.lab.config.problems import CHECK_FAILED, MANDATORY_FAILED, Problem
from tests.lab.netconf.locking import database_errors
from tests.lab.netconf.reply import RpcFailed, local, syntax_error

if t.TYPE_CHECKING:
    from tests.lab.config.database import CommitEntry
    from tests.lab.netconf.session import Session

RESULTS = "commit-results"

_FLAGS = frozenset({"check", "confirmed", "synchronize", "force-synchronize", "full"})
_VALUES = frozenset({"confirm-timeout", "log"})
_DEFAULT_MINUTES = 10
_DEFAULT_SECONDS = 600
_MAX_MINUTES = 65535


def _commit_configuration(session: Session, request: etree._Element) -> str:
    arguments = {local(child): (child.text or "").strip() for child in request.iterchildren(etree.Element)}
    if "at-time" in arguments:
        raise RpcFailed(Problem("commit at is not possible in the lab", bad_element="at-time"))
    for name in arguments:
        if name not in _FLAGS | _VALUES:
            raise syntax_error(name)
    if "check" in arguments:
        _check(session, RESULTS)
        return _engines(session, "commit-check-success")
    minutes = None
    if "confirmed" in arguments:
        minutes = float(_number(arguments, _DEFAULT_MINUTES, _MAX_MINUTES))
    _commit(session, arguments.get("log", ""), minutes, RESULTS)
    return _engines(session, "commit-success")


def _commit_rfc(session: Session, request: etree._Element) -> str:
    """Commit in the standard's form. Its timeout is in seconds: a client that means minutes loses its commit soon."""
    arguments = {local(child): (child.text or "").strip() for child in request.iterchildren(etree.Element)}
    for name in arguments:
        if name not in ("confirmed", "confirm-timeout"):
            raise syntax_error(name)
    minutes = None
    if "confirmed" in arguments:
        minutes = _number(arguments, _DEFAULT_SECONDS, _MAX_MINUTES * 60) / 60
    _commit(session, "", minutes, None)
    if minutes is not None:
        session.device.bound_to = session.id
    return session.dialect.ok


def _validate(session: Session, request: etree._Element) -> str:
    _check(session, None)
    return session.dialect.ok


def _number(arguments: dict[str, str], default: int, maximum: int) -> int:
    text = arguments.get("confirm-timeout", str(default))
    if not text.isdigit() or not 1 <= int(text) <= maximum:
        message = f"Value {text} is not within range (1..{maximum})"
        raise RpcFailed(Problem(message, error_tag="invalid-value", bad_element="confirm-timeout"))
    return int(text)


def _check(session: Session, wrapper: str | None) -> None:
    _refuse_by_fault(session, wrapper)
    with database_errors(wrapper):
        problems = session.device.database.check(session.id)
    _refuse(problems, wrapper)
    session.device.pending_changed()


def _commit(session: Session, log: str, minutes: float | None, wrapper: str | None) -> None:
    device = session.device
    _refuse_by_fault(session, wrapper)
    device.log(
        "mgd", f"UI_COMMIT: User '{session.user}' requested 'commit' operation (comment: {log or 'none'})", session.id
    )
    with database_errors(wrapper):
        problems = device.database.commit(session.user, "netconf", log, minutes, session=session.id)
    _refuse(problems, wrapper)
    device.log("mgd", "UI_COMMIT_COMPLETED: commit complete", session.id)
    device.bound_to = None
    device.pending_changed()
    device.committed_changed()


def _refuse(problems: t.Sequence[Problem], wrapper: str | None) -> None:
    if problems:
        missing = all(problem.message.lower().startswith("missing mandatory statement") for problem in problems)
        raise RpcFailed(*problems, Problem(MANDATORY_FAILED if missing else CHECK_FAILED), wrapper=wrapper)


def _refuse_by_fault(session: Session, wrapper: str | None) -> None:
    fault = session.device.faults.failed_check()
    if fault is not None:
        _refuse([Problem(fault.message, edit_path=fault.path or "", bad_element=fault.element or "")], wrapper)


def _engines(session: Session, verdict: str) -> str:
    cluster = session.device.options.cluster
    style = "show-name" if cluster else "normal"
    engines = "".join(
        f'<routing-engine junos:style="{style}">\n<name>{name}</name>\n<{verdict}/>\n</routing-engine>\n'
        for name in (("node0", "node1") if cluster else ("re0",))
    )
    return f"<{RESULTS}>\n{engines}</{RESULTS}>\n{session.dialect.ok}"


def unclosed(body: str) -> str:
    """Return a reply to a commit as some clusters send it: no wrapper, one engine, ``routing-engine`` not closed."""
    engines, end, rest = body.partition(f"</{RESULTS}>\n")
    if not end:
        return body
    return engines.partition("</routing-engine>\n")[0].replace(f"<{RESULTS}>\n", "") + rest


def commit_information(session: Session, form: str) -> str:
    """Return the list of commits, newest first."""
    history = list(enumerate(session.device.database.history))
    if form == "text":
        return f"<output>\n{escape(''.join(_text_entry(number, entry) for number, entry in history))}</output>"
    return (
        "<commit-information>\n" + "".join(_entry(number, entry) for number, entry in history) + "</commit-information>"
    )


def _entry(number: int, entry: CommitEntry) -> str:
    return (
        "<commit-history>\n"
        f"<sequence-number>{number}</sequence-number>\n{_who(entry)}"
        + (f"<comment>{escape(entry.comment)}</comment>\n" if entry.comment else "")
        + (f"<log>{escape(entry.log)}</log>\n" if entry.log else "")
        + "</commit-history>\n"
    )


def _who(entry: CommitEntry) -> str:
    return (
        f"<user>{escape(entry.user)}</user>\n<client>{escape(entry.client)}</client>\n"
        f"<date-time junos:seconds={quoteattr(str(int(entry.seconds)))}>{stamp(entry.seconds)}</date-time>\n"
    )


def _text_entry(number: int, entry: CommitEntry) -> str:
    comment = f" {entry.comment}" if entry.comment else ""
    log = f"    {entry.log}\n" if entry.log else ""
    return f"{number:<3} {stamp(entry.seconds)} by {entry.user} via {entry.client}{comment}\n{log}"


def _commit_information(session: Session, request: etree._Element) -> str:
    return commit_information(session, request.get("format", "xml"))


def _commit_revision(session: Session, request: etree._Element) -> str:
    entry = session.device.database.history[0]
    number = len(session.device.database.history)
    comment = f"<comment>{escape(entry.comment)}</comment>\n" if entry.comment else ""
    return (
        "<commit-revision-information>\n"
        f"<revision>re0-{int(entry.seconds)}-{number}</revision>\n{_who(entry)}{comment}"
        "</commit-revision-information>"
    )


HANDLERS: dict[str, t.Callable[[Session, etree._Element], str]] = {
    "commit-configuration": _commit_configuration,
    "commit": _commit_rfc,
    "validate": _validate,
    "get-commit-information": _commit_information,
    "get-commit-revision-information": _commit_revision,
}
