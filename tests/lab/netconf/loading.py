# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Change the candidate: ``load-configuration`` in all formats and actions, ``edit-config``, rollback."""

from __future__ import annotations

import typing as t

from lxml import etree

from tests.lab.config.database import Action, Format
from tests.lab.config.problems import LoadResult, Problem
from tests.lab.config.tree import Operation
from tests.lab.netconf.locking import database_errors, datastore
from tests.lab.netconf.reply import RpcFailed, local, syntax_error

if t.TYPE_CHECKING:
    from tests.lab.netconf.session import Session

RESULTS = "load-configuration-results"

_FORMATS: dict[str, Format] = {
    "configuration": "xml",
    "configuration-text": "text",
    "configuration-set": "set",
    "configuration-json": "json",
}
_ACTIONS: dict[str, Action] = {name: name for name in t.get_args(Action)}
_DEFAULTS: dict[str, Operation] = {"merge": "merge", "replace": "replace", "none": "none"}


def _load(session: Session, request: etree._Element) -> str:
    number = request.get("rollback")
    if number is not None:
        return _rollback(session, number)
    if request.get("rescue") is not None:
        return _load_rescue(session)
    if request.get("url") is not None:
        raise RpcFailed(Problem("the lab loads what the request holds, not a url", bad_element="url"), wrapper=RESULTS)
    action = _ACTIONS.get(request.get("action", "merge"))
    child = next(request.iterchildren(etree.Element), None)
    if action is None or child is None:
        raise syntax_error(request.get("action", "load-configuration") if action is None else "load-configuration")
    form = _FORMATS.get(local(child))
    if form is None or not _is_consistent(form, action, request.get("format", "xml")):
        raise syntax_error(local(child))
    _refuse_shared_on_cluster(session)
    with database_errors(RESULTS):
        content = request if form == "xml" else "".join(map(str, child.itertext()))
        result = session.device.database.load(session.id, content, form, action)
    return _results(session, result)


def _is_consistent(form: Format, action: Action, said: str) -> bool:
    """Return whether the element that holds the configuration fits the attributes of the request."""
    if form == "set" or action == "set":
        return form == "set" and action == "set" and said in ("text", "xml")
    return form == said


def _results(session: Session, result: LoadResult) -> str:
    return f"<{RESULTS}>\n{_said(session, result)}\n</{RESULTS}>"


def _said(session: Session, result: LoadResult) -> str:
    if result.ok:
        return session.dialect.well(result.warnings)
    return session.dialect.problems((*result.errors, *result.warnings)).rstrip("\n")


def _rollback(session: Session, number: str) -> str:
    if not number.isdigit():
        raise syntax_error("rollback")
    with database_errors(RESULTS):
        session.device.database.rollback(int(number), session.id)
    return _results(session, LoadResult())


def _load_rescue(session: Session) -> str:
    rescue = session.device.rescue
    if rescue is None:
        raise RpcFailed(Problem("No rescue configuration is set"), wrapper=RESULTS)
    with database_errors(RESULTS):
        return _results(session, session.device.database.load(session.id, rescue, "text", "override"))


def _refuse_shared_on_cluster(session: Session) -> None:
    """Refuse to edit the shared candidate of a cluster, in words of the lab: no real refusal is recorded."""
    desk = session.device.database.desk
    if session.device.options.cluster and desk.holder != session.id and session.id not in desk.private:
        raise RpcFailed(Problem("shared editing is not possible on a cluster: open private or exclusive first"))


def _edit_config(session: Session, request: etree._Element) -> str:
    if datastore(request, "target") != "candidate":
        raise RpcFailed(Problem("only the candidate can be edited", bad_element="running"))
    default = _DEFAULTS.get(request.findtext("{*}default-operation", "merge").strip())
    option = request.findtext("{*}error-option", "stop-on-error").strip()
    if default is None or option not in ("stop-on-error", "ignore-error"):
        raise syntax_error("default-operation" if default is None else option)
    config, text = request.find("{*}config"), request.find("{*}config-text/{*}configuration-text")
    if config is None and text is None:
        raise syntax_error("edit-config")
    _refuse_shared_on_cluster(session)
    with database_errors():
        if text is not None:
            result = session.device.database.edit(session.id, text.text or "", "text", default)
        else:
            result = session.device.database.edit(session.id, t.cast("etree._Element", config), "xml", default)
    return _said(session, result)


def _discard(session: Session, request: etree._Element) -> str:
    with database_errors():
        session.device.database.rollback(0, session.id)
    return session.dialect.ok


def _delete_config(session: Session, request: etree._Element) -> str:
    if datastore(request, "target") != "candidate":
        raise RpcFailed(Problem("only the candidate can be deleted", bad_element="running"))
    with database_errors():
        session.device.database.delete_all(session.id)
    return session.dialect.ok


HANDLERS: dict[str, t.Callable[[Session, etree._Element], str]] = {
    "load-configuration": _load,
    "edit-config": _edit_config,
    "discard-changes": _discard,
    "delete-config": _delete_config,
}
