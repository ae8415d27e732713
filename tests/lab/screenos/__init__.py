# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ScreenOS peers: the network reads their ``set`` text."""

from __future__ import annotations

from tests.lab.screenos.reader import ScreenosError, read

__all__ = ["ScreenosError", "read"]
