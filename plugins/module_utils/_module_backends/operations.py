# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What each module that asks one device does, once a session is open: parameters in, result out."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import (
    COMMITS,
    IKE_SECURITY_ASSOCIATIONS,
    INACTIVE_TUNNELS,
    IPSEC_SECURITY_ASSOCIATIONS,
    IPSEC_STATISTICS,
    NEXT_HOP_TUNNELS,
    PING,
    ROUTE,
    STORAGE,
    request,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import plain_data
from ansible_collections.hubspoke.srx.plugins.module_utils._device.storage import MIB, judge
from ansible_collections.hubspoke.srx.plugins.module_utils._module_backends.clear import clear
from ansible_collections.hubspoke.srx.plugins.module_utils._module_backends.ike_log import ike_log
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import parse

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

Arguments = t.Mapping[str, t.Any]
Result = dict[str, t.Any]


@dataclass(frozen=True)
class Table:
    """A module that answers a table: under which key, to which command; its options by the RPC arguments they fill.

    ``repeated`` are options that stand in every row as they were asked for, since the reply does not tell. ``own`` are
    options that the device is not asked with.
    """

    key: str
    command: str
    options: t.Mapping[str, str] = field(default_factory=dict)
    repeated: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    def __call__(self, session: Session, arguments: Arguments) -> Result:
        words = {rpc: arguments.get(option) for option, rpc in self.options.items()}
        if level := arguments.get("level"):
            words[level] = True
        reply = session.rpc(request(self.command, words))
        parsed = parse(self.command, reply)
        result: Result = {"changed": False, "source": parsed.source, "notes": list(parsed.notes)}
        result.update(self.told(parsed.items, arguments))
        if arguments.get("raw"):
            result["raw"] = plain_data(reply)
        return result

    def told(self, items: t.Sequence[t.Any], arguments: Arguments) -> Result:
        """The rows under their key, and whatever is to be said of them all."""
        repeated = {option: arguments.get(option) for option in self.repeated}
        return {self.key: [as_data(item) | repeated for item in items]}


class Storage(Table):
    """The file systems, each judged, and what that comes to."""

    def told(self, items: t.Sequence[t.Any], arguments: Arguments) -> Result:
        rooms = judge(items, arguments["max_used_percent"], arguments["min_free_mib"] * MIB)
        full = [f"{room.mounted_on}: {room.reason}" for room in rooms if room.state == "failed"]
        state = "failed" if full else "ok" if any(room.state == "ok" for room in rooms) else "unknown"
        there_is = "there is room where the device writes" if state == "ok" else "nothing could be judged"
        return {"state": state, "msg": "; ".join(full) or there_is, **super().told(rooms, arguments)}


def ping(session: Session, arguments: Arguments) -> Result:
    """Ping from the device. The device blocks for the whole run, so the reply may take count times wait seconds."""
    words = {name: arguments[name] for name in ("count", "wait", "source", "interface", "size")}
    asked = request(PING, {"host": arguments["destination"], **words})
    reply = session.rpc(asked, timeout=session.target.timeout + arguments["count"] * (arguments["wait"] + 1))
    parsed = parse(PING, reply)
    return {"changed": False, "source": parsed.source, "notes": list(parsed.notes), **as_data(parsed.items[0])}


def as_data(item: t.Any) -> dict[str, t.Any]:
    """A row as plain data, rows within it too."""
    return {name: _plain(value) for name, value in vars(item).items()}


def _plain(value: t.Any) -> t.Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return as_data(value) if hasattr(value, "__dataclass_fields__") else value


OPERATIONS: dict[str, t.Callable[[Session, Arguments], Result]] = {
    "commit_info": Table("commits", COMMITS),
    "ike_log_info": ike_log,
    "ike_security_associations_info": Table(
        "security_associations",
        IKE_SECURITY_ASSOCIATIONS,
        {"peer_address": "peer-address"},
    ),
    "inactive_tunnels_info": Table("tunnels", INACTIVE_TUNNELS),
    "ipsec_security_associations_info": Table(
        "tunnels",
        IPSEC_SECURITY_ASSOCIATIONS,
        {"vpn": "show-vpnname-ipsec-security-association"},
    ),
    "ipsec_statistics_info": Table(
        "statistics",
        IPSEC_STATISTICS,
        {"tunnel_index": "show-index-ipsec-statistics"},
        repeated=("tunnel_index",),
    ),
    "next_hop_tunnels_info": Table("next_hop_tunnels", NEXT_HOP_TUNNELS),
    "ping": ping,
    "route_info": Table("routes", ROUTE, {"destination": "destination", "table": "table", "protocol": "protocol"}),
    "storage_info": Storage("filesystems", STORAGE, own=("max_used_percent", "min_free_mib")),
}

# What changes something on the device; the last argument says whether it shall only tell what it would.
CHANGES: dict[str, t.Callable[[Session, Arguments, bool], Result]] = {
    "clear_security_associations": clear,
}
