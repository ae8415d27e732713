# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The handler and the arguments of each RPC (24.4R1). Any other argument is a syntax error."""

from __future__ import annotations

import typing as t

from tests.lab.operational import clear, files, ike, interfaces, ipsec, ping, route, security, system, tunnels
from tests.lab.operational.reply import Reply, Request

Handler = t.Callable[[Request], Reply]

LEVELS = ("brief", "detail", "extensive", "terse", "media", "statistics", "descriptions")
# Clusters take these with any RPC.
NODE = ("node", "local")
SA_INDEX = "show-index-ipsec-security-association"

RPCS: dict[str, tuple[Handler, tuple[str, ...]]] = {
    "get-ipsec-next-hop-tunnel-information": (
        tunnels.next_hop_tunnels, ("interface-name", "family", "index", SA_INDEX),
    ),
    "get-ike-security-associations-information": (
        ike.security_associations,
        ("brief", "detail", "show-index-ike-security-association", "index", "peer-address", "family", "sa-type",
         "fpc", "pic", "kmd-instance"),
    ),
    "get-ike-active-peers-information": (
        ike.active_peers, ("brief", "detail", "peer-address", "port", "fpc", "pic", "kmd-instance"),
    ),
    "get-security-associations-information": (
        ipsec.security_associations,
        ("brief", "detail", "extensive", SA_INDEX, "index", "show-vpnname-ipsec-security-association", "vpn-name",
         "show-trafficselectorname-ipsec-security-association", "traffic-selector", "family", "sa-type", "fpc", "pic",
         "kmd-instance"),
    ),
    "get-ipsec-statistics-information": (
        tunnels.statistics, ("show-index-ipsec-statistics", "index", "fpc", "pic", "kmd-instance"),
    ),
    "get-inactive-tunnels": (
        tunnels.inactive,
        ("brief", "detail", SA_INDEX, "index", "show-vpnname-ipsec-security-association", "vpn-name", "family",
         "sa-type", "fpc", "pic", "kmd-instance"),
    ),
    "get-ipsec-tunnel-event-statistics": (tunnels.tunnel_events, ("fpc", "pic", "kmd-instance")),
    "get-route-information": (
        route.information,
        ("destination", "table", "protocol", "exact", "active-path", "all", "best", "normal", *LEVELS),
    ),
    "get-interface-information": (
        interfaces.information, ("interface-name", "routing-instance", "zone", "snmp-index", *LEVELS),
    ),
    "get-firewall-policies": (
        security.policies, ("from-zone", "to-zone", "policy-name", "zone-context", "global", "count", "start", *LEVELS),
    ),
    "match-firewall-policies": (
        security.match_policies,
        ("from-zone", "to-zone", "source-ip", "destination-ip", "source-port", "destination-port", "protocol",
         "source-identity", "result-count"),
    ),
    "get-zones-information": (security.zones, ("get-zones-named-information", "zone-name", *LEVELS)),
    "get-flow-session-information": (
        security.flow_sessions,
        ("source-prefix", "destination-prefix", "source-port", "destination-port", "protocol", "interface", "tunnel",
         "summary", *LEVELS),
    ),
    "get-system-storage": (system.storage, ("detail", "invoke-on", "partitions")),
    "get-system-uptime-information": (system.uptime, ("invoke-on",)),
    "get-software-information": (system.software, ("invoke-on", *LEVELS)),
    "get-system-information": (system.system_information, ()),
    "get-chassis-cluster-status": (system.cluster_status, ("redundancy-group", "information")),
    "get-log": (files.show_log, ("filename",)),
    "clear-log": (files.clear_log, ("filename", "all")),
    "file-show": (files.show, ("filename", "encoding")),
    "file-list": (files.listing, ("path", "detail", "recursive")),
    "file-copy": (files.copy, ("source", "destination", "source-address", "routing-instance", "staging-directory")),
    "file-delete": (files.delete, ("path", "purge")),
    "ping": (
        ping.ping,
        ("host", "count", "source", "interface", "size", "do-not-fragment", "rapid", "routing-instance", "no-resolve",
         "ttl", "wait", "interval", "inet", "bypass-routing", "pattern", "tos", "record-route", "strict", "verbose"),
    ),
    "clear-ike-security-association": (
        clear.ike, ("index", "peer-address", "port", "sa-type", "family", "all", "fpc", "pic", "kmd-instance"),
    ),
    "clear-ipsec-security-association": (
        clear.ipsec, ("index", "vpn-name", "sa-type", "family", "all", "fpc", "pic", "kmd-instance"),
    ),
    "clear-ipsec-statistics": (clear.statistics, ("index", "fpc", "pic", "kmd-instance")),
}  # fmt: skip
