# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packets of our own: pings, a TCP connection with the MSS of its SYN, and what is on a cable."""

from __future__ import annotations

import collections
import os
import socket
import struct
import time
import typing as t

_ETH_P_ALL, _ETH_HEADER = 3, 14
_ICMP, _TCP, _UDP, _ESP = 1, 6, 17, 50
_MAXSEG = 2


def _checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return int(~(total + (total >> 16)) & 0xFFFF)


def ping(destination: str, seconds: float, source: str = "") -> bool:
    """Return whether a host answers an echo request within some seconds, asked again twice a second."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as channel:
        if source:
            channel.bind((source, 0))
        identity, end, number = os.getpid() & 0xFFFF, time.monotonic() + seconds, 0
        while time.monotonic() < end:
            number += 1
            body = struct.pack("!BBHHH8s", 8, 0, 0, identity, number, b"hubspoke")
            request = body[:2] + struct.pack("!H", _checksum(body)) + body[4:]
            try:
                channel.sendto(request, (destination, 0))
            except OSError:
                # No route, or a tunnel without an association: asked again until the end.
                time.sleep(0.2)
                continue
            if _answered(channel, destination, identity, min(end, time.monotonic() + 0.5)):
                return True
    return False


def _answered(channel: socket.socket, destination: str, identity: int, until: float) -> bool:
    while (remaining := until - time.monotonic()) > 0:
        channel.settimeout(remaining)
        try:
            packet, (sender, _port) = channel.recvfrom(2048)
        except OSError:
            return False
        kind, _code, _sum, answered = struct.unpack_from("!BBHH", packet, (packet[0] & 15) * 4)
        if (kind, sender, answered) == (0, destination, identity):
            return True
    return False


def serve(port: int, seconds: float) -> int | None:
    """Accept one TCP connection; return the MSS of its SYN as it arrives, ``None`` where none comes."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL)) as wire, socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("", port))
        server.listen(1)
        server.settimeout(seconds)
        try:
            server.accept()[0].close()
        except OSError:
            return None
        wire.settimeout(1)
        return _mss_of(wire, port)


def connect(destination: str, port: int, seconds: float) -> int | None:
    """Connect by TCP; return the MSS of the SYN as it leaves, ``None`` where nobody answers."""
    end = time.monotonic() + seconds
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL)) as wire:
        while time.monotonic() < end:
            try:
                socket.create_connection((destination, port), timeout=2).close()
            except OSError:
                time.sleep(0.1)
                continue
            wire.settimeout(1)
            return _mss_of(wire, port)
    return None


def _mss_of(wire: socket.socket, port: int) -> int | None:
    while True:
        try:
            frame = wire.recv(4096)
        except OSError:
            return None
        packet = frame[_ETH_HEADER:]
        if len(packet) < 40 or packet[9] != _TCP:
            continue
        segment = packet[(packet[0] & 15) * 4 :]
        is_syn = segment[13] & 0x12 == 0x02
        if is_syn and struct.unpack_from("!H", segment, 2)[0] == port:
            return _option(segment[20 : (segment[12] >> 4) * 4])


def _option(options: bytes) -> int | None:
    position = 0
    while position < len(options) and options[position]:
        if options[position] == 1:
            position += 1
            continue
        if options[position] == _MAXSEG:
            return int(struct.unpack_from("!H", options, position + 2)[0])
        position += options[position + 1]
    return None


def listen(is_ended: t.Callable[[], bool]) -> dict[str, int]:
    """Return the IP packets on all cables of a namespace until the end, counted by kind."""
    kinds: collections.Counter[str] = collections.Counter()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL)) as wire:
        wire.settimeout(0.1)
        while not is_ended():
            try:
                frame, (_interface, protocol, *_rest) = wire.recvfrom(65536)
            except OSError:
                continue
            if protocol == 0x0800:
                kinds[_kind(frame[_ETH_HEADER:])] += 1
    return dict(kinds)


def _kind(packet: bytes) -> str:
    """Return what a packet is to a listener: IKE, ESP, or what it says in clear."""
    protocol, rest = packet[9], packet[(packet[0] & 15) * 4 :]
    if protocol == _ESP:
        return "ESP"
    if protocol == _UDP:
        ports = set(struct.unpack_from("!HH", rest))
        if 4500 in ports:
            return "IKE" if rest[8:12] == bytes(4) else "ESP in UDP 4500"
        if 500 in ports:
            return "IKE"
        return "clear UDP"
    return {_ICMP: "clear ICMP", _TCP: "clear TCP"}.get(protocol, f"clear protocol {protocol}")
