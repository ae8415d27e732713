# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The options of a VPN at one end, as planned. ``None`` means that Junos's default applies."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

DfBit = t.Literal["clear", "set", "copy"]


@dataclass(frozen=True)
class VerifyPath:
    """The probe of the path before st0 comes up. ``packet_size`` is in bytes."""

    destination: str | None = None
    packet_size: int | None = None


@dataclass(frozen=True)
class MonitorTimers:
    """The seconds between two probes, and the unanswered probes after which a VPN is down: one pair for a device."""

    interval: int | None = None
    threshold: int | None = None

    def __bool__(self) -> bool:
        """Return whether one of the two is set."""
        return (self.interval, self.threshold) != (None, None)


@dataclass(frozen=True)
class VpnMonitor:
    """The probes through a tunnel. Without ``destination`` they go to the peer's IKE address."""

    destination: str | None = None
    source_interface: str | None = None
    optimized: bool = False
    verify_path: VerifyPath | None = None


@dataclass(frozen=True)
class ProxyIdentity:
    """The networks that an end names in phase 2, with an application of Junos as ``service``."""

    local: str = "0.0.0.0/0"
    remote: str = "0.0.0.0/0"
    service: str | None = None

    @property
    def mirrored(self) -> ProxyIdentity:
        """Return the identity that the other end must have."""
        return ProxyIdentity(self.remote, self.local, self.service)

    def __str__(self) -> str:
        service = f", service {self.service}" if self.service else ""
        return f"local {self.local}, remote {self.remote}{service}"


@dataclass(frozen=True)
class VpnOptions:
    """The options of one end of a VPN. An ``anti_replay_window`` of 0 packets switches the protection off."""

    monitor: VpnMonitor | None = None
    proxy_identity: ProxyIdentity | None = None
    df_bit: DfBit | None = None
    copy_outer_dscp: bool = False
    anti_replay_window: int | None = None
    idle_time: int | None = None


NO_OPTIONS = VpnOptions()
NO_TIMERS = MonitorTimers()
