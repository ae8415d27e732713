# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read an Ansible inventory: the devices of the lab, and where each listens."""

from __future__ import annotations

import ipaddress
import json
import os
import subprocess
import sys
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.errors import LabError
from tests.lab.switches import HOSTILE, SWITCHES, Switches

GROUPS = ("nhtb_hubs", "nhtb_spokes")
PLATFORMS = ("junos", "screenos")
FLAVOURS = ("kmd", "iked")
LOOPBACK = "127.0.0.1"
DEFAULT_RELEASE = "24.4R1.9"
# Seconds between the end of a confirm window and the automatic rollback: 30 to 45 seconds were measured on real
# devices.
DEFAULT_LATENESS = 30.0

_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True)
class DeviceOptions:
    """The kind of SRX that a device is, from the ``lab_*`` variables of its host."""

    release: str = DEFAULT_RELEASE
    flavour: str = "kmd"
    cluster: bool = False
    padded: bool = True
    dhcp: str = ""
    nat: str = ""
    nat_forwards: bool = False
    model: str = "vSRX"
    session_bound_confirm: bool = False
    rollback_lateness: float = DEFAULT_LATENESS
    switches: Switches = HOSTILE


@dataclass(frozen=True)
class LabHost:
    """One host of the inventory.

    ``port`` is 0 for a third-party host, which has no SSH, and for a device that takes a free port. ``host_name`` is
    for a device without a start configuration.
    """

    name: str
    kind: str
    address: str
    port: int
    user: str | None
    password: str | None = field(default=None, repr=False)
    options: DeviceOptions = DeviceOptions()
    host_name: str = ""
    initial: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Inventory:
    """All hosts of the hub and spoke groups, in the order of the inventory."""

    hosts: tuple[LabHost, ...]
    variables: t.Mapping[str, t.Mapping[str, t.Any]] = field(repr=False)
    vault_password_file: str | None = None

    def key_of(self, host: str) -> str:
        """Return the pre-shared key of ``host``, decrypted in memory. Raise ``LabError`` if there is none."""
        if host not in self.variables:
            raise LabError(f"{host}: not a host of the inventory, so its pre-shared key is not known")
        value = self.variables[host].get("nhtb_pre_shared_key")
        key = _plain(value, host, "nhtb_pre_shared_key", self.vault_password_file)
        if not key:
            raise LabError(f"{host}: nhtb_pre_shared_key is not set, so the placeholder in the text cannot be filled")
        return key


def load(sources: t.Sequence[str], vault_password_file: str | None = None, free_ports: bool = False) -> Inventory:
    """Return the inventory of ``sources``, read by ``ansible-inventory``. Raise ``LabError`` with all its problems.

    With ``free_ports`` each device listens on a free port of 127.0.0.1, whatever the inventory says.
    """
    data = _run_ansible_inventory(sources, vault_password_file)
    variables: dict[str, dict[str, t.Any]] = data.get("_meta", {}).get("hostvars", {})
    problems: list[str] = []
    hosts: list[LabHost] = []
    directories = [path if path.is_dir() else path.parent for path in map(Path, sources)]
    for name in _members(data):
        try:
            hosts.append(_host(name, variables.get(name, {}), directories, vault_password_file, free_ports))
        except LabError as error:
            problems.append(str(error))
    if not hosts and not problems:
        problems.append(
            f"{', '.join(sources)}: no host in the groups {' and '.join(GROUPS)}; add the devices of the lab to them"
        )
    problems.extend(_port_clashes(hosts))
    if problems:
        raise LabError("\n".join(problems))
    return Inventory(tuple(hosts), variables, vault_password_file)


def _run_ansible_inventory(sources: t.Sequence[str], vault: str | None) -> dict[str, t.Any]:
    for source in sources:
        if not Path(source).exists():
            raise LabError(f"{source}: no such inventory")
    command = [_tool("ansible-inventory"), "--list"]
    for source in sources:
        command += ["-i", source]
    if vault is not None:
        # A file that is vaulted as a whole.
        command += ["--vault-password-file", vault]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise LabError(f"ansible-inventory refused {', '.join(sources)}: {result.stderr.strip()}")
    try:
        return t.cast("dict[str, t.Any]", json.loads(result.stdout))
    except ValueError as error:
        raise LabError(f"ansible-inventory answered something that is not JSON: {error}") from error


def _tool(name: str) -> str:
    """Return the path of an Ansible tool of this Python, so that the lab and the playbooks read the inventory alike."""
    tool = Path(sys.executable).parent / name
    if not tool.exists():
        raise LabError(f"{tool}: not found; install ansible-core for this Python")
    return os.fspath(tool)


def _members(data: dict[str, t.Any]) -> list[str]:
    names: dict[str, None] = {}

    def collect(group: str) -> None:
        entry = data.get(group, {})
        names.update(dict.fromkeys(entry.get("hosts", [])))
        for child in entry.get("children", []):
            collect(child)

    for group in GROUPS:
        collect(group)
    return list(names)


