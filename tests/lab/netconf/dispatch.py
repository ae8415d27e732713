# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dispatch an RPC by its name: to the handlers of sessions and configuration, or to the operational ones."""

from __future__ import annotations

import typing as t
from xml.sax.saxutils import escape

from lxml import etree

from tests.lab import operational
from tests.lab.netconf import cli, commit, configuration, facts, loading, locking, rescue
from tests.lab.netconf.reply import RpcFailed, local, syntax_error

if t.TYPE_CHECKING:
    from tests.lab.netconf.session import Session

Handler = t.Callable[["Session", etree._Element], str]


def answer(session: Session, request: etree._Element) -> str:
    """Return the body of the reply to ``request``. Raise ``RpcFailed``."""
    name = local(request)
    handler = _HANDLERS.get(name)
    if handler is not None:
        return handler(session, request)
    return _operational(session, name, arguments_of(request), request.get("format", "xml"))


def arguments_of(request: etree._Element) -> dict[str, str | bool]:
    """Return the arguments of an RPC: an empty element is a flag, any other a value."""
    return {local(child): (child.text or "").strip() or True for child in request.iterchildren(etree.Element)}


def _operational(session: Session, name: str, arguments: dict[str, str | bool], form: str) -> str:
    device = session.device
    own = facts.answer(device, name, arguments)
    if own is not None:
        return serialise(own, session)
    if form not in ("xml", "text"):
        raise syntax_error(form)
    try:
        found = operational.answer(device.the_network, device.host, name, arguments, form)
    except operational.OperationalError as error:
        raise RpcFailed(error.problem) from error
    if found.xml is not None:
        return serialise(found.xml, session)
    return f"<output>\n{escape(found.text)}</output>" if found.text is not None else ""


def serialise(element: etree._Element, session: Session) -> str:
    """Return an element as text, without the namespace declarations of the reply around it."""
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    return text.replace(f' xmlns:junos="{session.dialect.junos}"', "")


def _close_session(session: Session, request: etree._Element) -> str:
    session.closing = True
    return session.dialect.ok


def _kill_session(session: Session, request: etree._Element) -> str:
    wanted = request.findtext("{*}session-id", "").strip()
    number = int(wanted) if wanted.isdigit() else 0
    victim = session.device.sessions.get(number)
    if victim is session or (victim is None and not session.device.end_foreign_session(number)):
        raise locking.no_such_session(wanted)
    if victim is not None:
        victim.kill()
    return session.dialect.ok


def _command(session: Session, request: etree._Element) -> str:
    """Execute a CLI command. Drop pipes that only filter the screen, as the device does."""
    return cli.run(session, (request.text or "").strip(), request.get("format", "xml"), _operational)


_HANDLERS: dict[str, Handler] = {
    "close-session": _close_session,
    "request-end-session": _close_session,
    "kill-session": _kill_session,
    "command": _command,
    **locking.HANDLERS,
    **loading.HANDLERS,
    **configuration.HANDLERS,
    **commit.HANDLERS,
    **rescue.HANDLERS,
}
