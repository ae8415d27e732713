#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: collect
short_description: Gather one archive per device for support
description:
  - Sends every Junos device of the play the commands that support needs, and writes C(<host>.tar.gz) into
    C(collect/<run>/) of O(artifacts_dir), together with C(index.json) and C(index.md).
  - C(show/) has each reply as XML (as it came, without namespaces) and as text. These are version, uptime, storage,
    commits, alarms, cluster status, interfaces, the associations of both phases (brief and in detail), active peers,
    inactive tunnels, statistics, next-hop tunnels, tunnel events, routes, policies, zones, and the flow sessions, as a
    summary and those through the tunnel's interface.
  - C(configuration/) has the collection's group and C(apply-groups), as text and as set commands.
  - C(logs/) has C(messages), C(kmd), C(iked), C(security-trace) and the files that C(traceoptions) of C(security) name,
    with their rotated ones.
  - A command that a device refuses, such as C(show chassis cluster status) on a single device, is no failure. The index
    has the device's words, and the times by the clocks of the device and of the controller.
  - Secrets are masked everywhere. These are encoded ones, those that Junos marks as C(SECRET-DATA), and the pre-shared
    keys of the inventory.
  - Only the owner can read the files. The devices are only read; nothing is locked, loaded or committed.
  - Runs once for the play. A device that fails does not stop the others. The task then fails at its end, with the
    archives of the others written.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
options:
  artifacts_dir:
    description: Folder in which each run creates its own folder below C(collect), in check mode too.
    type: path
    default: artifacts
  max_log_bytes:
    description: How many bytes of each log file are kept, the newest lines of a longer one.
    type: int
    default: 5000000
  sessions:
    description: How many devices are asked at a time.
    type: int
    default: 30
seealso:
  - module: hubspoke.srx.report
  - module: hubspoke.srx.troubleshoot
"""

EXAMPLES = r"""
- name: Collect for a support ticket
  hubspoke.srx.collect:
  register: collected
  run_once: true

- name: Show the folder
  ansible.builtin.debug:
    msg: "{{ collected.folder }}"
  run_once: true
"""

RETURN = r"""
run:
  description: Name of this run, for M(hubspoke.srx.report).
  returned: always, unless the arguments or the inventory are wrong
  type: str
  sample: 20260312T091502-4be07a
decision:
  description: The result in a sentence.
  returned: always, unless the arguments or the inventory are wrong
  type: str
  sample: "Collected. Hosts: 2 collected, 1 skipped."
folder:
  description: Folder of the archives and the index.
  returned: always, unless the arguments or the inventory are wrong
  type: str
  sample: artifacts/collect/20260312T091502-4be07a
archives:
  description:
    - A mapping for each host of the plan; C(index.json) has its files too.
    - The C(state) is V(collected), V(incomplete) (the session broke), V(unreachable), V(failed) (nothing was answered)
      or V(skipped) (ScreenOS, or not in the play), and C(message) says why.
  returned: always, unless the arguments or the inventory are wrong
  type: list
  elements: dict
  sample:
    - host: corporate
      state: collected
      message: "collected: 42 files, 4 refused"
      device_time: 2026-03-12 09:15:03 UTC
      archive: corporate.tar.gz
      bytes: 20531
      sha256: 4f2c3b5d0b1b0e4e2a6f6b3f0e0d5c9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e
summary:
  description: Number of hosts by state.
  returned: always, unless the arguments or the inventory are wrong
  type: dict
  sample:
    collected: 2
    incomplete: 0
    unreachable: 0
    failed: 0
    skipped: 1
reason:
  description: A word for the kind of error, to be tested by playbooks.
  returned: where the arguments or the inventory are wrong
  type: str
  sample: bad_inventory
"""
