# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Element names and nesting of the replies, from recordings and Juniper's published schema.

One name a line, indented under its parent. A reply may omit names; it must not have others.
"""

from __future__ import annotations

import typing as t

_IKE_SA = """
   ike-sa-role
   ike-sa-state
   ike-sa-initiator-cookie
   ike-sa-responder-cookie
   ike-sa-exchange-type
   ike-sa-authentication-method
   ike-sa-local-address
   ike-sa-local-port
   ike-sa-remote-address
   ike-sa-remote-port
   ike-sa-lifetime
   ike-sa-reauthlifetime
   ike-sa-ike-frag
   ike-sa-frag-size
   ike-xauth-user-info
    ike-ike-id
   ike-sa-algorithms
    ike-sa-authentication-algorithm
    ike-sa-encryption-algorithm
    ike-sa-prf-algorithm
    ike-sa-dhgroup
"""

_BLOCK_HEAD = """
  sa-block-state
  sa-tunnel-index
  sa-virtual-system
  sa-vpn-name
  sa-local-gateway
  sa-remote-gateway
  sa-traffic-selector-name
  sa-local-identity
  sa-remote-identity
  sa-ike-version
  sa-ts-type
  sa-pfs-group
  sa-is-quantum-secured
  sa-df-bit-policy-name
   sa-df-bit
   sa-copy-outer-dscp
   sa-policy-name
   sa-bind-interface
  sa-dev-info
   sa-port
   sa-nego-num
   sa-nego-fail
   sa-del-num
   sa-flag
"""

SHAPES: dict[str, str] = {
    "ike brief": """
ike-security-associations-information
 ike-security-associations
  ike-sa-remote-address
  ike-sa-index
  ike-sa-state
  ike-sa-initiator-cookie
  ike-sa-responder-cookie
  ike-sa-exchange-type
""",
    "ike detail": f"""
ike-security-associations-information
 ike-security-associations-block
  ike-sa-remote-address
  ike-sa-index
  ike-gw-name
  ike-security-associations{_IKE_SA}""",
    "ipsec brief": """
ipsec-security-associations-information
 total-active-tunnels
 total-ipsec-sas
 ipsec-security-associations-block
  sa-block-state
  ipsec-security-associations
   sa-direction
   sa-tunnel-index
   sa-spi
   sa-aux-spi
   sa-remote-gateway
   sa-port
   sa-vpn-monitoring-state
   sa-protocol
   sa-esp-encryption-algorithm
   sa-hmac-algorithm
   sa-hard-lifetime
   sa-lifesize-remaining
   sa-virtual-system
""",
    "ipsec detail": f"""
ipsec-security-associations-information
 ipsec-security-associations-block{_BLOCK_HEAD}
  sa-ipsec-tunnel-events
   sa-tunnel-event-time
   sa-tunnel-event
   sa-tunnel-event-num-times
  ipsec-security-associations
   sa-direction
   sa-spi
   sa-aux-spi
   sa-vpn-monitoring-state
   sa-hard-lifetime
   sa-lifesize-remaining
   sa-soft-lifetime
   sa-mode
   sa-type
   sa-state
   sa-protocol
   sa-authentication-algorithm
   sa-encryption-algorithm
   sa-anti-replay-service
   sa-replay-window-size
   sa-tunnel-establishment
   sa-ike-index
""",
    "inactive": f"""
ipsec-unestablished-tunnel-information
 total-inactive-tunnels
 total-inactive-tunnels-with-establish-immediately
 ipsec-security-associations-block{_BLOCK_HEAD}
  ipsec-security-associations
   sa-tunnel-index
   sa-port
   sa-remote-gateway
   sa-pending-sas
   sa-tunnel-event
   sa-tunnel-event-num-times
   sa-tunnel-event-time
""",
    "statistics": """
usp-ipsec-total-statistics-information
 esp-statistics
  esp-encrypted-bytes
  esp-decrypted-bytes
  esp-encrypted-packets
  esp-decrypted-packets
 ah-statistics
  ah-input-bytes
  ah-output-bytes
  ah-input-packets
  ah-output-packets
 error-statistics
  ah-authentication-failures
  replay-errors
  esp-authentication-failures
  esp-decryption-failures
  bad-headers
  bad-trailers
  invalid-spi-errors
  ts-check-fail-errors
  exceeds-tunnel-mtu
  discard-errors
