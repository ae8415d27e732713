# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What each module that asks one device does, once a session is open: parameters in, result out."""

from __future__ import annotations

import typing as t
from dataclasses import asdict
from xml.sax.saxutils import escape

from ansible_collections.hubspoke.srx.plugins.module_utils._observe import (
    IKE_SECURITY_ASSOCIATIONS,
    IPSEC_SECURITY_ASSOCIATIONS,
    NEXT_HOP_TUNNELS,
    REQUESTS,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._parse import parse
from ansible_collections.hubspoke.srx.plugins.module_utils._session import plain_data

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._session import Session

Arguments = t.Mapping[str, t.Any]
Result = dict[str, t.Any]


def _table(key: str, command: str, session: Session, arguments: Arguments) -> Result:
    """Ask for a table and answer its rows under C(key), with the way it was read."""
    request = REQUESTS[command]
    if arguments.get("level") == "brief":
        request = request.replace("<detail/>", "<brief/>")
    reply = session.rpc(request)
    parsed = parse(command, reply)
    result: Result = {
        "changed": False,
        key: [asdict(item) for item in parsed.items],
        "source": parsed.source,
        "notes": list(parsed.notes),
    }
    if arguments.get("raw"):
        result["raw"] = plain_data(reply)
    return result


def next_hop_tunnels(session: Session, arguments: Arguments) -> Result:
    return _table("next_hop_tunnels", NEXT_HOP_TUNNELS, session, arguments)


def ike_security_associations(session: Session, arguments: Arguments) -> Result:
    return _table("security_associations", IKE_SECURITY_ASSOCIATIONS, session, arguments)


def ipsec_security_associations(session: Session, arguments: Arguments) -> Result:
    return _table("tunnels", IPSEC_SECURITY_ASSOCIATIONS, session, arguments)


def ping(session: Session, arguments: Arguments) -> Result:
    """Ping from the device. The device blocks for the whole run, so the reply may take count times wait seconds."""
    words = [
        f"<host>{escape(arguments['destination'])}</host>",
        f"<count>{arguments['count']}</count>",
        f"<wait>{arguments['wait']}</wait>",
    ]
    for option in ("source", "interface", "size"):
        if arguments.get(option) is not None:
            words.append(f"<{option}>{escape(str(arguments[option]))}</{option}>")
    reply = session.rpc(
        f"<ping>{''.join(words)}</ping>", timeout=session.target.timeout + arguments["count"] * (arguments["wait"] + 1)
    )
    parsed = parse("ping", reply)
    return {"changed": False, "source": parsed.source, "notes": list(parsed.notes), **asdict(parsed.items[0])}


OPERATIONS: dict[str, t.Callable[[Session, Arguments], Result]] = {
    "next_hop_tunnels_info": next_hop_tunnels,
    "ike_security_associations_info": ike_security_associations,
    "ipsec_security_associations_info": ipsec_security_associations,
    "ping": ping,
}
