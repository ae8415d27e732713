# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Save, show and delete the rescue configuration."""

from __future__ import annotations

import typing as t

from lxml import etree

from tests.lab.config import text
from tests.lab.config.problems import Problem
from tests.lab.netconf.configuration import output
from tests.lab.netconf.reply import RpcFailed

if t.TYPE_CHECKING:
    from tests.lab.netconf.session import Session

_DONE = """\
<rescue-management-results>
<routing-engine junos:style="normal">
<name>re0</name>
<success/>
</routing-engine>
</rescue-management-results>"""


def _save(session: Session, request: etree._Element) -> str:
    session.device.rescue = text.render(session.device.database.committed)
    return _DONE


def _delete(session: Session, request: etree._Element) -> str:
    session.device.rescue = None
    return _DONE


def _get(session: Session, request: etree._Element) -> str:
    if session.device.rescue is None:
        raise RpcFailed(Problem("No rescue configuration is set"))
    return f"<rescue-information>\n{output(session.device.rescue)}\n</rescue-information>"


HANDLERS: dict[str, t.Callable[[Session, etree._Element], str]] = {
    "request-save-rescue-configuration": _save,
    "request-delete-rescue-configuration": _delete,
    "get-rescue-information": _get,
}
