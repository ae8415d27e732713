# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The identities by which the ends of a tunnel know each other, and the checks of all hosts for them."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import DeviceProfile
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Identity, IdentityKind, Site
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.crypto import ESTABLISH_SINCE
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table

# The words of the inventory, and those of Junos.
KINDS: dict[str, IdentityKind] = {
    "address": "inet",
    "hostname": "hostname",
    "user-at-hostname": "user-at-hostname",
    "key-id": "key-id",
    "distinguished-name": "distinguished-name",
}
_EXAMPLES = {
    "hostname": "branch7.example.net",
    "user-at-hostname": "branch7@example.net",
    "key-id": "branch-7",
    "distinguished-name": "CN=branch7, O=Example",
}
_FORMS = {
    "hostname": re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}"),
    "user-at-hostname": re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9][A-Za-z0-9._-]{0,252}"),
    # The characters that Junos takes without quotes.
    "key-id": re.compile(r"[A-Za-z0-9._:@/+-]{1,127}"),
    "distinguished-name": re.compile(r"[A-Za-z]+=[^\"\\]{1,250}"),
}


def read_identity(table: Table, profile: DeviceProfile) -> Identity | None:
    """Return the variable ``nhtb_identity``, and note each problem."""
    if table.value("nhtb_identity") is None:
        return None
    row = table.table("nhtb_identity", ("type", "value"), "")
    if row is None:
        return None
    if not profile.identities:
        table.note("no_identity", "nhtb_identity", row.values.get("value"), platform=profile.title)
    kind = row.choice("type", profile.identities or tuple(KINDS))
    if row.values.get("type") is None:
        row.note("missing", "type", None, hint=f"Choose one of {', '.join(profile.identities or KINDS)}")
    needed = "Give the name by which the peers know this host"
    if kind == "address":
        address = row.ip("value", "192.0.2.2", needed)
        return None if address is None else Identity("inet", str(address))
    value = row.text("value", needed)
    if kind is None or value is None:
        return None
    if not _FORMS[kind].fullmatch(value):
        row.note("bad_identity", "value", value, wanted=kind, example=_EXAMPLES[kind])
        return None
    if kind == "distinguished-name" and not profile.by_operator:
        row.note("name_of_certificate", "type", kind)
    return Identity(KINDS[kind], value)


def identity_of(draft: Draft) -> Identity | None:
    """Return the identity that a host sends where that is not the address of its WAN.

    Without ``nhtb_identity`` a host behind NAT sends the address at which its peers reach it, which they expect, and
    a host without a fixed address its site name.
    """
    if draft.identity is not None or draft.name is None:
        return draft.identity
    wan = draft.wan
    if wan.public_address is not None:
        return Identity("inet", str(wan.public_address))
    return None if wan.reached_at is not None else Identity("hostname", draft.name)


def identities(local: Draft, peer: Draft) -> tuple[Identity | None, Identity | None]:
    """Return the identity that a gateway sends, and the one that it expects where that is not the peer's address.

    ScreenOS knows its peers by their addresses, so that the hub has no other identity towards it.
    """
    ours, theirs = identity_of(local), identity_of(peer)
    if not peer.profile.identities and ours is not None and ours.kind != "inet":
        ours = None
    if theirs is not None and peer.wan.reached_at is not None and theirs.value == str(peer.wan.reached_at):
        theirs = None
    return ours, theirs


def check_identities(hubs: t.Sequence[Draft], spokes: t.Sequence[Draft], problems: Problems) -> None:
    """Check that each tunnel has an end that the other finds, and that no two hosts have one identity."""
    for hub in hubs:
        if hub.wan.interface is not None and hub.wan.reached_at is None and not _lacks_address(hub):
            problems.add("hub_without_address", hub.host, "nhtb_wan.public_address", None)
    _check_distinct([*hubs, *spokes], problems)
    for spoke in spokes:
        if spoke.wan.reached_at is not None or _lacks_address(spoke):
            continue
        if spoke.identity is not None and spoke.identity.kind == "key-id":
            problems.add("key_id_of_dynamic", spoke.host, "nhtb_identity.type", "key-id")
        if spoke.establish in ESTABLISH_SINCE:
            problems.add("dynamic_responder", spoke.host, "nhtb_establish_tunnels", spoke.establish)


def _check_distinct(drafts: t.Sequence[Draft], problems: Problems) -> None:
    """Check that no host has the identity of another, whether that is set or is its site name or its address."""
    # Two sites with one name or one address have a problem of their own.
    seen = {_key(sent): draft.host for draft in drafts if draft.identity is None and (sent := _sent(draft))}
    for draft in drafts:
        identity = draft.identity
        if identity is None:
            continue
        other = seen.setdefault(_key(identity), draft.host)
        if other != draft.host:
            problems.add("duplicate_identity", draft.host, "nhtb_identity.value", identity.value, other=other)


def _sent(draft: Draft) -> Identity | None:
    reached_at = draft.wan.reached_at
    return identity_of(draft) or (None if reached_at is None else Identity("inet", str(reached_at)))


def _key(identity: Identity) -> tuple[str, str]:
    return identity.kind, identity.value.lower()


def _lacks_address(draft: Draft) -> bool:
    """Return whether the address of a static WAN is missing or wrong, which was noted when it was read."""
    return draft.wan.addressing == "static" and draft.wan.address is None


def check_exchanges(plan: FleetPlan, problems: Problems) -> None:
    """Check that the hub finds the key of each spoke without a fixed address: in IKEv1 main mode it cannot."""
    for tunnel in plan.hub.tunnels:
        if tunnel.is_dynamic and tunnel.ike_version == "v1" and tunnel.ike_policy.mode != "aggressive":
            syntax = _syntax_of(plan, tunnel.peer.site)
            said = ("nhtb_syntax", syntax) if syntax == "classic" else ("nhtb_ike.version", "v1")
            problems.add("dynamic_main_mode", tunnel.peer_host, *said)


def _syntax_of(plan: FleetPlan, site: Site) -> str:
    return next(device.syntax for device in plan.devices if device.site is site)
