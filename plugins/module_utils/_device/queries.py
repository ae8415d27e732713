# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The commands of this collection, by the words that an operator types, and their RPCs."""

from __future__ import annotations

import typing as t
from xml.sax.saxutils import escape

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood, ReplyRefused
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import COMMANDS, parse

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

NEXT_HOP_TUNNELS = "show security ipsec next-hop-tunnels"
IKE_SECURITY_ASSOCIATIONS = "show security ike security-associations"
IPSEC_SECURITY_ASSOCIATIONS = "show security ipsec security-associations"
IPSEC_STATISTICS = "show security ipsec statistics"
INACTIVE_TUNNELS = "show security ipsec inactive-tunnels"
ROUTE = "show route"
MATCH_POLICIES = "show security match-policies"
STORAGE = "show system storage"
COMMITS = "show system commit"
UPTIME = "show system uptime"
VERSION = "show version"
INTERFACES = "show interfaces"
PING = "ping"
LOG = "show log"

# Its XML elements are published nowhere.
_ASKED_AS_TEXT = (NEXT_HOP_TUNNELS,)


def request(command: str, arguments: t.Mapping[str, t.Any] | None = None) -> str:
    """Return the RPC of a command as XML text. An argument is a value, or ``True`` for one without, as ``detail``."""
    name = COMMANDS[command].rpc
    attributes = ' format="text"' if command in _ASKED_AS_TEXT else ""
    words = [
        f"<{key}/>" if value is True else f"<{key}>{escape(str(value))}</{key}>"
        for key, value in (arguments or {}).items()
        if value is not None and value is not False
    ]
    return f"<{name}{attributes}>{''.join(words)}</{name}>"


def ask(session: Session, command: str, arguments: t.Mapping[str, t.Any] | None = None) -> Answer[t.Any]:
    """Send one command and return its answer: a refusal and an unknown layout are states of it, not an empty answer.

    A reply with a part in doubt is not understood, and its reason is that part. Raise SessionError where the
    session breaks.
    """
    try:
        parsed = parse(command, session.rpc(request(command, arguments)))
    except ReplyRefused as error:
        return Answer("refused", reason=str(error))
    except ReplyNotUnderstood as error:
        return Answer("not_understood", reason=str(error))
    if parsed.doubts:
        return Answer("not_understood", parsed.items, parsed.source, f"{command}: {'; '.join(parsed.doubts)}")
    return Answer("ok", parsed.items, parsed.source)
