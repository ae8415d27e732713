# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exclusive lock and private copies."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager

from lxml import etree

from tests.lab.config.candidate import DatabaseError
from tests.lab.config.problems import Problem
from tests.lab.netconf.reply import RpcFailed, local, syntax_error

if t.TYPE_CHECKING:
    from tests.lab.netconf.session import Session

_DISCARDED = Problem("uncommitted changes will be discarded on exit", severity="warning")


@contextmanager
def database_errors(wrapper: str | None = None) -> t.Iterator[None]:
    """Convert the refusals of the configuration database to rpc-errors."""
    try:
        yield
    except DatabaseError as error:
        raise RpcFailed(error.problem, wrapper=wrapper) from error


def no_such_session(wanted: str) -> RpcFailed:
    """Return the refusal to end a session that does not exist, or is the client's own."""
    return RpcFailed(Problem(f"invalid session-id {wanted}", error_tag="invalid-value", bad_element="session-id"))


def datastore(request: etree._Element, role: str) -> str:
    """Return the datastore that ``source`` or ``target`` names: ``candidate`` or ``running``."""
    holder = request.find(f"{{*}}{role}")
    name = next((local(child) for child in holder.iterchildren(etree.Element)), "") if holder is not None else ""
    if name not in ("candidate", "running"):
        raise syntax_error(name or role)
    return name


def _lock(session: Session, request: etree._Element) -> str:
    if local(request) == "lock" and datastore(request, "target") != "candidate":
        raise RpcFailed(Problem("only the candidate can be locked", bad_element="running"))
    return _lock_candidate(session)


def _lock_candidate(session: Session) -> str:
    with database_errors():
        session.device.database.desk.lock(session.id)
    return session.dialect.ok


def _unlock(session: Session, request: etree._Element) -> str:
    with database_errors():
        session.device.database.desk.unlock(session.id)
    return session.dialect.ok


def _open(session: Session, request: etree._Element) -> str:
    mode = next((local(child) for child in request.iterchildren(etree.Element)), "")
    if mode == "exclusive":
        return _lock_candidate(session)
    if mode != "private":
        raise syntax_error(mode or "open-configuration")
    with database_errors():
        session.device.database.desk.open_private(session.id)
    return session.dialect.well([_DISCARDED])


def _close(session: Session, request: etree._Element) -> str:
    with database_errors():
        session.device.database.desk.close(session.id)
    return session.dialect.ok


HANDLERS: dict[str, t.Callable[[Session, etree._Element], str]] = {
    "lock": _lock,
    "lock-configuration": _lock,
    "unlock": _unlock,
    "unlock-configuration": _unlock,
    "open-configuration": _open,
    "close-configuration": _close,
}