""",
    "route": """
route-information
 route-table
  table-name
  destination-count
  total-route-count
  active-route-count
  holddown-route-count
  hidden-route-count
  rt
   rt-destination
   rt-entry
    active-tag
    current-active
    last-active
    protocol-name
    preference
    metric
    age
    nh-type
    nh
     selected-next-hop
     to
     via
     nh-local-interface
""",
    "storage": """
system-storage-information
 filesystem
  filesystem-name
  total-blocks
  used-blocks
  available-blocks
  used-percent
  mounted-on
""",
    "ping": """
ping-results
 target-host
 target-ip
 packet-size
 probe-result
  probe-index
  probe-success
  probe-failure
  sequence-number
  ip-address
  time-to-live
  response-size
  rtt
 probe-results-summary
  probes-sent
  responses-received
  packet-loss
  rtt-minimum
  rtt-maximum
  rtt-average
  rtt-stddev
 ping-success
 ping-failure
""",
    "uptime": """
system-uptime-information
 current-time
  date-time
 time-source
 system-booted-time
  date-time
  time-length
 protocols-started-time
  date-time
  time-length
 last-configured-time
  date-time
  time-length
  user
 uptime-information
  date-time
  up-time
  active-user-count
  load-average-1
  load-average-5
  load-average-15
""",
    "interfaces": """
interface-information
 physical-interface
  name
  admin-status
  oper-status
  if-type
  link-level-type
  mtu
  logical-interface
   name
   admin-status
   oper-status
   local-index
   snmp-index
   if-config-flags
    iff-up
    iff-point-to-point
    iff-snmp-traps
   encapsulation
   traffic-statistics
    input-packets
    output-packets
   logical-interface-zone-name
   address-family
    address-family-name
    mtu
    interface-address
     ifa-destination
     ifa-local
 logical-interface
  name
  admin-status
  oper-status
  address-family
   address-family-name
   interface-address
    ifa-local
""",
    "policies": """
security-policies
 default-policy
 security-context
  context-information
   source-zone-name
   destination-zone-name
  policies
   policy-information
    policy-name
    policy-state
    policy-identifier
    policy-sequence-number
    source-addresses
     source-address
      address-name
    destination-addresses
     destination-address
      address-name
    applications
     application
      application-name
    policy-action
     action-type
""",
    "zones": """
zones-information
 zones-security
  zones-security-zonename
  zones-security-send-reset
  zones-security-policy-configurable
  zones-security-interfaces-bound
  zones-security-interfaces
   zones-security-interface-name
""",
    "flow": """
flow-session-information
 flow-session
  session-identifier
  status
  sess-state
  policy
  timeout
  flow-information
   direction
   source-address
   source-port
   destination-address
   destination-port
   protocol
   interface-name
   pkt-cnt
   byte-cnt
 displayed-session-count
""",
    "version": """
software-information
 host-name
 product-model
 product-name
 junos-version
 package-information
  name
  comment
""",
    "cluster": """
chassis-cluster-status
 cluster-id
 redundancy-group
  cluster-id
  redundancy-group-id
  redundancy-group-failover-count
  device-stats
   device-name
   device-priority
   redundancy-group-status
   preempt
   failover-mode
   monitor-failures
""",
    "files": """
directory-list
 directory
  directory-name
  file-information
   file-name
   file-size
   file-date
  total-files
""",
    "file": """
file-content
""",
    "text": """
output
""",
}


def paths_of(shape: str) -> set[str]:
    """Return the paths of a shape: ``a``, ``a/b``, ``a/b/c``."""
    found: set[str] = set()
    above: list[str] = []
    for line in shape.splitlines():
        if line.strip():
            depth = len(line) - len(line.lstrip())
            above = [*above[:depth], line.strip()]
            found.add("/".join(above))
    return found


def paths_in(element: t.Any, above: str = "") -> set[str]:
    """Return the paths of an element, without namespaces and comments."""
    if not isinstance(element.tag, str):
        return set()
    path = f"{above}{element.tag.rpartition('}')[2]}"
    found = {path}
    for child in element:
        found |= paths_in(child, f"{path}/")
    return found
