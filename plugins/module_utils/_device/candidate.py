# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The candidate of a device: load the group, keep a part of it unchanged, move it to another name, or remove it."""

from __future__ import annotations

import re
import typing as t
from itertools import pairwise
from xml.sax.saxutils import escape

from ansible_collections.hubspoke.srx.plugins.module_utils._config.earlier_groups import under_new_name
from ansible_collections.hubspoke.srx.plugins.module_utils._config.order import in_order
from ansible_collections.hubspoke.srx.plugins.module_utils._config.own_routes import OwnRoutes, next_to_discards
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import (
    KEY_STATEMENTS,
    fill_for_device,
    mask,
    without_resalted,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import (
    FILTER,
    of_group,
    outside,
    planned_words,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Site

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session


# The names of prefixes that the policy never-in-clear has for a large fleet, as _plan.closed makes them.
_SUMMARY = re.compile(r"vpn(?:-[0-9]+){5}")
_STATIC_ROUTES = "<routing-options><static/></routing-options>"
_POLICY = ("security", "ike", "policy")
_GATEWAY = ["security", "ike", "gateway"]
_VPN = ["security", "ipsec", "vpn"]
# The words of a policy's place: security policies from-zone A to-zone B policy NAME.
_POLICY_SIZE = 8
# A hub that loses fewer tunnels is one of which some spokes are gone. So many names are in a message.
_FEW = 2
# The statements that name another object of the group.
_REFERENCES = ("ike-policy", "ipsec-policy", "proposals")


def group_statements(
    session: Session, group: str, database: t.Literal["committed", "candidate"] = "committed"
) -> tuple[str, ...]:
    """Return the statements of a group and of where it is applied, as set commands."""
    return tuple(session.statements(f"<groups><name>{escape(group)}</name></groups><apply-groups/>", database))


def load(
    session: Session,
    job: Job,
    settings: Settings,
    before: t.Sequence[str],
    held: t.Sequence[str] | None = None,
) -> str:
    """Load a job into the candidate; return the masked comparison with the committed configuration.

    ``before`` are the statements of the group before this run; the parts of the kept tunnels stay in it. ``held`` are
    the committed ones, where a commit of this run has changed them: unchanged keys keep their encoding. The statements
    of a group that is moved count as the group's own, and it is deleted.
    """
    group, earlier, deletions, codec = job.plan.group, settings.move_group, settings.deletions, settings.codec
    if job.remove:
        commands = removal(group, before) + removal(earlier, before)
        if commands:
            session.load_set(commands)
    else:
        # What a take-over deletes is not there any more.
        text = job.text if deletions is not None else _next_to_own_routes(session, job)
        committed = before if held is None else held
        encoded = _encoded_keys(committed, earlier) | _encoded_keys(committed, group)
        session.load_replace(fill_for_device(text, settings.keys, encoded, codec))
        kept = _parts(job, under_new_name(before, earlier, group))
        if kept:
            session.load_set(kept)
            _put_in_order(session, job, before)
        # After a commit of this run the candidate has the earlier group no more.
        commands = removal(earlier, group_statements(session, earlier, "candidate")) if earlier else []
        if commands:
            session.load_set(commands)
        if deletions is not None:
            session.load_set(deletions(job.plan, job.text, session.statements(FILTER, "candidate")))
    return mask(without_resalted(session.compare(), codec))


def _encoded_keys(commands: t.Iterable[str], group: str) -> dict[str, str]:
    """Return the encoded pre-shared keys of a group, by IKE policy."""
    keys = of_group((command for command in commands if " pre-shared-key " in command), group)
    return {words[6]: words[-1] for words in keys if words[3:6] == _POLICY and words[-3:-1] in KEY_STATEMENTS}


def _put_in_order(session: Session, job: Job, before: t.Sequence[str]) -> None:
    """Put the statements of the group into the order that the device has: those that stay were loaded last."""
    group = job.plan.group
    start = f"set groups {group} "
    loaded = [line for line in group_statements(session, group, "candidate") if line.startswith(start)]
    ordered = in_order(loaded, before, planned_words(job.whole, group))
    if ordered != loaded:
        session.load_set([f"delete groups {group}", *ordered])


def _next_to_own_routes(session: Session, job: Job) -> str:
    statements = session.statements(_STATIC_ROUTES, "candidate")
    return next_to_discards(job.plan, job.text, OwnRoutes(outside(statements, job.plan.group)))


def removal(group: str, before: t.Sequence[str]) -> list[str]:
    """Return the commands that remove a group, none where the device does not have it.

    Only statements that exist are deleted: Junos warns about any other.
    """
    present = [line.split() for line in before]
    commands = [f"delete apply-groups {group}"] if ["set", "apply-groups", group] in present else []
    if any(words[:3] == ["set", "groups", group] for words in present):
        commands.append(f"delete groups {group}")
    return commands


def check_whole(job: Job, leaving: t.Collection[Site], before: t.Sequence[str]) -> None:
    """Raise HubspokeError where the hub would lose at least as many tunnels as it keeps, of sites without a host.

    ``leaving`` are the sites that the run removes by their names. An inventory of a part of the VPN, such as a slice of
    a job, is not told from one of all by anything else than what the hub has.
    """
    if job.remove or job.gone is not None:
        return
    kept = {tunnel.gateway for tunnel in job.kept}
    unknown = sorted(_unknown_gateways(job, _words(job, before), leaving) - kept)
    if len(unknown) < max(_FEW, len(job.plan.tunnels)):
        return
    names = ", ".join(name.removesuffix("-gate") for name in unknown[:_FEW])
    names += f" and {len(unknown) - _FEW} more" if len(unknown) > _FEW else ""
    raise HubspokeError(
        f"{job.host}: tunnels: expected the {len(job.plan.tunnels)} of the inventory, actual also {len(unknown)} of"
        f" sites that it lacks: {names}. A slice of a job has a part of the VPN: deploy all of it in one job. Where"
        " sites are gone for good, give their hosts nhtb_state: absent, or set nhtb_drop_sites: true."
    )


def _words(job: Job, before: t.Sequence[str]) -> list[list[str]]:
    """Return the words of the statements of the group, without those that lead to it."""
    start = f"set groups {job.plan.group} "
    return [[word.strip('"') for word in line.split()[3:]] for line in before if line.startswith(start)]


def _parts(job: Job, before: t.Sequence[str]) -> list[str]:
    """Return the hub's statements for the kept spokes: those that name their gateway, VPN, key or networks."""
    if not job.keeps_parts:
        return []
    start = f"set groups {job.plan.group} "
    lines = [(line, [word.strip('"') for word in line.split()[3:]]) for line in before if line.startswith(start)]
    names = _kept_names(job, [words for _line, words in lines])
    if names:
        # A summary of networks may be what keeps those of a kept tunnel from leaving in clear.
        names |= {word for _line, words in lines for word in words if _SUMMARY.fullmatch(word)}
    while True:
        part = [(line, words) for line, words in lines if not names.isdisjoint(words)]
        # The plan has the objects that they share with other spokes; it lacks those that only they use now.
        shared = {name for _line, words in part for name in _references(words) if f" {name} " not in job.text}
        if shared <= names:
            return _with_whole_policies(job, lines, part, names)
        names |= shared


def _with_whole_policies(
    job: Job,
    lines: t.Sequence[tuple[str, list[str]]],
    part: t.Sequence[tuple[str, list[str]]],
    names: t.Collection[str],
) -> list[str]:
    """Return the statements of a part, with all of a policy that the plan lacks, and nothing of one that cannot stay.

    A policy between two spokes, or of a rule, may name kept spokes only on one side. It cannot stay where it names
    networks of a spoke that leaves.
    """
    planned = {words[:_POLICY_SIZE] for words in planned_words(job.text, job.plan.group)}
    policies: dict[tuple[str, ...], list[tuple[str, list[str]]]] = {}
    for line, words in lines:
        if words[:2] == ["security", "policies"] and tuple(words[:_POLICY_SIZE]) not in planned:
            policies.setdefault(tuple(words[:_POLICY_SIZE]), []).append((line, words))
    chosen = {line for line, words in part}
    for statements in policies.values():
        found = {line for line, _words in statements}
        if chosen.isdisjoint(found):
            continue
        named = [words[-1] for _line, words in statements if "address" in words[-2]]
        stays = all(name == "any" or name in names or f" {name} " in job.text for name in named)
        chosen = chosen | found if stays else chosen - found
    return [line for line, _words in lines if line in chosen]


def _kept_names(job: Job, lines: t.Sequence[t.Sequence[str]]) -> set[str]:
    """Return the names of the parts that stay; ``lines`` are the words of the group's statements."""
    unknown = set() if job.gone is None else _unknown_gateways(job, lines, job.gone)
    sites = {tunnel.peer_site for tunnel in job.kept} | {gateway.removesuffix("-gate") for gateway in unknown}
    names = {name for tunnel in job.kept for name in _names(tunnel)} | unknown
    vpns = [words for words in lines if words[:3] == _VPN and words[4:6] == ["ike", "gateway"]]
    names |= {words[3] for words in vpns if words[6] in unknown} | {f"{site}-ike" for site in sites}
    # The inventory may have other networks of these sites than the device has.
    entries = [words[-2:] for words in lines if "address" in words[:-2] and words[-2].rpartition("-net")[0] in sites]
    planned = {network for tunnel in job.plan.tunnels for network in tunnel.remote_networks}
    return names | ({word for entry in entries for word in entry} - planned)


def _unknown_gateways(job: Job, lines: t.Iterable[t.Sequence[str]], leaving: t.Iterable[Site]) -> set[str]:
    """Return the gateways that neither the plan nor the ``leaving`` sites have.

    They are those of spokes that leave in another run, or that the inventory has no more.
    """
    leaving = tuple(leaving)
    gone = {f"{site.name}-gate" for site in leaving} | {tunnel.gateway for tunnel in job.plan.tunnels}
    # A site with a new name has the address of before.
    addresses = {address for site in leaving for wan in site.wans for address in wan.reached_at} | {
        address for tunnel in job.plan.tunnels for address in tunnel.peer_addresses
    }
    peers = addresses | {tunnel.remote_identity.value for tunnel in job.plan.tunnels if tunnel.remote_identity}
    found: dict[str, set[str]] = {}
    for words in lines:
        if words[:3] == _GATEWAY and words[4:5] in (["address"], ["dynamic"]):
            found.setdefault(words[3], set()).add(words[-1])
    return {gateway for gateway, values in found.items() if gateway not in gone and not values & peers}


def _references(words: t.Sequence[str]) -> t.Iterator[str]:
    return (name for statement, name in pairwise(words) if statement in _REFERENCES)


def _names(tunnel: Tunnel) -> t.Iterator[str]:
    yield from (tunnel.gateway, tunnel.vpn, tunnel.next_hop, f"{tunnel.peer_site}-ike")
    for index, network in enumerate(tunnel.remote_networks):
        yield network
        yield f"{tunnel.peer_site}-net" if index == 0 else f"{tunnel.peer_site}-net-{index + 1}"
