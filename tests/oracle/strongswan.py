# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One end of a case in the words of strongSwan, read from its ``set`` lines and from nothing of the lab."""

from __future__ import annotations

import typing as t

_ENCRYPTION = {
    "des-cbc": "des", "3des-cbc": "3des", "aes-128-cbc": "aes128", "aes-192-cbc": "aes192", "aes-256-cbc": "aes256",
    "aes-128-gcm": "aes128gcm16", "aes-256-gcm": "aes256gcm16",
}  # fmt: skip
_HASH = {
    "md5": "md5", "sha1": "sha1", "sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512",
    "hmac-md5-96": "md5", "hmac-sha1-96": "sha1", "hmac-sha-256-128": "sha256",
}  # fmt: skip
_GROUP = {
    "group1": "modp768", "group2": "modp1024", "group5": "modp1536", "group14": "modp2048", "group16": "modp4096",
    "group19": "ecp256", "group20": "ecp384",
}  # fmt: skip
_FUNCTION = {"group19": "prfsha256", "group20": "prfsha384"}
# The sets of Junos: encryption, hash, group.
_IKE_SETS = {
    "basic": (("des-cbc", "sha1", "group1"), ("des-cbc", "md5", "group1")),
    "compatible": (("3des-cbc", "sha1", "group2"), ("3des-cbc", "md5", "group2"), ("des-cbc", "sha1", "group2"),
                   ("des-cbc", "md5", "group2")),
    "standard": (("3des-cbc", "sha1", "group2"), ("aes-128-cbc", "sha1", "group2")),
}  # fmt: skip
_ESP_SETS = {
    "basic": (("des-cbc", "hmac-sha1-96"), ("des-cbc", "hmac-md5-96")),
    "compatible": (("3des-cbc", "hmac-sha1-96"), ("3des-cbc", "hmac-md5-96"), ("des-cbc", "hmac-sha1-96"),
                   ("des-cbc", "hmac-md5-96")),
    "standard": (("3des-cbc", "hmac-sha1-96"), ("aes-128-cbc", "hmac-sha1-96")),
}  # fmt: skip
_IDENTITY = {"hostname": "fqdn:", "user-at-hostname": "rfc822:", "inet": "", "key-id": "keyid:"}
_LIFETIME = {"ike": 28800, "ipsec": 3600}

Tree = dict[str, t.Any]


def tree(lines: t.Iterable[str]) -> Tree:
    """Return statements as nested mappings; the last word of a line is a key too, so that lists keep their order."""
    root: Tree = {}
    for line in lines:
        verb, *words = line.split()
        if verb == "delete":
            node = root
            for word in words[:-1]:
                node = node.get(word, {})
            node.pop(words[-1], None)
            continue
        values = words[words.index("[") + 1 : -1] if "[" in words else [words[-1]]
        path = words[: words.index("[")] if "[" in words else words[:-1]
        node = root
        for word in path:
            node = node.setdefault(word, {})
        if path[-1] in _SINGLE:
            node.clear()
        for value in values:
            node.setdefault(value, {})
    return root


# A second value of these replaces the first.
_SINGLE = (
    "version", "mode", "proposal-set", "dh-group", "encryption-algorithm", "authentication-algorithm", "keys",
    "pre-shared-key", "ascii-text", "hexadecimal", "hostname", "user-at-hostname", "inet", "local", "remote",
    "lifetime-seconds", "address", "key-id", "local-ip", "remote-ip", "interval", "threshold", "establish-tunnels",
    "authentication-method",
)  # fmt: skip


def first(node: Tree, *path: str) -> str:
    """Return the one value at a path, empty without one."""
    for word in path:
        node = node.get(word, {})
    return next(iter(node), "")


def swanctl(lines: t.Iterable[str]) -> str:
    """Return the swanctl.conf of one end."""
    security = tree(lines)["security"]
    ike, ipsec = security["ike"], security["ipsec"]
    gateway, vpn = ike["gateway"]["peer"], ipsec["vpn"]["peer"]
    own = _own_address(lines)
    remote = "%any" if "dynamic" in gateway else first(gateway, "address")
    local_id = _identity(gateway.get("local-identity")) or own
    remote_id = _identity(gateway.get("remote-identity")) or _identity(gateway.get("dynamic")) or remote
    if "general-ikeid" in gateway:
        remote_id = "%any"
    version = 2 if first(gateway, "version") == "v2-only" else 1
    policy = ike["policy"]["ike-policy"]
    auth, certificate = "psk", ""
    if has_certificate(lines):
        auth, certificate = "pubkey", "            certs = own.pem\n"
    delay = first(gateway, "dead-peer-detection", "interval") or "0"
    timeout = int(delay) * int(first(gateway, "dead-peer-detection", "threshold") or "5")
    children = "".join(_child(name, *networks, ipsec, vpn) for name, networks in selectors(lines).items())
    return f"""\
connections {{
    peer {{
        version = {version}
        aggressive = {"yes" if first(policy, "mode") == "aggressive" else "no"}
        local_addrs = {own}
        remote_addrs = {remote}
        proposals = {",".join(_ike(ike, policy))}
        rekey_time = {_lifetime(ike, "ike")}s
        mobike = no
        dpd_delay = {delay}s
        dpd_timeout = {timeout}s
        local {{
            auth = {auth}
{certificate}            id = {local_id}
        }}
        remote {{
            auth = {auth}
            id = {remote_id}
        }}
        children {{
{children}        }}
    }}
}}
{_secrets(policy)}"""


