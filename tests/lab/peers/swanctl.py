# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reader of a ``swanctl.conf`` and of the script with interfaces and routes that follows it.

An unknown section, key, word or command is an error with its line, never skipped.
"""

from __future__ import annotations

import re
import shlex
import typing as t
from ipaddress import IPv4Network

from tests.lab.network.view import (
    DeviceView,
    Gateway,
    Identity,
    IkeProposal,
    Interface,
    IpsecProposal,
    Selector,
    StaticRoute,
    Vpn,
)
from tests.lab.peers import parts
from tests.lab.peers.errors import PeerTextError

# Words of strongSwan's proposals to those of Junos; None belongs to a proposal and is not compared.
_ENCRYPTION = {
    "3des": "3des-cbc", "aes128": "aes-128-cbc", "aes192": "aes-192-cbc", "aes256": "aes-256-cbc",
    "aes128gcm16": "aes-128-gcm", "aes192gcm16": "aes-192-gcm", "aes256gcm16": "aes-256-gcm",
}  # fmt: skip
_IKE_HASH = {"md5": "md5", "sha1": "sha1", "sha256": "sha-256", "sha384": "sha-384", "sha512": "sha-512"}
_ESP_HASH = {
    "md5": "hmac-md5-96", "sha1": "hmac-sha1-96", "sha256": "hmac-sha-256-128", "sha384": "hmac-sha-384",
    "sha512": "hmac-sha-512",
}  # fmt: skip
_GROUPS = {
    "modp1024": "group2", "modp1536": "group5", "modp2048": "group14", "modp3072": "group15", "modp4096": "group16",
    "ecp256": "group19", "ecp384": "group20", "ecp521": "group21", "modp2048s256": "group24",
}  # fmt: skip
_PRF = ("prfsha256", "prfsha384", "prfsha512")
_LINE = re.compile(
    r'(?P<close>\})|(?P<open>[A-Za-z0-9_-]+) \{|(?P<key>[a-z_-]+) = (?P<value>"(?:[^"\\]|\\.)*"|[^"#{}]+)'
)
_CONNECTION = {
    "version", "aggressive", "local_addrs", "remote_addrs", "proposals", "reauth_time", "rekey_time", "mobike",
    "keyingtries", "dpd_delay", "dpd_timeout", "if_id_in", "if_id_out",
}  # fmt: skip
_CHILD = {"local_ts", "remote_ts", "esp_proposals", "rekey_time", "start_action", "close_action", "dpd_action"}
_SECRET = {"id-local", "id-remote", "secret"}
# Seconds until charon gives up a request, by its default of five attempts.
_GIVES_UP = 165

Section: t.TypeAlias = "dict[str, t.Any]"


def read(kind: str, host: str, text: str) -> DeviceView:
    """Return the view of a strongSwan device. Raise ``PeerTextError`` for the first line that is not understood."""
    config, shebang, script = text.partition("#!/bin/sh\n")
    root = _tree(config)
    commands = _Commands(config.count("\n") + bool(shebang))
    commands.read(script)
    _known(root, {"connections", "secrets"})
    secrets = [_known(one, _SECRET) for one in root.get("secrets", {}).values()]
    tunnels: list[tuple[Gateway, Vpn]] = []
    for name, connection in root.get("connections", {}).items():
        tunnels += _tunnel(name, connection, secrets, commands)
    return parts.view(kind, host, commands.interfaces(), commands.routes, tunnels)


def _tree(config: str) -> Section:
    root: Section = {}
    path = [root]
    for number, line in enumerate(config.splitlines(), 1):
        words = line.strip()
        if not words or words.startswith("#"):
            continue
        match = _LINE.fullmatch(words)
        if match is None or (match["close"] and len(path) == 1):
            raise PeerTextError(number, f"line {number}: not understood: {words}")
        if match["close"]:
            path.pop()
        elif match["open"]:
            path.append(path[-1].setdefault(match["open"], {}))
        else:
            path[-1][match["key"]] = _value(match["value"])
    if len(path) > 1:
        raise PeerTextError(len(config.splitlines()), "a section is not closed")
    return root


def _value(written: str) -> str:
    return re.sub(r"\\(.)", r"\1", written[1:-1]) if written.startswith('"') else written.strip()


def _known(section: Section, keys: t.Collection[str]) -> Section:
    for key in section:
        if key not in keys:
            raise PeerTextError(1, f"unknown: {key}")
    return section


def _tunnel(
    name: str, connection: Section, secrets: t.Sequence[Section], commands: _Commands
) -> t.Iterator[tuple[Gateway, Vpn]]:
    _known(connection, {*_CONNECTION, "local", "remote", "children"})
    local, remote = (_known(connection[end], {"auth", "id"}) for end in ("local", "remote"))
    version = int(connection["version"])
    key = next((one["secret"] for one in secrets if one["id-remote"] == remote["id"]), None)
    gateway = Gateway(
        name=name,
        addresses=(connection["remote_addrs"],),
        external_interface=commands.interface_with(connection["local_addrs"]),
        version=version,
        mode="aggressive" if connection.get("aggressive") == "yes" else "main",
        proposals=tuple(_ike(one, _seconds(connection)) for one in connection["proposals"].split(", ")),
        key=None if key is None else key.encode(),
        local_address=connection["local_addrs"],
        local_identity=_identity(local["id"], connection["local_addrs"]),
        remote_identity=_identity(remote["id"], connection["remote_addrs"]),
        dead_after=_dead_after(connection),
    )
    for child_name, child in connection["children"].items():
        _known(child, _CHILD)
        yield (
            gateway,
            Vpn(
                name=child_name,
                gateway=name,
                proposals=tuple(_esp(one, _seconds(child)) for one in child["esp_proposals"].split(", ")),
                bind_interface=commands.tunnel_of(connection["if_id_out"]),
                establish="immediately" if "start" in child.get("start_action", "").split("|") else "on-traffic",
                selectors=(Selector("", IPv4Network(child["local_ts"]), IPv4Network(child["remote_ts"])),),
            ),
        )


def _identity(written: str, address: str) -> Identity | None:
    """Return an identity that is not the address of its end."""
    if written == address:
        return None
    if "@" in written:
        return ("user-at-hostname", written)
    return ("inet", written) if written.replace(".", "").isdigit() else ("hostname", written)


def _seconds(section: Section) -> int:
    return int((section.get("rekey_time") or section["reauth_time"]).removesuffix("s"))


def _dead_after(connection: Section) -> int | None:
    if "dpd_delay" not in connection:
        return None
    return int(connection.get("dpd_timeout", f"{_GIVES_UP}s").removesuffix("s"))


def _words(proposal: str, hashes: t.Mapping[str, str]) -> tuple[str, str | None, str | None]:
    """Return encryption, authentication and group of a proposal in the words of Junos."""
    first, *rest = proposal.split("-")
    unknown = [word for word in rest if word not in hashes and word not in _GROUPS and word not in _PRF]
    if first not in _ENCRYPTION or unknown:
        raise PeerTextError(1, f"unknown proposal: {proposal}")
    authentication = next((hashes[word] for word in rest if word in hashes), None)
    return _ENCRYPTION[first], authentication, next((_GROUPS[word] for word in rest if word in _GROUPS), None)


def _ike(proposal: str, seconds: int) -> IkeProposal:
    encryption, authentication, group = _words(proposal, _IKE_HASH)
    if group is None:
        raise PeerTextError(1, f"no group: {proposal}")
    return IkeProposal("pre-shared-keys", group, encryption, authentication, seconds)


def _esp(proposal: str, seconds: int) -> IpsecProposal:
    encryption, authentication, group = _words(proposal, _ESP_HASH)
    return IpsecProposal("esp", encryption, authentication, group, seconds)


class _Commands:
    """The commands of the script: interfaces with their addresses, and routes."""

    def __init__(self, before: int) -> None:
        self._before = before
        self._addresses: dict[str, list[str]] = {}
        self._tunnels: dict[str, str] = {}
        self.routes: list[StaticRoute] = []

    def read(self, script: str) -> None:
        heredoc = False
        for number, line in enumerate(script.splitlines(), self._before + 1):
            words = shlex.split(line, comments=True)
            if heredoc or not words:
                heredoc = heredoc and line != "END"
                continue
            heredoc = words[0] == "nft"
            try:
                self._command(words)
            except (ValueError, IndexError) as error:
                raise PeerTextError(number, f"line {number}: not understood: {line}") from error

    def _command(self, words: list[str]) -> None:
        match words:
            case ["ip", "address", "replace", address, "dev", name]:
                self._addresses.setdefault(name, []).append(address)
            case ["ip", "link", "show", _, ">", "/dev/null", "2>&1", "||", "ip", "link", "add", name, "type", "xfrm",
                  "dev", _, "if_id", number]:  # fmt: skip
                self._tunnels[number] = name
            case ["ip", "route", "replace", "unreachable", prefix, "metric", metric]:
                self.routes.append(StaticRoute(IPv4Network(prefix), (), int(metric), "reject"))
            case ["ip", "route", "replace", prefix, "via", hop] | [
                "ip",
                "route",
                "replace",
                prefix,
                "via",
                hop,
                "dev",
                _,
            ]:
                wanted = "0.0.0.0/0" if prefix == "default" else prefix
                self.routes.append(StaticRoute(IPv4Network(wanted), (hop,)))
            case ["ip", "route", "replace", prefix, "dev", name]:
                self.routes.append(StaticRoute(IPv4Network(prefix), (name,)))
            case ["ip", "link", "set", _, "up"] | ["sysctl", "-q", "-w", _] | ["set", "-e"] | ["hostname", _]:
                pass
            case ["nft", "-f", "-", "<<END"]:
                pass
            case _:
                raise ValueError("an unknown command")

    def interfaces(self) -> dict[str, Interface]:
        """Return the interfaces by name."""
        tunnels = set(self._tunnels.values())
        return {
            name: parts.interface(name, addresses, tunnel=name in tunnels)
            for name, addresses in self._addresses.items()
        }

    def interface_with(self, address: str) -> str | None:
        """Return the interface that has an address."""
        found = (name for name, own in self._addresses.items() if address in [one.partition("/")[0] for one in own])
        return next(found, None)

    def tunnel_of(self, number: str) -> str | None:
        """Return the tunnel interface of an interface ID."""
        return self._tunnels.get(number)
