# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replies of a hub whose tunnels are all as planned, one for each command, as the lab writes them."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device import queries
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, StaticRoute, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import COMMANDS

_REPLY = (
    '<rpc-reply xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"'
    ' xmlns:junos="http://xml.juniper.net/junos/24.4R1.9/junos" message-id="1">\n{}\n</rpc-reply>'
)
_EVENTS = (
    "IPSec SA negotiation successfully completed",
    "IKE SA negotiation successfully completed",
    "Tunnel is ready. Waiting for trigger event or peer to trigger negotiation",
)
_SELECTOR = "ipv4_subnet(any:0,[0..7]=0.0.0.0/0)"
_COUNTERS = {
    "esp-statistics": ("esp-encrypted-bytes", "esp-decrypted-bytes", "esp-encrypted-packets", "esp-decrypted-packets"),
    "ah-statistics": ("ah-input-bytes", "ah-output-bytes", "ah-input-packets", "ah-output-packets"),
    "error-statistics": (
        "ah-authentication-failures", "replay-errors", "esp-authentication-failures", "esp-decryption-failures",
        "bad-headers", "bad-trailers",
    ),
}  # fmt: skip
_NO_TUNNELS = [("total-inactive-tunnels", 0), ("total-inactive-tunnels-with-establish-immediately", 0)]

Content = t.Union[str, int, "Fields"]
Fields = t.Sequence[tuple[str, Content]]


def replies(plan: DevicePlan) -> dict[str, str]:
    """Return the text of each reply by the name of its RPC. The tunnels have AES-GCM and IKEv2, as by default."""
    tunnels = list(enumerate(plan.tunnels, 1))
    made = {
        queries.NEXT_HOP_TUNNELS: _next_hop_tunnels(plan),
        queries.IKE_SECURITY_ASSOCIATIONS: _list("ike-security-associations", [_ike(*one) for one in tunnels]),
        queries.IPSEC_SECURITY_ASSOCIATIONS: _list("ipsec-security-associations", [_ipsec(*one) for one in tunnels]),
        queries.ROUTE: _routes(plan.routes),
        queries.INACTIVE_TUNNELS: _xml([("ipsec-unestablished-tunnel-information", _NO_TUNNELS)]),
        queries.IPSEC_STATISTICS: _xml([("usp-ipsec-total-statistics-information", _counters())]),
    }
    return {COMMANDS[command].rpc: _REPLY.format(body) for command, body in made.items()}


def _list(name: str, blocks: t.Sequence[Fields]) -> str:
    rows = "\n".join(_xml([(f"{name}-block", one)]) for one in blocks)
    return f'<{name}-information junos:style="detail">\n{rows}\n</{name}-information>'


def _xml(fields: Fields) -> str:
    return "\n".join(
        f"<{name}>\n{content if isinstance(content, str | int) else _xml(content)}\n</{name}>"
        for name, content in fields
    )


def _next_hop_tunnels(plan: DevicePlan) -> str:
    rows = [f"{tunnel.next_hop:<19}{tunnel.bind_interface:<12}{tunnel.vpn:<34}{tunnel.nhtb}" for tunnel in plan.tunnels]
    head = "Next-hop gateway   interface   IPsec VPN name                    Flag"
    return "\n".join(["<output>", head, *rows, "</output>"])