def _child(name: str, local: str, remote: str, ipsec: Tree, vpn: Tree) -> str:
    return f"""\
            {name} {{
                local_ts = {local}
                remote_ts = {remote}
                esp_proposals = {",".join(_esp(ipsec, vpn))}
                rekey_time = {_lifetime(ipsec, "ipsec")}s
                policies = no
            }}
"""


def _secrets(policy: Tree) -> str:
    key = policy.get("pre-shared-key")
    if key is None:
        return ""
    secret = f"0x{first(key, 'hexadecimal')}" if "hexadecimal" in key else f'"{first(key, "ascii-text")}"'
    return f"secrets {{\n    ike-peer {{\n        secret = {secret}\n    }}\n}}\n"


def selectors(lines: t.Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return local and remote network of each child, by its name."""
    vpn = tree(lines)["security"]["ipsec"]["vpn"]["peer"]
    named = vpn.get("traffic-selector", {})
    if named:
        return {name: (first(one, "local-ip"), first(one, "remote-ip")) for name, one in named.items()}
    proxy = vpn["ike"].get("proxy-identity", {})
    return {"peer": (first(proxy, "local") or "0.0.0.0/0", first(proxy, "remote") or "0.0.0.0/0")}


def has_certificate(lines: t.Iterable[str]) -> bool:
    """Return whether this end authenticates by a certificate."""
    proposals = tree(lines)["security"]["ike"].get("proposal", {})
    return any(first(one, "authentication-method").endswith(("-256", "signatures")) for one in proposals.values())


def accepts_ike(lines: t.Iterable[str]) -> bool:
    """Return whether this end lets IKE in that it has not asked for."""
    zone = tree(lines)["security"]["zones"]["security-zone"]["untrust"]
    return "ike" in zone["host-inbound-traffic"].get("system-services", {})


def asks(lines: t.Iterable[str]) -> bool:
    """Return whether this end has dead peer detection."""
    return "dead-peer-detection" in tree(lines)["security"]["ike"]["gateway"]["peer"]


def earliest(lines: t.Iterable[str]) -> int:
    """Return the seconds for which this end takes a peer that dies for alive, by interval times threshold.

    The last packet of the peer may be an interval old. One second is for what a busy machine is late with.
    """
    detection = tree(lines)["security"]["ike"]["gateway"]["peer"].get("dead-peer-detection", {})
    interval, threshold = int(first(detection, "interval") or "0"), int(first(detection, "threshold") or "0")
    return interval * (threshold - 1) - 1


def host_name(lines: t.Iterable[str]) -> str:
    """Return the host name by which this end identifies itself, as its certificate has it."""
    return first(tree(lines)["security"]["ike"]["gateway"]["peer"], "local-identity", "hostname")


def is_passive(lines: t.Iterable[str]) -> bool:
    """Return whether this end does not start: it cannot, or must not."""
    security = tree(lines)["security"]
    passive = first(security["ipsec"]["vpn"]["peer"], "establish-tunnels").startswith("responder-only")
    return passive or "dynamic" in security["ike"]["gateway"]["peer"]


def _own_address(lines: t.Iterable[str]) -> str:
    unit = tree(lines)["interfaces"]["ge-0/0/0"]["unit"]["0"]
    return first(unit, "family", "inet", "address").partition("/")[0]


def _identity(node: Tree | None) -> str:
    if not node:
        return ""
    # A later kind replaces an earlier one.
    kind = list(node)[-1]
    value = first(node, kind)
    return f"{_IDENTITY[kind]}{value}"


def _lifetime(part: Tree, phase: str) -> str:
    proposals = part.get("proposal", {}).values()
    return next((value for one in proposals if (value := first(one, "lifetime-seconds"))), str(_LIFETIME[phase]))


def _ike(ike: Tree, policy: Tree) -> t.Iterator[str]:
    for encryption, hash_, group in _IKE_SETS.get(first(policy, "proposal-set"), ()):
        yield f"{_ENCRYPTION[encryption]}-{_HASH[hash_]}-{_GROUP[group]}"
    for name in policy.get("proposals", {}):
        one = ike["proposal"][name]
        encryption, group = first(one, "encryption-algorithm"), first(one, "dh-group")
        own = _HASH.get(first(one, "authentication-algorithm"), "")
        hash_ = _FUNCTION.get(group, "prfsha256") if "gcm" in encryption else own
        yield f"{_ENCRYPTION[encryption]}-{hash_}-{_GROUP[group]}"


def _esp(ipsec: Tree, vpn: Tree) -> t.Iterator[str]:
    policy = ipsec["policy"][first(vpn, "ike", "ipsec-policy")]
    group = _GROUP.get(first(policy, "perfect-forward-secrecy", "keys"), "")
    chosen = first(policy, "proposal-set")
    for encryption, hash_ in _ESP_SETS.get(chosen, ()):
        # The set "standard" has group 2 by itself (Junos, proposal-set of an IPsec policy).
        own = group or (_GROUP["group2"] if chosen == "standard" else "")
        yield "-".join(filter(None, (_ENCRYPTION[encryption], _HASH[hash_], own)))
    for name in policy.get("proposals", {}):
        one = ipsec["proposal"][name]
        encryption = first(one, "encryption-algorithm")
        hash_ = "" if "gcm" in encryption else _HASH[first(one, "authentication-algorithm")]
        numbers = "esn" if "extended-sequence-number" in one else ""
        yield "-".join(filter(None, (_ENCRYPTION[encryption], hash_, group, numbers)))
