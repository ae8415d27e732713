# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The error about a text that a third-party peer refuses."""

from __future__ import annotations


class PeerTextError(ValueError):
    """A line that a device refuses, or that its reader does not know."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number
