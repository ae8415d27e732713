# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Options of the modules that switch traceoptions on."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  source:
    description:
      - One site of a pair, by host or site name. Takes O(destination) too. Traced are the Junos devices of the pair and
        the hub between two spokes, as far as they are in the play.
      - Without a pair the spokes of the play and the hub are traced, as far as they are in the play.
    type: str
  destination:
    description: The other site of the pair.
    type: str
  source_prefix:
    description:
      - Narrows the flow trace to a host or a network within the source's networks, as in V(192.168.178.20/32). The
        document advises so where a network is busy.
    type: str
  destination_prefix:
    description: The same within the destination's networks.
    type: str
  ike:
    description: Whether to trace IKE.
    type: bool
    default: true
  ike_flags:
    description: What to trace of IKE. The default is what the document recommends.
    type: list
    elements: str
    choices:
      - all
      - certificates
      - config
      - database
      - general
      - high-availability
      - ike
      - next-hop-tunnels
      - parse
      - policy-manager
      - routing-socket
      - snmp
      - thread
      - timer
    default: [ike, policy-manager, routing-socket]
  ike_file:
    description:
      - The file in C(/var/log) for IKE. A name of its own keeps the trace apart from the key daemon's log, which has
        the name V(kmd) or V(iked).
    type: str
    default: hubspoke-ike
  flow:
    description:
      - Whether to trace the flow. It costs the device processor time, so that packet filters always limit it, for both
        directions of the pair and for the ESP packets of each peer.
    type: bool
    default: true
  flow_flags:
    description: What to trace of the flow.
    type: list
    elements: str
    choices:
      - all
      - basic-datapath
      - fragmentation
      - high-availability
      - host-traffic
      - jexec
      - multicast
      - packet-track
      - route
      - session
      - session-scan
      - tcp-basic
      - tunnel
    default: [basic-datapath]
  flow_file:
    description: The file in C(/var/log) for the flow.
    type: str
    default: hubspoke-flow
  file_size:
    description: How large a trace file becomes before the next one is begun, V(10k) to V(1g).
    type: str
    default: 1m
  files:
    description: How many files are kept of each trace, 2 to 1000.
    type: int
    default: 3
  storage_margin:
    description:
      - MiB that must stay free on the file system of C(/var/log) once all trace files are full. Below that nothing is
        switched on.
    type: int
    default: 20
  lock_wait:
    description: Seconds to wait while another user has the configuration locked.
    type: float
    default: 30
  artifacts_dir:
    description: Folder for the report, and for what was fetched. Nothing is written in check mode.
    type: path
    default: artifacts
  sessions:
    description: How many devices are logged in to at a time.
    type: int
    default: 30
"""
