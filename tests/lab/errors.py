# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one error that the lab shows to its user."""

from __future__ import annotations


class LabError(Exception):
    """The lab cannot execute a command; the text says why and what to do."""
