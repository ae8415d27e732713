#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/collect.py, in one run for the whole play.

from __future__ import annotations

DOCUMENTATION = r"""
module: collect
short_description: Gather one archive per device for support
version_added: 1.0.0
description:
  - Sends the commands of a support case to every Junos device of the play, and writes C(<host>.tar.gz) into
    C(collect/<run>/) of O(artifacts_dir), with an index in C(index.json) and C(index.md).
  - C(show/) has each reply as XML (as it came, without namespaces) and as text. These are version, uptime, storage,
    commits, alarms, cluster status, interfaces, the associations of both phases (brief and in detail), active peers,
    inactive tunnels, statistics, next-hop tunnels, tunnel events, routes, policies, zones, and the flow sessions, as a
    summary and those through the tunnel's interface.
  - C(configuration/) has the collection's group and C(apply-groups), as text and as set commands.
  - C(logs/) has C(messages), C(kmd), C(iked), C(security-trace) and the files that C(traceoptions) of C(security) name,
    with their rotated ones.
  - A command that a device refuses, as C(show chassis cluster status) on a single device, is no failure. The index has
    it with the device's words. It also has the time of each device, for comparison with that of the controller.
  - Secrets are masked everywhere. These are encoded ones, those that Junos marks as C(SECRET-DATA), and the pre-shared
    keys of the inventory in any place.
  - Files are readable by their owner alone. Only reads; nothing is locked, loaded or committed.
  - Runs once for the play. A device that fails does not stop the others. The task fails at the end, when the archives
    of the others are written.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
  - hubspoke.srx._fleet
  - hubspoke.srx._fleet.sessions
options:
  artifacts_dir:
    description: Folder in which each run makes a folder of its own below C(collect), in check mode too.
    type: path
    default: artifacts
  max_log_bytes:
    description:
      - How much of each log file is kept, 1000 to 1000000000; of a longer one the newest lines, and the index says how
        much is missing.
    type: int
    default: 5000000
seealso:
  - module: hubspoke.srx.report
  - module: hubspoke.srx.troubleshoot
"""

EXAMPLES = r"""
- name: Gather the archives for the support case
  hubspoke.srx.collect:
  register: collected
  run_once: true

- name: Show where they are
  ansible.builtin.debug:
    msg: "{{ collected.folder }}"
  run_once: true
"""

RETURN = r"""
run:
  description: Name of this run, for M(hubspoke.srx.report).
  returned: when a run has begun
  type: str
  sample: 20260312T091502-4be07a
decision:
  description: Outcome of the fleet, in a sentence.
  returned: when a run has begun
  type: str
  sample: "Collected. Hosts: 2 collected, 1 skipped."
folder:
  description: Folder of the archives and the index.
  returned: when a run has begun
  type: str
  sample: artifacts/collect/20260312T091502-4be07a
archives:
  description: One entry per host of the plan; C(index.json) has its files too.
  returned: when a run has begun
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
  contains:
    host:
      description: Name of the host.
      type: str
    state:
      description: >-
        One of V(collected), V(incomplete) (the session broke), V(unreachable), V(failed) (no command was answered)
        and V(skipped) (ScreenOS, or not in the play).
      type: str
    message:
      description: The state in words, with the reason where it has one.
      type: str
    device_time:
      description: Time of the device; none where it was not queried.
      type: str
    archive:
      description: Name of the archive; none where there is none.
      type: str
    bytes:
      description: Size of the archive; none where there is none.
      type: int
    sha256:
      description: SHA-256 checksum of the archive; none where there is none.
      type: str
summary:
  description: Number of hosts by state.
  returned: when a run has begun
  type: dict
  sample:
    collected: 2
    incomplete: 0
    unreachable: 0
    failed: 0
    skipped: 1
reason:
  description: Kind of the error, for conditions in playbooks, as in V(bad_inventory) or V(bad_argument).
  returned: when no run has begun
  type: str
  sample: bad_inventory
"""
