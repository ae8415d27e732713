# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Options that the modules for the whole fleet share, and the variables that give them."""

from __future__ import annotations


class ModuleDocFragment:
    # For every module of the fleet.
    DOCUMENTATION = r"""
options: {}
notes:
  - A variable gives each option that neither the task nor C(module_defaults) gives. Its name is C(nhtb_) and the name
    of the option, as in C(nhtb_artifacts_dir), where these notes name no other.
"""

    SESSIONS = r"""
options:
  sessions:
    description: How many devices are logged in to at a time, 1 to 1000.
    type: int
    default: 30
"""

    LOCK = r"""
options:
  lock_wait:
    description:
      - Seconds to wait while another user has the configuration locked, at most 3600.
      - Its variable may differ per host.
    type: float
    default: 30
"""

    SAMPLES = r"""
options:
  sample_interval:
    description: Least seconds between two samples of the error counters, at most 3600.
    type: float
    default: 5
"""

    PINGS = r"""
options:
  pings:
    description:
      - Between which sites the check V(pings) sends echo requests. The hub asks each spoke, and each spoke the hub.
      - With V(chosen) a spoke also asks the next spokes of the inventory, up to the first one with Junos, so that each
        spoke is asked once and their number grows with the fleet. Spokes that the policies keep apart are passed over.
      - With V(all), and in any VPN of fewer than 12 sites, each spoke asks each other one.
      - The report has a finding for each address that was asked.
    type: str
    choices: [all, chosen]
    default: chosen
"""

    VERIFICATION = r"""
options:
  verify_timeout:
    description:
      - Seconds to wait for the tunnels, 1 to 86400. A run does not wait where waiting changes nothing, as for a route
        that is not configured.
      - In a transaction the confirm window, less the time of a rollback, is the other limit.
      - Its variable may differ per host. The hub is queried as long as the slowest spoke.
    type: float
    default: 120
  verify_interval:
    description: Seconds between two queries of a device that is not verified yet, 0.1 to 3600.
    type: float
    default: 5
"""

    REPORT = r"""
options:
  report_formats:
    description:
      - Forms of the report besides C(report.json), which is always written.
      - V(html) is C(report.html), a page for a browser that needs no network. V(md) is C(report.md), for a merge
        request or a ticket. V(junit) is C(junit.xml), a test case per check, for a CI. V(prom) is C(metrics.prom), for
        the textfile collector of Prometheus.
      - With V(json) alone no other file is written.
    type: list
    elements: str
    choices: [html, json, junit, md, prom]
    default: [html, md]
"""
