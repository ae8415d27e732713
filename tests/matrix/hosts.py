# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts of the matrix, apart from the network so that the page needs no collection to be generated."""

from __future__ import annotations

HUB, NEAR, FAR = HOSTS = ("hub", "spoke0001", "spoke0002")
