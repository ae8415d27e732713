# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of a device in the words of strongSwan.

A spoke sends everything of its routes into its one tunnel. On the hub one tunnel interface stands for the multipoint
unit: a connection per VPN negotiates 0.0.0.0/0 and installs no policy, and a next-hop tunnel entry is a connection that
is never negotiated, whose policy leads the next hop and the networks behind it into the associations of that VPN.
"""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel

_ENCRYPTION = {
    "3des-cbc": "3des",
    "aes-128-cbc": "aes128",
    "aes-192-cbc": "aes192",
    "aes-256-cbc": "aes256",
    "aes-128-gcm": "aes128gcm16",
    "aes-256-gcm": "aes256gcm16",
    "des-cbc": "des",
}
_AUTHENTICATION = {
    "md5": "md5", "sha1": "sha1", "sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512",
    "hmac-md5-96": "md5", "hmac-sha1-96": "sha1", "hmac-sha-256-128": "sha256", "hmac-sha-384": "sha384",
    "hmac-sha-512": "sha512",
}  # fmt: skip
_GROUPS = {
    "group1": "modp768", "group2": "modp1024", "group5": "modp1536", "group14": "modp2048", "group15": "modp3072",
    "group16": "modp4096", "group19": "ecp256", "group20": "ecp384", "group21": "ecp521", "group24": "modp2048s256",
}  # fmt: skip
# A proposal with AES-GCM needs a pseudo-random function of its own: Junos takes the hash that fits the group.
_FUNCTIONS = {"group20": "prfsha384", "group21": "prfsha512"}


def swanctl(plan: DevicePlan, keys: t.Mapping[str, str], bound: t.Collection[str] = ()) -> str:
    """Return the swanctl.conf of a device. ``keys`` are by host, ``bound`` the VPNs with a next-hop tunnel entry."""
    is_hub = plan.site.role == "hub"
    blocks = []
    for number, tunnel in enumerate(plan.tunnels, start=1):
        reqid = number if is_hub else None
        blocks.append(_connection(tunnel, reqid))
        if is_hub and tunnel.vpn in bound:
            blocks.append(_entry(tunnel, number))
    secrets = [
        _block(f"ike-{tunnel.vpn}", {"id": tunnel.peer_address, "secret": f'"{keys[tunnel.ike_policy.key_of]}"'})
        for tunnel in plan.tunnels
    ]
    return f"connections {{\n{''.join(blocks)}}}\nsecrets {{\n{''.join(secrets)}}}\n"


def _connection(tunnel: Tunnel, reqid: int | None) -> str:
    child: dict[str, object] = {
        "local_ts": "0.0.0.0/0",
        "remote_ts": "0.0.0.0/0",
        "esp_proposals": ",".join(_esp(tunnel)),
        "rekey_time": "1h",
    }
    if reqid is not None:
        child |= {"reqid": reqid, "policies": "no"}
    settings = {
        "version": tunnel.ike_version[1:],
        "local_addrs": tunnel.local.wan.ip,
        "remote_addrs": tunnel.peer_address,
        "proposals": ",".join(_ike(tunnel)),
        "mobike": "no",
        "dpd_delay": f"{tunnel.dead_peer_detection.interval if tunnel.dead_peer_detection else 0}s",
        "local": {"auth": "psk", "id": tunnel.local.wan.ip},
        "remote": {"auth": "psk", "id": tunnel.peer_address},
        "children": {tunnel.vpn: child},
    }
    return _block(tunnel.vpn, settings)


def _entry(tunnel: Tunnel, reqid: int) -> str:
    """Return a next-hop tunnel entry: of the other IKE version, and with an identity that nobody has."""
    name = f"nhtb-{tunnel.vpn}"
    child = {
        "local_ts": "0.0.0.0/0",
        "remote_ts": ",".join((f"{tunnel.next_hop}/32", *tunnel.remote_networks)),
        "reqid": reqid,
        "start_action": "trap",
    }
    settings = {
        "version": "2" if tunnel.ike_version == "v1" else "1",
        "local_addrs": tunnel.local.wan.ip,
        "remote_addrs": tunnel.peer_address,
        "local": {"auth": "psk"},
        "remote": {"auth": "psk", "id": name},
        "children": {name: child},
    }
    return _block(name, settings)


def _ike(tunnel: Tunnel) -> t.Iterator[str]:
    for one in tunnel.ike_policy.offered:
        group = one.dh_group or ""
        function = _AUTHENTICATION[one.authentication] if one.authentication else _FUNCTIONS.get(group, "prfsha256")
        yield f"{_ENCRYPTION[one.encryption]}-{function}-{_GROUPS[group]}"


def _esp(tunnel: Tunnel) -> t.Iterator[str]:
    for one in tunnel.ipsec_policy.offered:
        parts = [_ENCRYPTION[one.encryption], _AUTHENTICATION[one.authentication] if one.authentication else ""]
        yield "-".join(filter(None, (*parts, _GROUPS.get(tunnel.ipsec_policy.pfs_group, ""))))


def _block(name: str, settings: t.Mapping[str, object], depth: int = 1) -> str:
    pad = "    " * depth
    lines = [f"{pad}{name} {{\n"]
    for key, value in settings.items():
        if isinstance(value, dict):
            lines.append(_block(key, value, depth + 1))
        else:
            lines.append(f"{pad}    {key} = {value}\n")
    return "".join((*lines, f"{pad}}}\n"))
