# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Options of the modules that speak to the whole fleet."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  artifacts_dir:
    description:
      - Folder for C(report.json) and, in a transaction, the rendered configurations with keys named but not given.
      - Nothing is written in check mode.
    type: path
    default: artifacts
  verify_timeout:
    description:
      - Seconds to wait for the tunnels.
      - In a transaction the confirm window, less what a rollback needs, is the other limit.
    type: float
    default: 120
  verify_interval:
    description: Seconds between two questions to a device that is not verified yet.
    type: float
    default: 5
  sample_interval:
    description: Seconds between the two samples of the check V(statistics), at least.
    type: float
    default: 5
  sessions:
    description: How many sessions are opened at a time. All of them stay open through all stages.
    type: int
    default: 30
"""