def _host(
    name: str, variables: dict[str, t.Any], directories: list[Path], vault: str | None, free_ports: bool
) -> LabHost:
    platform = _choice(name, variables, "nhtb_platform", PLATFORMS, "junos")
    kind = str(variables.get("nhtb_profile") or platform)
    options = DeviceOptions(
        release=str(variables.get("lab_release", DEFAULT_RELEASE)),
        flavour=_choice(name, variables, "lab_flavour", FLAVOURS, "kmd"),
        cluster=_boolean(name, variables, "lab_cluster", False),
        dhcp=_lease(name, variables),
        nat=_translated(name, variables),
        nat_forwards=_boolean(name, variables, "lab_nat_forwards", False),
        padded=_boolean(name, variables, "lab_padded", True),
        model=str(variables.get("lab_model", "vSRX")),
        session_bound_confirm=_boolean(name, variables, "lab_session_bound_confirm", False),
        rollback_lateness=_seconds(name, variables, "lab_rollback_lateness", DEFAULT_LATENESS),
        switches=_switches(name, variables),
    )
    if kind != "junos":
        return LabHost(name, kind, "", 0, None, options=options)
    user = variables.get("ansible_user")
    return LabHost(
        name=name,
        kind=kind,
        address=LOOPBACK if free_ports else _address(name, variables),
        port=0 if free_ports else _port(name, variables),
        user=_plain(user, name, "ansible_user", vault) if user is not None else None,
        password=_plain(variables.get("ansible_password"), name, "ansible_password", vault),
        options=options,
        host_name=_plain(variables.get("nhtb_host_name"), name, "nhtb_host_name", vault) or name,
        initial=_initial(name, variables, directories),
    )


def _address(name: str, variables: dict[str, t.Any]) -> str:
    value = _plain(variables.get("ansible_host", name), name, "ansible_host", None) or name
    value = LOOPBACK if value == "localhost" else value
    try:
        loopback = ipaddress.ip_address(value).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise LabError(f"{name}: ansible_host = {value}: the lab listens on loopback addresses only; use {LOOPBACK}")
    return value


def _port(name: str, variables: dict[str, t.Any]) -> int:
    value = variables.get("ansible_port")
    if value is None:
        raise LabError(f"{name}: ansible_port is missing; give each device a free port, such as 2201")
    text = _plain(value, name, "ansible_port", None) or ""
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise LabError(f"{name}: ansible_port = {text}: not a port number from 1 to 65535")
    return int(text)


def _port_clashes(hosts: list[LabHost]) -> t.Iterator[str]:
    taken: dict[tuple[str, int], str] = {}
    for host in hosts:
        place = (host.address, host.port)
        if host.port and place in taken:
            yield f"{host.name}: ansible_port = {host.port}: taken by {taken[place]} on {host.address}"
        taken[place] = host.name


def _initial(name: str, variables: dict[str, t.Any], directories: list[Path]) -> str | None:
    value = variables.get("lab_initial")
    if value is None:
        return None
    for directory in directories:
        path = directory / str(value)
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise LabError(f"{name}: lab_initial = {value}: no such file below {', '.join(map(str, directories))}")


def _choice(name: str, variables: dict[str, t.Any], variable: str, allowed: tuple[str, ...], default: str) -> str:
    value = str(variables.get(variable, default))
    if value not in allowed:
        raise LabError(f"{name}: {variable} = {value}: not one of {', '.join(allowed)}")
    return value


def _switches(name: str, variables: dict[str, t.Any]) -> Switches:
    chosen = {
        one.name: _choice(name, variables, one.variable, tuple(one.values), next(iter(one.values))) for one in SWITCHES
    }
    return Switches(**chosen)


def _boolean(name: str, variables: dict[str, t.Any], variable: str, default: bool) -> bool:
    value = str(variables.get(variable, default)).lower()
    if value not in _BOOLEANS:
        raise LabError(f"{name}: {variable} = {value}: not true or false")
    return _BOOLEANS[value]


def _seconds(name: str, variables: dict[str, t.Any], variable: str, default: float) -> float:
    value = variables.get(variable, default)
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if seconds < 0:
        raise LabError(f"{name}: {variable} = {value}: not a number of seconds")
    return seconds


def _lease(name: str, variables: dict[str, t.Any]) -> str:
    value = str(variables.get("lab_dhcp", ""))
    try:
        return str(ipaddress.IPv4Interface(value)) if value else ""
    except ValueError as error:
        raise LabError(f"{name}: lab_dhcp = {value}: not an address with its prefix length") from error


def _translated(name: str, variables: dict[str, t.Any]) -> str:
    value = str(variables.get("lab_nat", ""))
    try:
        return str(ipaddress.IPv4Address(value)) if value else ""
    except ValueError as error:
        raise LabError(f"{name}: lab_nat = {value}: not an address") from error


def _plain(value: t.Any, host: str, variable: str, vault: str | None) -> str | None:
    """Return a variable as plain text, decrypted if vaulted. Raise ``LabError`` for a template: there is no Jinja."""
    if value is None:
        return None
    if isinstance(value, dict) and "__ansible_vault" in value:
        return _decrypt(str(value["__ansible_vault"]), host, variable, vault)
    text = str(value)
    if "{{" in text or "{%" in text:
        raise LabError(f"{host}: {variable} is a template; the lab has no Jinja: write the value itself")
    return text


def _decrypt(ciphertext: str, host: str, variable: str, vault: str | None) -> str:
    command = [_tool("ansible-vault"), "decrypt", "--output", "-"]
    if vault is not None:
        command += ["--vault-password-file", vault]
    result = subprocess.run(command, input=ciphertext, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise LabError(
            f"{host}: {variable} is vaulted and could not be decrypted; give --vault-password-file or set "
            f"ANSIBLE_VAULT_PASSWORD_FILE: {reason}"
        )
    return result.stdout
