# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The report of a run as one self-contained HTML page."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.page import page

__all__ = ("page",)
