# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The operation of each module for one device, over an open session: options in, result out."""

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
from ansible_collections.hubspoke.srx.plugins.module_utils._device.storage import MIB, assess
from ansible_collections.hubspoke.srx.plugins.module_utils._module_backends.clear import clear
from ansible_collections.hubspoke.srx.plugins.module_utils._module_backends.ike_log import ike_log
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import parse

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

Arguments = t.Mapping[str, t.Any]
Result = dict[str, t.Any]


@dataclass(frozen=True)
class Table:
    """A module that returns a table: its key in the result, its command, its options by their RPC arguments.

    ``repeated`` are options that every row has too, since the reply does not name them. ``own`` are options that are
    not sent to the device.
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
        result.update(self.rows(parsed.items, arguments))
        if arguments.get("raw"):
            result["raw"] = plain_data(reply)
        return result

    def rows(self, items: t.Sequence[t.Any], arguments: Arguments) -> Result:
        """Return the rows under their key, with the fields that concern them all."""
        repeated = {option: arguments.get(option) for option in self.repeated}
        return {self.key: [as_data(item) | repeated for item in items]}


class Storage(Table):
    """The file systems, each with a state, and the state of the device."""

    def rows(self, items: t.Sequence[t.Any], arguments: Arguments) -> Result:
        """Return the file systems with their states, and the state that follows for the device."""
        found = assess(items, arguments["max_used_percent"], arguments["min_free_mib"] * MIB)
        full = [f"{one.mounted_on}: {one.reason}" for one in found if one.state == "failed"]
        state = "failed" if full else "ok" if any(one.state == "ok" for one in found) else "unknown"
        message = "there is room where the device writes" if state == "ok" else "no file system could be assessed"
        return {"state": state, "msg": "; ".join(full) or message, **super().rows(found, arguments)}


def ping(session: Session, arguments: Arguments) -> Result:
    """Ping from the device. The reply comes when the run has ended, after up to ``count`` times ``wait`` seconds."""
    words = {name: arguments[name] for name in ("count", "wait", "source", "interface", "size")}
    asked = request(PING, {"host": arguments["destination"], **words})
    reply = session.rpc(asked, timeout=session.target.timeout + arguments["count"] * (arguments["wait"] + 1))
    parsed = parse(PING, reply)
    return {"changed": False, "source": parsed.source, "notes": list(parsed.notes), **as_data(parsed.items[0])}


def as_data(item: t.Any) -> dict[str, t.Any]:
    """Return a row as plain data, rows inside it too."""
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


class Change(t.Protocol):
    """An operation that changes a device; in check mode it only returns the change."""

    def __call__(self, session: Session, arguments: Arguments, *, check_mode: bool) -> Result:
        """Return the result of the module."""


CHANGES: dict[str, Change] = {
    "clear_security_associations": clear,
}
