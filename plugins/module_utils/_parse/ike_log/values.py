# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The values in a message: addresses, identities, selectors, names. Each reader accepts any message."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import is_address

Values = dict[str, t.Any]

# Each part has a limit that no identity reaches: a line of thousands of beginnings is read once, not once for each.
# local=ipv4(udp:500,[0..3]=192.0.2.1); an unknown value is unknown(any:0,[0..0]=).
_END = re.compile(
    r"(?P<name>(?:p[12l]_)?(?P<side>local|remote)(?:_proxy_id)?\s?=|remote peer:\s?)"
    r"(?P<type>[\w@]{1,40})\((?P<protocol>[a-z]+):(?P<port>\d{1,5}),\s?\[[^\]=]{0,40}\]?1?=(?P<value>[^)]{0,500})\)"
)
_PROXY = re.compile(r"p2_(?P<side>local|remote)(?:_proxy_id)?\s?=\s?(?P<value>[\w@]{1,40}\([^)]{0,500}\))")
# Gateway N:gw L:192.0.2.1:500 R:192.0.2.2:4500; src_ip and dst_ip of kmd do not identify the ends.
_IKED = re.compile(r"\b(?:(?P<local>[LC])|R):(?P<address>[\d.]{1,15}|[\da-fA-F:]{1,45}):(?P<port>\d{1,5})(?=\s|$)")
_IKED_WORD = re.compile(r"(?:^|\s)(?P<name>N|ike-id|IKE|Role):(?P<value>\S+)")
_BRACKETED = re.compile(r"[\[\s](?P<side>local|remote)_ip=(?P<value>[\w.:]+)")

# Labels as printed, with the field of each; an empty field only ends the value before the label. A value may contain
# commas (a distinguished name), precede a blank and a comma (iked), or be missing ("Traffic-selector: ,").
_LABELS: t.Mapping[str, str] = {
    "IKE Version": "ike_version",
    "VPN": "vpn",
    "vpn name": "vpn",
    "Gateway": "gateway",
    "gateway name": "gateway",
    "Local": "local",
    "Remote": "remote",
    "Local-ip": "local_address",
    "Local gateway": "local_address",
    "Remote gateway": "remote_address",
    "local ip": "local_address",
    "remote peer ip": "remote_address",
    "Local IKE-ID": "local_id",
    "Remote IKE-ID": "remote_id",
    "Local ID": "local_proxy",
    "Remote ID": "remote_proxy",
    "Traffic-selector local ID": "local_proxy",
    "Traffic-selector remote ID": "remote_proxy",
    "Peer Proposed traffic-selector local-ip": "local_proxy",
    "Peer Proposed traffic-selector remote-ip": "remote_proxy",
    "Traffic-selector": "selector",
    "Role": "role",
    "Peer-Role": "peer_role",
    "Exchange-Type": "ike_version",
    "IKE-Gateway": "gateway",
    "Local-ID": "local_id",
    "Remote-ID": "remote_id",
    "VPN-Name": "vpn",
    "Reason": "reason",
    "tunnel-id": "tunnel_id",
    "local tunnel-if": "interface",
    "Direction": "direction",
    "SPI": "spi",
    # kmd prints the octets of this address in reverse; the message has the peer's address after "from".
    "remote tunnel-ip": "",
    "Configured traffic-selector local-ip": "",
    "Configured traffic-selector remote-ip": "",
    "AUX-SPI": "",
    "Mode": "",
    "Type": "",
    "SA Type": "",
    "FC Name": "",
    "VR-ID": "",
    "VR id": "",
    "AAA username": "",
    "XAUTH username": "",
    "tunnel type": "",
    "Service Offload": "",
    "AAA-Username": "",
    "Authentication-Method": "",
    "Blocklist": "",
    "ID-Type": "",
    "NATT-Detection": "",
    "Negotiation-Phase": "",
    "Rule": "",
}
_ANY_LABEL = "|".join(re.escape(label) for label in sorted(_LABELS, key=len, reverse=True))
_LABEL = re.compile(rf"(?<![\w-])(?P<label>{_ANY_LABEL})\s?:(?=\s|\d|$)")
_ABSENT = ("", "n/a", "not-available", "not-applicable", "none", "unknown", "(null)")
_SPI = re.compile(r"(?:0x)?([0-9a-fA-F]{1,8})")
# The longest number that Junos prints in these messages is a tunnel ID of 32 bits.
_DIGITS = re.compile(r"[0-9]{1,10}")


def values(text: str) -> Values:
    """Return the values in a message by the names of the fields of ``LogEvent``. Raise nothing."""
    found: Values = {}
    for reader in (_ends, _proxies, _iked, _bracketed, _labelled):
        for name, value in reader(text):
            if value is not None and name not in found:
                found[name] = value
    return found


