# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The rows of replies about tunnels, their counters and their events, as frozen data."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class NextHopTunnel:
    """One row of ``show security ipsec next-hop-tunnels``. ``flag`` is ``Static`` or ``Auto``."""

    next_hop: str
    interface: str
    vpn: str
    flag: str
    node: str | None = None


@dataclass(frozen=True)
class IkeSa:
    """One IKE security association. The brief reply has no field after ``exchange_type``; lifetime in seconds."""

    index: int
    remote_address: str
    state: str
    initiator_cookie: str
    responder_cookie: str
    exchange_type: str
    gateway: str | None = None
    role: str | None = None
    local_address: str | None = None
    local_port: int | None = None
    remote_port: int | None = None
    lifetime_seconds: int | None = None
    authentication_method: str | None = None
    authentication_algorithm: str | None = None
    encryption_algorithm: str | None = None
    prf_algorithm: str | None = None
    dh_group: str | None = None
    peer_identity: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class IpsecSa:
    """One direction of a pair. ``spi`` is eight lower-case hexadecimal digits without 0x. Lifetimes remain."""

    direction: t.Literal["inbound", "outbound"]
    spi: str
    protocol: str | None = None
    encryption_algorithm: str | None = None
    authentication_algorithm: str | None = None
    lifetime_seconds: int | None = None
    soft_lifetime_seconds: int | None = None
    monitoring: str | None = None
    state: str | None = None
    lifetime_kilobytes: int | None = None


@dataclass(frozen=True)
class TunnelEvent:
    """An event of a tunnel in the device's words: ``time`` of the last occurrence, ``count`` of all.

    ``sequence`` is the mark of iked for events that recur together, ``START`` or ``END``.
    """

    time: str
    text: str
    count: int
    sequence: str | None = None


@dataclass(frozen=True)
class IpsecTunnel:
    """One tunnel with its security associations: two, four while rekeying.

    Brief replies have neither ``vpn`` nor ``bind_interface``; only the detail text of Junos 9 has no ``tunnel_index``.
    """

    tunnel_index: int | None
    remote_gateway: str
    security_associations: tuple[IpsecSa, ...]
    state: str | None = None
    vpn: str | None = None
    bind_interface: str | None = None
    local_gateway: str | None = None
    local_identity: str | None = None
    remote_identity: str | None = None
    ike_version: str | None = None
    port: int | None = None
    pfs_group: str | None = None
    events: tuple[TunnelEvent, ...] = ()
    node: str | None = None


@dataclass(frozen=True)
class IpsecStatistics:
    """Counters of ``show security ipsec statistics``; ``None`` where the release has no such counter.

    The reply does not name its tunnel: a caller that asks for one tunnel sets ``tunnel_index``; ``None`` means all.
    """

    esp_encrypted_bytes: int
    esp_decrypted_bytes: int
    esp_encrypted_packets: int
    esp_decrypted_packets: int
    ah_input_bytes: int
    ah_output_bytes: int
    ah_input_packets: int
    ah_output_packets: int
    ah_authentication_failures: int
    replay_errors: int
    esp_authentication_failures: int
    esp_decryption_failures: int
    bad_headers: int
    bad_trailers: int
    invalid_spi: int | None = None
    ts_check_failures: int | None = None
    exceeds_tunnel_mtu: int | None = None
    discarded: int | None = None
    misc_errors: int | None = None
    flow_errors: int | None = None
    no_sa_errors: int | None = None
    node: str | None = None
    tunnel_index: int | None = None


@dataclass(frozen=True)
class InactiveTunnel:
    """One tunnel that is down. ``reason`` is in the device's words and has occurred ``times`` times."""

    tunnel_index: int
    remote_gateway: str
    port: int | None
    pending_sas: int | None
    reason: str
    times: int | None = None
    vpn: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class LogEvent:
    """One entry of the IKE daemon's log. A field that the entry does not have is ``None``.

    ``kind`` and ``cause`` are from ``_parse/ike_log/table.py``. ``time`` is as printed, ``date_time`` in ISO form
    where the year is known. ``nat_t`` follows from the ports: 4500 is NAT traversal. ``line`` is the whole entry.
    """

    kind: str
    line: str
    time: str | None = None
    date_time: str | None = None
    phase: int | None = None
    cause: str | None = None
    remedy: str | None = None
    reason: str | None = None
    message: str | None = None
    role: str | None = None
    ike_version: int | None = None
    local_address: str | None = None
    local_port: int | None = None
    remote_address: str | None = None
    remote_port: int | None = None
    nat_t: bool | None = None
    local_id: str | None = None
    remote_id: str | None = None
    local_proxy: str | None = None
    remote_proxy: str | None = None
    selector: str | None = None
    vpn: str | None = None
    gateway: str | None = None
    interface: str | None = None
    tunnel_id: int | None = None
    direction: str | None = None
    spi: str | None = None
    host: str | None = None
    process: str | None = None
    node: str | None = None
