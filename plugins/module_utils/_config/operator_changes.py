# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Changes of a tunnel that its third-party peer must make too, and that only the peer's operator can make."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy
from ansible_collections.hubspoke.srx.plugins.module_utils._config.planned_objects import Conflict
from ansible_collections.hubspoke.srx.plugins.module_utils._config.proposals import Phase, offer
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import same_key
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import of_group, planned_words
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import KeyCodec

_KEY = "pre-shared-key"


def operator_conflicts(
    plan: DevicePlan, text: str, before: t.Sequence[str], keys: t.Mapping[str, str], codec: KeyCodec
) -> t.Iterator[Conflict]:
    """Yield the tunnels to third-party spokes for which ``text`` changes what both ends must have alike.

    ``before`` are the set commands of the group on the device. A new tunnel is no change; neither is one whose operator
    is ready.
    """
    then = Hierarchy(words[3:] for words in of_group(before, plan.group) if words[:2] == ("set", "groups"))
    now = Hierarchy(planned_words(text, plan.group))
    for tunnel in plan.tunnels:
        known = then.has("security", "ipsec", "vpn", tunnel.vpn)
        if not tunnel.peer_by_operator or tunnel.operator_ready or not known:
            continue
        old, new = _common(then, tunnel), _common(now, tunnel)
        same = same_key(new.pop(_KEY), old.pop(_KEY), keys, codec)
        differing = [name for name, value in new.items() if value != old[name]]
        if not differing and same is not False:
            continue
        yield Conflict(
            f"vpn {tunnel.vpn}",
            ", ".join([*(f"{name} {old[name]}" for name in differing), *["the same key"] * (same is False)]),
            ", ".join([*(f"{name} {new[name]}" for name in differing), *["another key"] * (same is False)]),
            f"Have the operator of {tunnel.peer_host} ready to make the same change within the confirm window, then set"
            f" nhtb_operator_ready: true on {tunnel.peer_host} for this run.",
            vpn=tunnel.vpn,
        )


def _common(config: Hierarchy, tunnel: Tunnel) -> dict[str, str]:
    """Return what both ends of a tunnel have alike, by the words of Junos; empty where it is not configured."""
    vpn = ("security", "ipsec", "vpn", tunnel.vpn, "ike")
    gateway = ("security", "ike", "gateway", config.value(*vpn, "gateway") or "")
    ike = ("security", "ike", "policy", config.value(*gateway, "ike-policy") or "")
    ipsec = ("security", "ipsec", "policy", config.value(*vpn, "ipsec-policy") or "")
    name, _dot, unit = tunnel.external_interface.partition(".")
    return {
        "address": " ".join(config.names(*gateway, "address")),
        "version": config.value(*gateway, "version") or "v1-only",
        "mode": config.value(*ike, "mode") or "main",
        "phase 1": _proposals(config, "ike", ike[-1]),
        "phase 2": _proposals(config, "ipsec", ipsec[-1]),
        "keys": " ".join(config.names(*ipsec, "perfect-forward-secrecy", "keys")),
        "own address": " ".join(config.names("interfaces", name, "unit", unit, "family", "inet", "address")),
        _KEY: config.value(*ike, _KEY, "ascii-text") or config.value(*ike, _KEY, "hexadecimal") or "",
    }


def _proposals(config: Hierarchy, phase: Phase, policy: str) -> str:
    """Return the proposal set of a policy, or the content of its proposals with their lifetimes."""
    found = offer(config, phase, policy)
    times = [
        f"{one.lifetime_seconds} s" + (f" {one.lifetime_kilobytes} kB" if one.lifetime_kilobytes else "")
        for one in found.proposals
    ]
    return f"{found}, {' or '.join(times)}" if times else found.proposal_set