def tidy(name: str, value: str) -> t.Any:
    """Return a value in the form of its field; ``None`` for a placeholder such as ``n/a``."""
    value = value.strip(" ,;")
    if value.lower() in _ABSENT:
        return None
    maker = _MAKERS.get(name)
    return maker(value) if maker else value


def prefix(value: str) -> str | None:
    """Return a proxy identity as prefix or range; ``None`` where it is neither.

    ``ipv4_subnet(any:0,[0..7]=10.0.0.0/24)`` and ``ipv4(0,0-65535,10.0.0.0-10.0.0.255)`` are ``10.0.0.0/24``; a range
    that is no prefix is ``FIRST-LAST``.
    """
    inner = value.partition("(")[2].partition(")")[0] if "(" in value else value
    plain = inner.rpartition(",")[2].rpartition("=")[2].strip()
    first, dash, last = plain.partition("-")
    try:
        if not dash:
            return str(ipaddress.ip_network(plain, strict=False))
        ends = ipaddress.ip_address(first), ipaddress.ip_address(last)
        nets = list(ipaddress.summarize_address_range(*ends))  # type: ignore[arg-type,unused-ignore]
    except (ValueError, TypeError):
        return None
    return str(nets[0]) if len(nets) == 1 else f"{ends[0]}-{ends[1]}"


def _ends(text: str) -> t.Iterator[tuple[str, t.Any]]:
    for end in _END.finditer(text):
        side = end.group("side") or "remote"
        if end.group("name").startswith("p2"):
            continue
        if end.group("type") in ("ipv4", "ipv6"):
            yield f"{side}_address", _address(end.group("value"))
        elif end.group("type") != "unknown":
            yield f"{side}_id", tidy(f"{side}_id", end.group("value"))
        # "any:0" is no port.
        if end.group("protocol") == "udp":
            yield f"{side}_port", _number(end.group("port"))


def _proxies(text: str) -> t.Iterator[tuple[str, t.Any]]:
    for proxy in _PROXY.finditer(text):
        yield f"{proxy.group('side')}_proxy", prefix(proxy.group("value"))


def _iked(text: str) -> t.Iterator[tuple[str, t.Any]]:
    if not text.partition(": ")[2].startswith("IKE: Gateway") and not text.startswith("IKE: Gateway"):
        return
    for end in _IKED.finditer(text):
        side = "local" if end.group("local") else "remote"
        yield f"{side}_address", _address(end.group("address"))
        yield f"{side}_port", _number(end.group("port"))
    fields = {"N": "gateway", "ike-id": "remote_id", "IKE": "ike_version", "Role": "role"}
    for word in _IKED_WORD.finditer(text):
        yield fields[word.group("name")], tidy(fields[word.group("name")], word.group("value"))


def _bracketed(text: str) -> t.Iterator[tuple[str, t.Any]]:
    for one in _BRACKETED.finditer(text):
        yield f"{one.group('side')}_address", _address(one.group("value"))


def _labelled(text: str) -> t.Iterator[tuple[str, t.Any]]:
    places = list(_LABEL.finditer(text))
    ends = [place.start() for place in places[1:]] + [len(text)]
    for place, end in zip(places, ends, strict=False):
        value = text[place.end() : end]
        name = _LABELS[place.group("label")]
        if name in ("local", "remote"):
            address, _slash, port = value.strip(" ,").partition("/")
            yield f"{name}_address", _address(address)
            yield f"{name}_port", _number(port)
        elif name == "peer_role":
            yield "role", _OTHER_ROLE.get(tidy("role", value))
        elif name:
            yield name, tidy(name, value)


def _address(value: str) -> str | None:
    value = value.strip(" ,.")
    return str(ipaddress.ip_address(value)) if is_address(value) else None


def _number(value: str) -> int | None:
    value = value.strip(" ,.")
    return int(value) if _DIGITS.fullmatch(value) else None


def _version(value: str) -> int | None:
    return _number(value.removeprefix("IKEv"))


def _role(value: str) -> str | None:
    return {"i": "initiator", "r": "responder"}.get(value[:1].lower())


_OTHER_ROLE = {"initiator": "responder", "responder": "initiator"}


def _spi(value: str) -> str | None:
    found = _SPI.fullmatch(value)
    return found.group(1).lower().zfill(8) if found else None


def _direction(value: str) -> str | None:
    return value.lower() if value.lower() in ("inbound", "outbound") else None


_MAKERS: t.Mapping[str, t.Callable[[str], t.Any]] = {
    "local_address": _address,
    "remote_address": _address,
    "local_port": _number,
    "remote_port": _number,
    "tunnel_id": _number,
    "ike_version": _version,
    "local_proxy": prefix,
    "remote_proxy": prefix,
    "role": _role,
    "spi": _spi,
    "direction": _direction,
}