def _ike(number: int, tunnel: Tunnel) -> Fields:
    proposal, peer = tunnel.ike_policy.proposals[0], str(tunnel.peer_address)
    association: Fields = [
        ("ike-sa-role", "responder"),
        ("ike-sa-state", "UP"),
        ("ike-sa-initiator-cookie", f"{number:016x}"),
        ("ike-sa-responder-cookie", f"{number + 2**32:016x}"),
        ("ike-sa-exchange-type", "IKEv2"),
        ("ike-sa-authentication-method", "Pre-shared-keys"),
        ("ike-sa-local-address", tunnel.local.wan.reached_at[0]),
        ("ike-sa-local-port", 500),
        ("ike-sa-remote-address", peer),
        ("ike-sa-remote-port", 500),
        ("ike-sa-lifetime", f"Expires in {proposal.lifetime_seconds} seconds"),
        ("ike-sa-reauthlifetime", "Disabled"),
        ("ike-sa-ike-frag", "Enabled"),
        ("ike-sa-frag-size", 576),
        ("ike-xauth-user-info", [("ike-ike-id", peer)]),
        (
            "ike-sa-algorithms",
            [
                ("ike-sa-authentication-algorithm", "aes256-gcm"),
                ("ike-sa-encryption-algorithm", "aes256-gcm"),
                ("ike-sa-prf-algorithm", "hmac-sha384"),
                ("ike-sa-dhgroup", f"DH-group-{str(proposal.dh_group).removeprefix('group')}"),
            ],
        ),
    ]
    return [
        ("ike-sa-remote-address", peer),
        ("ike-sa-index", number),
        ("ike-gw-name", tunnel.gateway),
        ("ike-security-associations", association),
    ]


def _ipsec(number: int, tunnel: Tunnel) -> Fields:
    events = [
        field
        for event in _EVENTS
        for field in (
            ("sa-tunnel-event-time", "Fri Nov 27 2026 01:10:15 +0000"),
            ("sa-tunnel-event", event),
            ("sa-tunnel-event-num-times", 1),
        )
    ]
    return [
        ("sa-block-state", "up"),
        ("sa-tunnel-index", 131072 + number),
        ("sa-virtual-system", "root"),
        ("sa-vpn-name", tunnel.vpn),
        ("sa-local-gateway", tunnel.local.wan.reached_at[0]),
        ("sa-remote-gateway", str(tunnel.peer_address)),
        ("sa-local-identity", _SELECTOR),
        ("sa-remote-identity", _SELECTOR),
        ("sa-ike-version", "IKEv2"),
        ("sa-df-bit-policy-name", [("sa-df-bit", "clear"), ("sa-bind-interface", tunnel.bind_interface)]),
        ("sa-dev-info", [("sa-port", 500), ("sa-nego-num", 1), ("sa-nego-fail", 0), ("sa-del-num", 0)]),
        ("sa-ipsec-tunnel-events", events),
        ("ipsec-security-associations", _ipsec_association("inbound", 2 * number)),
        ("ipsec-security-associations", _ipsec_association("outbound", 2 * number + 1)),
    ]


def _ipsec_association(direction: str, number: int) -> Fields:
    return [
        ("sa-direction", direction),
        ("sa-spi", f"{number:08x}"),
        ("sa-aux-spi", 0),
        ("sa-vpn-monitoring-state", "-"),
        ("sa-hard-lifetime", "Expires in 3593 seconds"),
        ("sa-lifesize-remaining", "Unlimited"),
        ("sa-soft-lifetime", "Expires in 3019 seconds"),
        ("sa-mode", "Tunnel(0 0)"),
        ("sa-type", "dynamic"),
        ("sa-state", "installed"),
        ("sa-protocol", "ESP"),
        ("sa-authentication-algorithm", "None"),
        ("sa-encryption-algorithm", "aes-gcm (256 bits)"),
        ("sa-anti-replay-service", "counter-based enabled"),
        ("sa-replay-window-size", 64),
    ]


def _routes(routes: t.Sequence[StaticRoute]) -> str:
    head = "<table-name>inet.0</table-name>"
    return "\n".join(
        ["<route-information><route-table>", head, *map(_route, routes), "</route-table></route-information>"]
    )


def _route(route: StaticRoute) -> str:
    via = route.interface or "ge-0/0/0.0"
    return (
        f'<rt junos:style="brief">\n<rt-destination>{route.prefix}</rt-destination>\n<rt-entry>\n'
        "<active-tag>*</active-tag>\n<current-active/>\n<last-active/>\n<protocol-name>Static</protocol-name>\n"
        '<preference>5</preference>\n<age junos:seconds="6">00:00:06</age>\n<nh>\n<selected-next-hop/>\n'
        f"<to>{route.next_hop}</to>\n<via>{via}</via>\n</nh>\n</rt-entry>\n</rt>"
    )


def _counters() -> Fields:
    return [(part, [(name, 0) for name in names]) for part, names in _COUNTERS.items()]
