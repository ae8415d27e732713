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
      - One site of a pair, by host or site name; O(destination) is the other. The Junos devices of the pair are traced,
        and the hub between two spokes. A spoke that is not in the play is not traced.
      - Without a pair the spokes of the play and the hub are traced, or the hub alone where only it is in the play.
    type: str
  destination:
    description: The other site of the pair.
    type: str
  source_prefix:
    description:
      - Limits the flow trace to a host or a network within the source's networks, as in V(192.168.178.20/32). Juniper's
        document advises this where a network is busy.
    type: str
  destination_prefix:
    description: Limits the flow trace to a host or a network within the destination's networks.
    type: str
  ike:
    description: Whether to trace IKE.
    type: bool
    default: true
  ike_flags:
    description: Flags of the trace of IKE. The default is what Juniper's document recommends.
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
      - The file in C(/var/log) for IKE. A name of its own separates the trace from the log of the IKE daemon, which is
        V(kmd) or V(iked).
    type: str
    default: hubspoke-ike
  flow:
    description:
      - Whether to trace the flow. It costs the device processor time, so packet filters always limit it to both
        directions of the pair and to the ESP packets of each peer.
    type: bool
    default: true
  flow_flags:
    description: Flags of the trace of the flow.
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
    description: Size at which a trace file is rotated, V(10k) to V(1g).
    type: str
    default: 1m
  files:
    description: How many files of each trace the device keeps, 2 to 1000.
    type: int
    default: 3
  storage_margin:
    description:
      - MiB that must stay free on the file system of C(/var/log) once all trace files are full. Where less would
        remain, no trace is switched on.
    type: int
    default: 20
  artifacts_dir:
    description:
      - Folder of the runs. Each writes its report into a folder of its own in it, named after its start, and the
        fetched files below the name of the module. Nothing is written in check mode.
      - The symbolic link C(latest) in it points to the newest one. Only the owner of the files can read them.
    type: path
    default: artifacts
  artifacts_keep:
    description:
      - Run folders in O(artifacts_dir) that stay, 1 to 10000, that of this run among them. Older ones are removed.
    type: int
    default: 20
notes:
  - The variable of an option is C(nhtb_trace_) and the name of the option, as in C(nhtb_trace_source), except for
    C(nhtb_artifacts_dir), C(nhtb_artifacts_keep), C(nhtb_lock_wait) and C(nhtb_sessions).
"""
