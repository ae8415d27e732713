# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reader of the parameters of a third-party peer as data, which stand for what its operator enters."""

from __future__ import annotations

import json
import typing as t
from ipaddress import IPv4Network

from tests.lab.network.view import DeviceView, Gateway, Identity, IkeProposal, IpsecProposal, Selector, StaticRoute, Vpn
from tests.lab.peers import parts
from tests.lab.peers.errors import PeerTextError

# The preference of a black-hole route: worse than any other.
_LAST = 255


def read(kind: str, host: str, text: str) -> DeviceView:
    """Return the view of a device. Raise ``PeerTextError`` for a text that is not understood."""
    if not text.strip():
        return parts.view(kind, host, {}, (), ())
    try:
        data = json.loads(text)
        interfaces = {
            one["name"]: parts.interface(one["name"], [one["address"]], tunnel=one["tunnel"])
            for one in data["interfaces"]
        }
        routes = [
            StaticRoute(IPv4Network(one["prefix"]), (one["interface"] or one["next_hop"],)) for one in data["routes"]
        ]
        routes += [StaticRoute(IPv4Network(one), (), _LAST, "reject") for one in data["black_holes"]]
        return parts.view(kind, host, interfaces, routes, map(_tunnel, data["tunnels"]))
    except json.JSONDecodeError as error:
        raise PeerTextError(error.lineno, f"line {error.lineno}: {error.msg}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise PeerTextError(1, f"not the parameters of a tunnel: {error}") from error


def _identity(end: t.Mapping[str, t.Any]) -> Identity | None:
    named = end["identity"]
    return (named["type"], named["value"]) if named else None


def _tunnel(data: t.Mapping[str, t.Any]) -> tuple[Gateway, Vpn]:
    ike, ipsec, detection = data["ike"], data["ipsec"], data["ike"]["dead_peer_detection"]
    gateway = Gateway(
        name=data["name"],
        addresses=(data["remote"]["address"],),
        external_interface=data["local"]["interface"],
        version=ike["version"],
        mode=ike["mode"] or "main",
        proposals=tuple(
            IkeProposal(
                "pre-shared-keys", one["dh_group"], one["encryption"], one["authentication"], one["lifetime_seconds"]
            )
            for one in ike["proposals"]
        ),
        key=ike["key"].encode(),
        local_address=data["local"]["address"],
        local_identity=_identity(data["local"]),
        remote_identity=_identity(data["remote"]),
        dead_after=detection["interval"] * detection["threshold"] if detection else None,
    )
    vpn = Vpn(
        name=data["name"],
        gateway=data["name"],
        proposals=tuple(
            IpsecProposal("esp", one["encryption"], one["authentication"], one["dh_group"], one["lifetime_seconds"])
            for one in ipsec["proposals"]
        ),
        bind_interface=data["interface"],
        establish="immediately",
        selectors=(Selector("", IPv4Network(ipsec["local"]), IPv4Network(ipsec["remote"])),),
    )
    return gateway, vpn
