#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/ping.py through plugins/module_utils/_module_backends/operations.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: ping
short_description: Ping from an SRX
version_added: 1.0.0
description:
  - Sends ICMP echo requests from the device, by RPC C(ping), and returns the statistics. A ping without a reply is no
    failure of the task.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
options:
  destination:
    description: Address or name to ping.
    type: str
    required: true
  source:
    description:
      - Source address.
      - Without one the packet has the tunnel's address, and does not verify the policies of a LAN.
    type: str
  interface:
    description: Interface to send from.
    type: str
  count:
    description: How many requests to send, 1 to 10000.
    type: int
    default: 5
  wait:
    description: Seconds to wait for each reply, 1 to 3600.
    type: int
    default: 2
  size:
    description: Bytes of data in each request, 65468 at most.
    type: int
seealso:
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: Ping from the hub's LAN to Westford's
  hubspoke.srx.ping:
    destination: 192.168.178.1
    source: 10.10.10.1
  register: probe

- name: Assert that there was a reply
  ansible.builtin.assert:
    that: probe.received > 0
"""

RETURN = r"""
target:
  description: The O(destination) of the task.
  returned: success
  type: str
  sample: 10.1.2.1
target_ip:
  description: Address of the destination; none where the device does not print it.
  returned: success
  type: str
  sample: 10.1.2.1
replies:
  description: Number of replies that the device printed one by one.
  returned: success
  type: int
  sample: 1
sent:
  description: Requests sent; none where the run printed no statistics.
  returned: success
  type: int
  sample: 2
received:
  description: Replies received; none where the run printed no statistics.
  returned: success
  type: int
  sample: 1
loss_percent:
  description: Share of requests without a reply; none where the run printed no statistics.
  returned: success
  type: int
  sample: 50
rtt_minimum:
  description: Shortest round trip in microseconds; none without a reply.
  returned: success
  type: int
  sample: 4019
rtt_average:
  description: Mean round trip in microseconds; none without a reply.
  returned: success
  type: int
  sample: 4019
rtt_maximum:
  description: Longest round trip in microseconds; none without a reply.
  returned: success
  type: int
  sample: 4019
rtt_stddev:
  description: Standard deviation of the round trips in microseconds; none without a reply.
  returned: success
  type: int
  sample: 0
failure:
  description: Why there was no reply, in the device's words; none where it gives no reason.
  returned: success
  type: str
  sample: null
node:
  description: Node of a chassis cluster that replied; none on a single device.
  returned: success
  type: str
  sample: null
source:
  description: Form of the reply, V(xml) or V(text).
  returned: success
  type: str
  sample: xml
notes:
  description: Oddities of the reply.
  returned: success
  type: list
  elements: str
  sample: []
reason:
  description: Kind of the error, for conditions in playbooks, as in V(unreachable), V(refused) or V(unexpected_reply).
  returned: failure
  type: str
  sample: unreachable
"""
