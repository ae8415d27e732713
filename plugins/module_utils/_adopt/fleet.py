# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Turn a hub and spokes that were configured by hand into the variables of an inventory that plans the same."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.attachments import (
    common_names,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.config import Config
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.device import (
    Device,
    Peer,
    Remark,
    all_peers,
    default_hops,
    hub_units,
    leads_into_tunnel,
    read_device,
    spoke_units,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.device_variables import DeviceVariables
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.differences import Difference, unsayable
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.identities import (
    identity_variable,
    leads_to,
    sends,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.negotiation import negotiation_variables
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.policies import policy_variables
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.routes import (
    exits_at_hub,
    route_variables,
    summary_variables,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.unread import unread_spoke
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.vpn_options import mirrored
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import decoded
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import of_group
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Syntax
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import KeyCodec
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.host import DH_GROUPS
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.inside import numbered

Variables = dict[str, t.Any]

# The parts of a name that mark a VPN or a gateway; the rest names its site.
_FRAME = re.compile(r"(?i)^(?:ipsec|vpn|ike|to)[-_]|[-_](?:ipsec|vpn|tunnel|gate|gateway|gw|ike)$")
_SITE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,26}")


@dataclass(frozen=True)
class Adoption:
    """The inventory: each host's variables, the hub first, and the plain keys of the spokes, by host.

    ``configs`` are the configurations that were read, by host. ``unsayable`` are their statements that no variable can
    express, and without which the VPN would be another one. ``assumed`` are variables by host that a plan needs and the
    operator has to add: with them a plan shows what else changes.
    """

    hub: str
    variables: dict[str, Variables]
    keys: dict[str, str] = field(repr=False)
    remarks: tuple[Remark, ...]
    configs: dict[str, Config] = field(repr=False)
    unsayable: tuple[Difference, ...] = ()
    assumed: dict[str, Variables] = field(default_factory=dict)

    @property
    def spokes(self) -> list[str]:
        """Return the hosts other than the hub."""
        return [host for host in self.variables if host != self.hub]


def adopt(
    hub: str,
    spokes: t.Sequence[str],
    commands: t.Mapping[str, t.Sequence[str]],
    given: t.Mapping[str, Variables],
    parts: t.Collection[str],
    codec: KeyCodec,
) -> Adoption:
    """Return the inventory of a hub's VPN and its spokes.

    ``commands`` are the set commands of each device that was read. ``given`` are the ``nhtb_`` variables that hosts
    have already, used for a host that was not read. ``parts`` are the names of ``nhtb_manage_`` variables to plan too.
    Raise HubspokeError where there is no such VPN, or where it is in the group already.
    """
    configs = {host: Config(found, _group(given.get(host, {}))) for host, found in commands.items()}
    for host, config in configs.items():
        if of_group(config.commands, config.group):
            raise HubspokeError(
                f"{host}: group {config.group}: expected none, actual there. It is deployed already: compare it"
                " with its inventory (hubspoke.srx.drift), remove it, or set another name in nhtb_group."
            )
    return _Reader(hub, spokes, configs, given, parts, codec).run()


def _group(variables: Variables) -> str:
    return str(variables.get("nhtb_group") or "hubspoke")


class _Reader:
    """Read the hub, then the spoke at the other end of each of its VPNs."""

    def __init__(
        self,
        hub: str,
        spokes: t.Sequence[str],
        configs: dict[str, Config],
        given: t.Mapping[str, Variables],
        parts: t.Collection[str],
        codec: KeyCodec,
    ) -> None:
        self._spokes = spokes
        self._configs = configs
        self._given = given
        self._codec = codec
        self._device_variables = DeviceVariables(given, parts, common_names(configs.values()), self._note)
        self._remarks: list[Remark] = []
        self._unsayable: list[Difference] = []
        self._assumed: dict[str, Variables] = {}
        self._hub_host = hub
        self._devices: dict[str, Device] = {}
        self._hub = self._read_hub(hub)
        # The options that all VPNs of the hub have; none where they differ.
        first, *others = [peer.options for peer in self._hub.peers]
        self._options_of_hub = first if all(one == first for one in others) else {}
        self._variables: dict[str, Variables] = {}
        self._keys: dict[str, str] = {}
        # The addresses at which each spoke finds the hub.
        self._hub_found_at: list[tuple[str, ...]] = []

    def run(self) -> Adoption:
        """Return the inventory."""
        hub = self._hub
        self._variables[hub.host] = {}
        names: list[str] = []
        for peer in hub.peers:
            host = self._host_of(peer)
            site = self._site(peer, host)
            if host in self._variables:
                self._note(
                    hub.host, f"vpn {peer.vpn}", f"expected one VPN to {host}, actual one more", "It stays as it is"
                )
                continue
            if host in self._configs:
                device = self._read_spoke(host, peer)
                if device is None:
                    continue
                own = next(one for one in device.peers if leads_to(hub, peer, one))
                names.append(_stem(own.vpn))
                self._hub_found_at.append(own.addresses)
                self._variables[host] = self._spoke_variables(device, peer, own, site)
                self._add_options(host, peer, own.proxy_identity, own.options)
                self._add_key(host, peer, own)
            else:
                spoke = unread_spoke(host, hub, peer, site, self._given.get(host, {}))
                self._variables[host], self._assumed[host] = spoke.variables, spoke.assumed
                self._remarks += spoke.remarks
                self._add_options(host, peer, mirrored(peer.proxy_identity))
                self._add_key(host, peer, None)
        self._variables[hub.host] = self._hub_variables(names)
        self._add_summaries()
        self._read_policies()
        for host in (host for host in self._spokes if host not in self._variables):
            what = f"expected a VPN from {hub.host} on {hub.tunnel_interface}, actual none"
            self._note(host, "nhtb_spokes", what, "The inventory is written without it")
        return Adoption(
            hub.host,
            self._variables,
            self._keys,
            tuple(self._remarks),
            self._configs,
            tuple(self._unsayable),
            self._assumed,
        )

    def _read_policies(self) -> None:
        """Read the policies of each device as rules, once the networks of all sites have their names."""
        places: dict[str, str] = {}
        spokes: dict[str, str] = {}
        for host, variables in self._variables.items():
            lans = [lan or {} for lan in variables.get("nhtb_lans") or []]
            inside = [one for lan in lans for one in lan.get("networks", [])]
            networks = [*(lan.get("address") for lan in lans), *(one.get("network") for one in inside)]
            for index, (entry, network) in enumerate(zip([*lans, *inside], networks, strict=True)):
                name = entry.get("name") or numbered(f"{variables['nhtb_site']}-net", index)
                places[_network(str(network or ""))] = str(name)
                in_vpn = host != self._hub.host and entry.get("vpn", True)
                spokes |= {str(name): variables["nhtb_site"]} if in_vpn else {}
        for host, device in [one for one in self._devices.items() if one[0] in self._variables]:
            role: t.Literal["hub", "spoke"] = "hub" if host == self._hub.host else "spoke"
            found, remarks = policy_variables(device, role, places, spokes)
            self._variables[host] |= found
            self._remarks += remarks

    def _note(self, host: str, thing: str, message: str, remedy: str) -> None:
        self._remarks.append(Remark(host, "note", thing, message, remedy))

    def _missing(self, host: str, thing: str, message: str, remedy: str) -> None:
        self._remarks.append(Remark(host, "missing", thing, message, remedy))

    # --- hub and spokes ---

    def _read_hub(self, host: str) -> Device:
        units = hub_units(self._configs[host])
        if not units:
            raise HubspokeError(
                f"{host}: interfaces st0: expected a multipoint unit with VPNs bound to it, actual none."
                " Only a hub whose tunnels share one st0 unit can be adopted."
            )
        for unit in units[1:]:
            what = "expected one multipoint unit with VPNs, actual one more"
            self._note(host, f"st0.{unit}", what, "It stays as it is")
        return self._read(host, units[0])

    def _read(self, host: str, unit: str) -> Device:
        config = self._configs[host]
        device, remarks = read_device(host, config, unit)
        self._devices[host] = device
        self._remarks += remarks
        used = (device.tunnel_interface, device.wan_interface, *(lan.interface for lan in device.lans))
        self._unsayable += unsayable(host, config, [peer.vpn for peer in device.peers], used)
        # A spoke has nhtb_internet_exit for it.
        self._unsayable += [
            Difference(host, f"routing-options static route 0.0.0.0/0 next-hop {hop}", "", "")
            for hop in default_hops(config)
            if leads_into_tunnel(config, hop) and (host == self._hub_host or not exits_at_hub(config))
        ]
        return device

    def _read_spoke(self, host: str, peer: Peer) -> Device | None:
        units = spoke_units(self._configs[host], lambda one: leads_to(self._hub, peer, one))
        if not units:
            what = f"expected a VPN on st0 to {self._hub.wan_ip} of {self._hub.host}, actual none"
            self._missing(host, "security ipsec vpn", what, "Check the address of its gateway")
            return None
        return self._read(host, units[0])

    def _host_of(self, peer: Peer) -> str:
        """Return the host at the other end, by its address, else by the name of the VPN; a new name without one."""
        for host in self._spokes:
            config = self._configs.get(host)
            wan = (self._given.get(host, {}).get("nhtb_wan") or {}).get("address", "")
            # An address by DHCP is in no configuration.
            own = (_ips(config) if config else set()) | {wan.partition("/")[0]}
            if not own.isdisjoint(peer.addresses) or (config and sends(all_peers(config), peer)):
                return host
        stem = _stem(peer.vpn)
        by_name = [host for host in self._spokes if stem in (host, self._given.get(host, {}).get("nhtb_site"))]
        unread = [host for host in by_name if host not in self._configs]
        return unread[0] if unread else stem

    def _site(self, peer: Peer, host: str) -> str:
        """Return an unused site name: the given one, the middle of the VPN's name, or the host."""
        taken = {variables.get("nhtb_site") for variables in self._variables.values()}
        wanted = [str(self._given.get(host, {}).get("nhtb_site") or ""), _stem(peer.vpn), host]
        fit = [name for name in wanted if _SITE.fullmatch(name) and name not in taken]
        return fit[0] if fit else f"site-{len(self._variables)}"

    # --- variables ---

    def _add_options(self, host: str, peer: Peer, proxy_identity: Variables, own: Variables | None = None) -> None:
        """Add the options of both ends of a spoke's tunnel, except those that the hub has for all."""
        at_hub = {} if self._options_of_hub else peer.options
        named = {"proxy_identity": proxy_identity, "at_hub": at_hub}
        options = {**(own or {}), **{name: value for name, value in named.items() if value}}
        if options:
            self._variables[host]["nhtb_vpn"] = options

    def _hub_variables(self, names: t.Sequence[str]) -> Variables:
        hub = self._hub
        syntaxes = {variables.get("nhtb_syntax") for variables in self._variables.values()}
        syntax = "modern" if "modern" in syntaxes else "classic"
        site = next(iter(dict.fromkeys(names)), "") if len(set(names)) == 1 else ""
        site = site if _SITE.fullmatch(site) else re.sub(r"[^A-Za-z0-9_-]", "-", hub.host)[:27]
        found_at = next((one for one in self._hub_found_at if hub.wan_ip not in one), (hub.wan_ip,))
        if all(hub.wan_ip in one for one in self._hub_found_at):
            found_at = max(self._hub_found_at, key=len, default=found_at)
        # A gateway that only answers has no setting.
        modes = [peer.establish for peer in hub.peers if peer.addresses] or ["immediately"]
        variables = self._device_variables.of(hub, site, syntax, modes, found_at)
        identity = identity_variable(hub.peers, None, site, variables["nhtb_wan"])
        variables |= {"nhtb_vpn": self._options_of_hub} if self._options_of_hub else {}
        return variables if identity is None else {**variables, "nhtb_identity": identity}

    def _spoke_variables(self, device: Device, peer: Peer, own: Peer, site: str) -> Variables:
        for other in (one for one in device.peers if one is not own):
            what = f"expected only a VPN to {self._hub.host} on {device.tunnel_interface}, actual {other.vpn}"
            self._note(device.host, f"vpn {other.vpn}", what, "Bind it to a unit of its own first")
        syntax: Syntax = "modern" if peer.is_v2 and own.is_v2 else "classic"
        variables = self._device_variables.of(device, site, syntax, [own.establish], peer.addresses)
        identity = identity_variable([own], peer.remote_identity, site, variables["nhtb_wan"])
        if identity is not None:
            variables["nhtb_identity"] = identity
        if syntax == "modern" and own.dh_group in DH_GROUPS:
            variables["nhtb_dh_group"] = own.dh_group
        group = str(variables.get("nhtb_dh_group", "group19"))
        variables |= negotiation_variables(device.config, own.vpn, syntax, group)
        if peer.key_format != "ascii":
            variables["nhtb_key_format"] = peer.key_format
        if peer.next_hop:
            variables["nhtb_static_binding"] = True
        found = route_variables(device, peer.next_hop)
        tunnel = {**variables["nhtb_tunnel"], **found.pop("nhtb_tunnel", {})}
        return {**variables, "nhtb_tunnel": tunnel, **found}

    def _add_summaries(self) -> None:
        """Add the summary of networks that a device has in place of those of all other sites."""
        lans = {
            host: [str(ipaddress.IPv4Interface(lan["address"]).network) for lan in own.get("nhtb_lans") or []
                   if lan.get("address") and lan.get("vpn", True) is not False]
            for host, own in self._variables.items()
        }  # fmt: skip
        for host, device in self._devices.items():
            if host in self._variables:
                far = [network for other, found in lans.items() if other != host for network in found]
                tunnel_ip = self._hub.tunnel_address.partition("/")[0]
                is_hub = host == self._hub_host
                found = summary_variables(device, far, tunnel_ip, len(lans) - 1, is_hub=is_hub)
                self._variables[host] |= found

    # --- keys ---

    def _add_key(self, host: str, peer: Peer, own: Peer | None) -> None:
        hub = self._hub
        plain = decoded(peer.key, self._codec)
        if plain is None:
            what = f"expected a key that can be decoded in policy {peer.ike_policy} of {hub.host}, actual another"
            self._missing(host, "nhtb_pre_shared_key", what, "Set the key in a vault file of the inventory")
            return
        self._keys[host] = plain
        if own is None:
            return
        if decoded(own.key, self._codec) not in (plain, None):
            what = (
                f"expected the key of policy {peer.ike_policy} of {hub.host}, actual another key in policy"
                f" {own.ike_policy}"
            )
            self._note(host, "nhtb_pre_shared_key", what, f"The inventory has the key of {hub.host}")


def _network(address: str) -> str:
    try:
        return str(ipaddress.IPv4Interface(address).network)
    except ValueError:
        return ""


def _stem(vpn: str) -> str:
    """Return the part of a VPN's name that names a site."""
    name = vpn
    while (shorter := _FRAME.sub("", name)) not in ("", name):
        name = shorter
    return name


def _ips(config: Config) -> set[str]:
    return {
        address.partition("/")[0]
        for interface in config.names("interfaces")
        for unit in config.names("interfaces", interface, "unit")
        for address in config.addresses(f"{interface}.{unit}")
    }
