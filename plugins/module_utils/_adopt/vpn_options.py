# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The options of a hand-made VPN as the variable ``nhtb_vpn``."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.config import Config, logical

Variables = dict[str, t.Any]

_VPN = "security ipsec vpn"


def end_options(config: Config, vpn: str) -> Variables:
    """Return the keys of ``nhtb_vpn`` for one end, without its proxy identity."""
    found: Variables = {}
    if "vpn-monitor" in config.names(_VPN, vpn):
        found["monitor"] = _monitor(config, vpn)
    if df_bit := config.value(_VPN, vpn, "df-bit"):
        found["df_bit"] = df_bit
    if "copy-outer-dscp" in config.names(_VPN, vpn):
        found["copy_outer_dscp"] = True
    if window := config.value(_VPN, vpn, "ike", "anti-replay-window-size"):
        found["anti_replay_window"] = int(window)
    if "no-anti-replay" in config.names(_VPN, vpn, "ike"):
        found["anti_replay_window"] = 0
    if idle_time := config.value(_VPN, vpn, "ike", "idle-time"):
        found["idle_time"] = int(idle_time)
    return found


def proxy_identity(config: Config, vpn: str) -> Variables:
    """Return ``nhtb_vpn.proxy_identity`` of one end; empty without one."""
    place = (vpn, "ike", "proxy-identity")
    if "proxy-identity" not in config.names(_VPN, vpn, "ike"):
        return {}
    found = {name: config.value(_VPN, *place, name) for name in ("local", "remote", "service")}
    return {name: value for name, value in found.items() if value} or {"local": "0.0.0.0/0"}


def mirrored(identity: Variables) -> Variables:
    """Return the proxy identity that the other end must have."""
    names = {"local": "remote", "remote": "local"}
    return {names.get(name, name): value for name, value in identity.items()}


def _monitor(config: Config, vpn: str) -> Variables:
    place = (vpn, "vpn-monitor")
    there = config.names(_VPN, *place)
    found: Variables = {}
    if destination := config.value(_VPN, *place, "destination-ip"):
        found["destination"] = destination
    if source := config.value(_VPN, *place, "source-interface"):
        found["source_interface"] = logical(source)
    if "optimized" in there:
        found["optimized"] = True
    if "verify-path" in there:
        size = config.value(_VPN, *place, "verify-path", "packet-size")
        target = config.value(_VPN, *place, "verify-path", "destination-ip")
        path = {"destination": target, "packet_size": int(size) if size else 0}
        found["verify_path"] = {name: value for name, value in path.items() if value}
    for name in ("interval", "threshold"):
        if value := config.value("security ipsec vpn-monitor-options", name):
            found[name] = int(value)
    return found
