# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The rows of replies about routes, policies, pings and the device itself, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """One next hop of one entry of one table.

    ``next_hop`` is ``None`` for a route to an interface; ``via`` is ``None`` too for a route that drops packets, with
    ``next_hop_type`` ``Reject`` or ``Discard``, and for one that goes on in ``next_table``, with the type ``Table``.
    """

    table: str
    destination: str
    active: bool
    protocol: str
    preference: int | None
    next_hop: str | None
    via: str | None
    next_hop_type: str | None = None
    node: str | None = None
    next_table: str | None = None


@dataclass(frozen=True)
class PolicyMatch:
    """The policy that decides about a packet. ``action`` of the default policy is ``deny-all`` or ``permit-all``."""

    policy: str
    action: str
    node: str | None = None


@dataclass(frozen=True)
class Ping:
    """One run of ping; times in microseconds.

    ``replies`` counts the answers printed; ``sent`` and ``received`` are ``None`` where the run printed no statistics.
    ``failure`` is the device's reason for a missing answer.
    """

    target: str
    target_ip: str | None
    replies: int
    sent: int | None = None
    received: int | None = None
    loss_percent: int | None = None
    rtt_minimum: int | None = None
    rtt_average: int | None = None
    rtt_maximum: int | None = None
    rtt_stddev: int | None = None
    failure: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class Filesystem:
    """One file system. Sizes as printed (``13G``); only XML replies have blocks, of 512 bytes each."""

    name: str
    mounted_on: str
    size: str
    used: str
    available: str
    used_percent: int
    total_blocks: int | None = None
    used_blocks: int | None = None
    available_blocks: int | None = None
    node: str | None = None


@dataclass(frozen=True)
class InterfaceState:
    """One physical or logical interface of ``show interfaces terse``. ``admin`` and ``link`` are ``up`` or ``down``.

    ``addresses`` are the IPv4 addresses with prefix length.
    """

    name: str
    admin: str
    link: str
    addresses: tuple[str, ...] = ()
    node: str | None = None


@dataclass(frozen=True)
class CommitEntry:
    """One line of ``show system commit``.

    ``confirmed_minutes`` is the confirm window of a commit confirmed, ``None`` for any other commit. ``pending`` says
    whether its confirmation is outstanding, ``None`` where the reply does not tell.
    """

    sequence: int
    date_time: str
    user: str
    client: str
    comment: str | None = None
    confirmed_minutes: int | None = None
    pending: bool | None = False
    epoch_seconds: int | None = None
    node: str | None = None


@dataclass(frozen=True)
class Software:
    """The software of a device: release (``21.2R3-S4.8``) and model (``srx340``)."""

    release: str
    model: str | None = None
    host_name: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class Uptime:
    """When a device booted and was last configured, as printed, in the device's time zone.

    Only XML replies have ``epoch_seconds``, the current time in seconds UTC.
    """

    current_time: str
    booted: str
    last_configured: str | None = None
    last_configured_by: str | None = None
    epoch_seconds: int | None = None
    node: str | None = None
