# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The variables of one device that either role has: site, LANs, WAN, tunnel interface and unmanaged parts."""

from __future__ import annotations

import ipaddress
import typing as t
from collections import Counter

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.attachments import inbound, vlan_of
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.device import Device, LocalNetwork, is_closed, leaks
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.identities import wan_variables
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.policies import book_variables
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.routes import exits_at_hub
from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import JUNOS
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import PARTS
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.wans import NOT_PUBLIC

Variables = dict[str, t.Any]

# Variables that a device has before it is read, and keeps.
_KEPT = ("nhtb_site", "nhtb_group", "nhtb_host_name", "nhtb_release", "nhtb_own_zone_pairs")


class DeviceVariables:
    """Writes the variables of devices. ``names`` are those of networks, by prefix.

    ``given`` are the variables that hosts have already, ``parts`` the names of ``nhtb_manage_`` variables to plan too.
    ``note`` takes a remark: its host, object, message and remedy.
    """

    def __init__(
        self,
        given: t.Mapping[str, Variables],
        parts: t.Collection[str],
        names: t.Mapping[str, str],
        note: t.Callable[[str, str, str, str], None],
    ) -> None:
        self._given = given
        self._parts = parts
        self._names = names
        self._note = note

    def of(
        self, device: Device, site: str, syntax: str, establish: t.Sequence[str], found_at: t.Sequence[str]
    ) -> Variables:
        """Return the variables of a device.

        ``establish`` are the settings of its VPNs, ``found_at`` the addresses where its peers find it.
        """
        zones = JUNOS.zones.defaults
        exits = exits_at_hub(device.config)
        lans = [self._lan_variables(lan, syntax, exits=exits) for lan in device.lans if lan.vpn or self._plans_lans]
        given_wan = self._given.get(device.host, {}).get("nhtb_wan") or {}
        wan: Variables = {"interface": device.wan_interface, **wan_variables(device, found_at, given_wan)}
        wan |= {"ike_interface": device.loopback, "ike_address": device.loopback_address}
        tunnel: Variables = {"address": device.tunnel_address, "zone": device.tunnel_zone}
        if "zones" in self._parts:
            # A WAN that asks for a lease has the service for it from the plan.
            own_services = ("dhcp", "ike") if wan.get("addressing") == "dhcp" else ("ike",)
            wan |= inbound(device.config, device.wan_zone, device.wan_interface).variables((), own_services)
            shared = device.tunnel_zone in (device.wan_zone, *(lan.zone for lan in device.lans))
            own = inbound(device.config, device.tunnel_zone, device.tunnel_interface)
            # The services of a shared zone are those of the LAN or the WAN there.
            tunnel |= own.variables(()) if own.on_interface or not shared else {}
        if "wan_interface" in self._parts and (vlan := vlan_of(device.config, device.wan_interface)):
            wan["vlan_id"] = int(vlan)
        is_reached = device.wan_ip and "address" in wan and not {"behind_nat", "public_address"} & wan.keys()
        if is_reached and any(ipaddress.IPv4Address(device.wan_ip) in network for network in NOT_PUBLIC):
            # The VPN is there, so its peers reach the address.
            wan["reachable"] = True
        names_source = syntax == "modern" and "wan_interface" in self._parts
        if "addressing" not in wan and bool(device.local_address) != names_source and not device.loopback:
            wan["local_address"] = bool(device.local_address)
        variables: Variables = {
            "nhtb_site": site,
            "nhtb_lans": [_without_defaults(lan, zones[0]) for lan in lans],
            "nhtb_wan": _without_defaults({**wan, "zone": device.wan_zone}, zones[1]),
            "nhtb_tunnel": {
                "unit": int(device.unit),
                **_without_defaults(tunnel, zones[2]),
                **({"mtu": int(device.mtu)} if device.mtu else {}),
            },
            "nhtb_syntax": syntax,
        }
        modes = Counter(mode or ("on-traffic" if syntax == "modern" else "") for mode in establish)
        mode = modes.most_common(1)[0][0]
        if len(modes) > 1:
            counts = ", ".join(f"{name or 'on-traffic'} ({count})" for name, count in modes.items())
            what = f"expected one value for all VPNs, actual {counts}"
            self._note(device.host, "establish-tunnels", what, f"The inventory has {mode or 'on-traffic'} for all")
        if mode and (syntax, mode) != ("modern", "immediately"):
            variables["nhtb_establish_tunnels"] = mode
        variables |= book_variables(device, "global" if syntax == "modern" else "zone")
        if device.mss not in ("", "1350"):
            variables["nhtb_mss"] = int(device.mss)
        variables |= {f"nhtb_manage_{part}": False for part in PARTS if part not in self._parts}
        if not is_closed(device):
            # The inventory plans the same VPN, so what is open stays open, and says so.
            variables["nhtb_fail_closed"] = False
            self._note_leak(device)
        given = self._given.get(device.host, {})
        return variables | {name: given[name] for name in _KEPT if given.get(name)}

    @property
    def _plans_lans(self) -> bool:
        """Return whether a part is planned that concerns LANs outside the VPN too."""
        return not {"lan_interfaces", "zones", "internet_policy"}.isdisjoint(self._parts)

    def _lan_variables(self, lan: LocalNetwork, syntax: str, *, exits: bool) -> Variables:
        """Return one entry of ``nhtb_lans`` without the keys of unmanaged parts."""
        values: Variables = {"interface": lan.interface, "address": lan.address, "zone": lan.zone}
        if "zones" in self._parts:
            values |= lan.inbound.variables(("all",) if syntax == "classic" else ("ping",))
        if "lan_interfaces" in self._parts and lan.vlan:
            values["vlan_id"] = int(lan.vlan)
        if lan.vpn:
            values |= self._name_of(str(ipaddress.IPv4Interface(lan.address).network))
        if lan.vpn and lan.behind:
            values["networks"] = [
                {"network": prefix, "next_hop": hop, **self._name_of(prefix)} for prefix, hop in lan.behind
            ]
        if ("internet_policy" in self._parts or exits) and not lan.internet:
            values["internet"] = False
        return values if lan.vpn else {**values, "vpn": False}

    def _name_of(self, network: str) -> Variables:
        return {"name": self._names[network]} if network in self._names else {}

    def _note_leak(self, device: Device) -> None:
        for network, policy in leaks(device):
            what = f"expected packets for {network} never to leave in clear, actual policy {policy} allows them"
            remedy = (
                "It does so while the tunnel is down. The inventory has nhtb_fail_closed: false, and plans the same;"
                " set it to true to have them dropped"
            )
            self._note(device.host, f"zone {device.wan_zone}", what, remedy)
            return


def _without_defaults(values: Variables, zone: str) -> Variables:
    """Return the values that were found, without the zone where it is the default one."""
    return {
        name: value for name, value in values.items() if value not in ("", None) and (name != "zone" or value != zone)
    }
