# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applications that Junos predefines: those of an ICMP echo, and those of a TCP or UDP packet by its port."""

from __future__ import annotations

ECHO = frozenset({"any", "junos-icmp-all", "junos-icmp-ping", "junos-ping"})
_PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp"}
# fmt: off
_PORTS = {
    ("tcp", 21): ("junos-ftp",), ("tcp", 22): ("junos-ssh",), ("tcp", 23): ("junos-telnet",),
    ("tcp", 25): ("junos-smtp",), ("tcp", 53): ("junos-dns-tcp",), ("tcp", 80): ("junos-http",),
    ("tcp", 110): ("junos-pop3",), ("tcp", 143): ("junos-imap",), ("tcp", 179): ("junos-bgp",),
    ("tcp", 389): ("junos-ldap",), ("tcp", 443): ("junos-https",), ("udp", 53): ("junos-dns-udp",),
    ("udp", 69): ("junos-tftp",), ("udp", 123): ("junos-ntp",), ("udp", 514): ("junos-syslog",),
}
# fmt: on


def of_packet(protocol: str, port: int) -> frozenset[str]:
    """Return the names that a policy may have for a packet to a port."""
    name = _PROTOCOLS.get(protocol, protocol)
    if name == "icmp":
        return ECHO
    return frozenset({"any", f"junos-{name}-any", *_PORTS.get((name, port), ())})
