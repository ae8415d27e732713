# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state that follows from all committed configurations together: tunnels, next-hop bindings, routes, traffic."""

from __future__ import annotations

from tests.lab.network.failure import Failure
from tests.lab.network.network import Network, NetworkDevice
from tests.lab.network.results import PingResult, Verdict

__all__ = ["Failure", "Network", "NetworkDevice", "PingResult", "Verdict"]
