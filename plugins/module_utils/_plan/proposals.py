# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read ``nhtb_ike`` and ``nhtb_ipsec``: proposals or a set, dead peer detection, perfect forward secrecy."""

from __future__ import annotations

import hashlib
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import (
    IKE_LIFETIME,
    IKE_SETS,
    IPSEC_LIFETIME,
    IPSEC_SETS,
    KEYED_SETS,
    NO_PFS,
    PFS_OF_SET,
    WEAK,
    DeadPeerDetection,
    IkeVersion,
    Proposal,
    weak_of,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Syntax
from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import DeviceProfile
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.names import NAME_LIMIT
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import kind_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table, as_flag

GROUPS = ("group1", "group2", "group5", "group14", "group15", "group16", "group19", "group20", "group21", "group24")
_CBC = ("des-cbc", "3des-cbc", "aes-128-cbc", "aes-192-cbc", "aes-256-cbc")
PROBES = ("optimized", "probe-idle-tunnel", "always-send")
VERSIONS = ("v1", "v2")
MODES = ("main", "aggressive")
# Seconds, and kilobytes: 64 to 64000 kilobytes are gone from Junos 21.1 on.
_SECONDS = (180, 86400)
_KILOBYTES = (64000, 4294967294)
_DIGITS = 6


class _Phase(t.NamedTuple):
    """What a proposal of one phase can have."""

    prefix: str
    method: str
    encryption: tuple[str, ...]
    authentication: tuple[str, ...]
    keys: tuple[str, ...]
    seconds: int


_IKE = _Phase(
    "ike",
    "pre-shared-keys",
    (*_CBC, "aes-128-gcm", "aes-256-gcm", "chacha20-poly1305"),
    ("md5", "sha1", "sha-256", "sha-384", "sha-512"),
    ("encryption", "authentication", "dh_group", "lifetime_seconds"),
    IKE_LIFETIME,
)
_ESP = _Phase(
    "esp",
    "esp",
    (*_CBC, "aes-128-gcm", "aes-192-gcm", "aes-256-gcm", "chacha20-poly1305"),
    ("hmac-md5-96", "hmac-sha1-96", "hmac-sha-256-128", "hmac-sha-256-96", "hmac-sha-384", "hmac-sha-512"),
    ("encryption", "authentication", "lifetime_seconds", "lifetime_kilobytes"),
    IPSEC_LIFETIME,
)


@dataclass(frozen=True)
class IkeDraft:
    """The variable ``nhtb_ike``. ``None`` and an empty tuple: as the syntax has it.

    ``dead_peer_detection`` is ``False`` for none at all. ``is_valid`` says that no part of the variable is wrong.
    """

    proposal_set: str | None = None
    proposals: tuple[Proposal, ...] = ()
    version: IkeVersion | None = None
    mode: str | None = None
    dead_peer_detection: DeadPeerDetection | t.Literal[False] | None = None
    is_valid: bool = True


@dataclass(frozen=True)
class IpsecDraft:
    """The variable ``nhtb_ipsec``. ``None`` and an empty tuple: as the syntax has it."""

    proposal_set: str | None = None
    proposals: tuple[Proposal, ...] = ()
    pfs_group: str | None = None
    is_valid: bool = True


class Choices(t.NamedTuple):
    """The variables of a host that decide the defaults and the limits of its proposals."""

    profile: DeviceProfile
    syntax: Syntax
    dh_group: str | None
    allow_weak: bool

    @property
    def is_classic(self) -> bool:
        """Return whether the tunnel has the document's proposals where no others are chosen."""
        return self.syntax == "classic" or not self.profile.has_modern

    @property
    def may_be_weak(self) -> bool:
        """Return whether weak choices need no consent, or have it."""
        return self.allow_weak or self.syntax == "classic"


def read_ike(table: Table, choices: Choices) -> IkeDraft:
    """Return the variable ``nhtb_ike``, and note each problem."""
    keys = ("proposal_set", "proposals", "version", "mode", "dead_peer_detection")
    before = table.problems.count
    row = table.table("nhtb_ike", keys, "")
    if row is None:
        return IkeDraft(is_valid=table.problems.count == before)
    chosen, proposals = _offer(row, _IKE, IKE_SETS, choices.dh_group)
    if chosen is not None and chosen not in KEYED_SETS:
        row.note("set_needs_certificate", "proposal_set", chosen, sets=", ".join(KEYED_SETS))
    version = t.cast("IkeVersion | None", row.choice("version", VERSIONS))
    mode = row.choice("mode", MODES)
    effective = version or ("v1" if choices.is_classic else "v2")
    if effective == "v2" and mode is not None:
        row.note("mode_needs_v1", "mode", mode)
    if effective == "v1":
        _check_v1(row, chosen, proposals, choices)
    if mode == "aggressive" and len({one.dh_group for one in proposals}) > 1:
        row.note("aggressive_groups", "mode", mode)
    probes = _dead_peer_detection(row)
    draft = IkeDraft(chosen, proposals, version, mode, probes, is_valid=table.problems.count == before)
    if not choices.may_be_weak:
        _note_weak(row, IKE_SETS.get(chosen or "", ()), proposals)
        if mode == "aggressive":
            _note_choice(row, "mode", mode, ("aggressive mode with a pre-shared key",))
    return draft


def read_ipsec(table: Table, choices: Choices) -> IpsecDraft:
    """Return the variable ``nhtb_ipsec``, and note each problem."""
    before = table.problems.count
    row = table.table("nhtb_ipsec", ("proposal_set", "proposals", "pfs_group"), "")
    if row is None:
        return IpsecDraft(is_valid=table.problems.count == before)
    chosen, proposals = _offer(row, _ESP, IPSEC_SETS, None)
    group = row.choice("pfs_group", (NO_PFS, *GROUPS))
    if group == NO_PFS and chosen in PFS_OF_SET:
        row.note("set_has_group", "pfs_group", group, chosen=chosen, group=PFS_OF_SET[chosen])
    draft = IpsecDraft(chosen, proposals, group, is_valid=table.problems.count == before)
    if not choices.may_be_weak:
        _note_weak(row, IPSEC_SETS.get(chosen or "", ()), proposals)
        if group in WEAK:
            _note_choice(row, "pfs_group", group, (WEAK[group],))
    return draft


def _offer(
    row: Table, phase: _Phase, sets: t.Mapping[str, t.Any], dh_group: str | None
) -> tuple[str | None, tuple[Proposal, ...]]:
    """Return the proposal set or the own proposals: at most one of the two."""
    chosen = row.choice("proposal_set", tuple(sets))
    value = row.value("proposals")
    if value is None:
        return chosen, ()
    if chosen is not None:
        row.note("set_and_proposals", "proposal_set", chosen)
    if not isinstance(value, (list, tuple)) or not value:
        row.note("not_proposals", "proposals", value, actual=kind_of(value) if value else "an empty list")
        return chosen, ()
    rows = [row.nested(one, f"proposals[{index}]", phase.keys) for index, one in enumerate(value)]
    proposals = tuple(filter(None, (_proposal(one, phase, dh_group) for one in rows if one is not None)))
    for index, one in enumerate(proposals):
        if any(_is_same(one, other) for other in proposals[:index]):
            row.note("duplicate_proposal", f"proposals[{index}]", one.encryption)
    return chosen, proposals


def _is_same(one: Proposal, other: Proposal) -> bool:
    return (one.encryption, one.authentication, one.dh_group) == (
        other.encryption,
        other.authentication,
        other.dh_group,
    )


def _proposal(row: Table, phase: _Phase, dh_group: str | None) -> Proposal | None:
    if row.value("encryption", "Name the algorithm, as in aes-256-cbc") is None:
        return None
    encryption = row.choice("encryption", phase.encryption)
    if encryption is None:
        return None
    authentication = row.choice("authentication", phase.authentication)
    if authenticates(encryption):
        if authentication is not None:
            row.note("authenticates_itself", "authentication", authentication, encryption=encryption)
            authentication = None
    elif row.values.get("authentication") is None:
        row.note("missing", "authentication", None, hint=f"Name the algorithm, as in {phase.authentication[2]}")
    group = (row.choice("dh_group", GROUPS) or dh_group) if "dh_group" in phase.keys else None
    seconds = row.integer("lifetime_seconds", *_SECONDS) or phase.seconds
    size = row.integer("lifetime_kilobytes", *_KILOBYTES) if "lifetime_kilobytes" in phase.keys else None
    words = [_short(encryption), _short(authentication), group, str(seconds), str(size) if size else None]
    name = content_name(phase.prefix, words)
    return Proposal(name, encryption, authentication, group, seconds, size, method=phase.method)


def authenticates(encryption: str) -> bool:
    """Return whether an encryption algorithm authenticates by itself."""
    return encryption.endswith(("gcm", "poly1305"))


def is_planned(phase: t.Literal["ike", "ipsec"], proposal: Proposal) -> bool:
    """Return whether the variables can say a proposal that a device has."""
    known, one = (_IKE if phase == "ike" else _ESP), proposal
    return (
        one.method == known.method
        and one.encryption in known.encryption
        and (
            one.authentication is None if authenticates(one.encryption) else one.authentication in known.authentication
        )
        and (phase == "ipsec" or one.dh_group in GROUPS)
        and (one.lifetime_kilobytes is None or one.lifetime_kilobytes >= _KILOBYTES[0])
    )


def _check_v1(row: Table, chosen: str | None, proposals: t.Sequence[Proposal], choices: Choices) -> None:
    """Note AES-GCM in phase 1 of IKEv1: RFC 5282 defines it for IKEv2 alone, and no peer would choose it."""
    known = choices.profile.capabilities
    or_version = ", or version: v2" if known is None or not known.versions or "v2" in known.versions else ""

    def note(key: str, value: str, encryption: str) -> None:
        row.note("gcm_needs_v2", key, value, encryption=encryption, or_version=or_version)

    for index, one in enumerate(proposals):
        if authenticates(one.encryption):
            note(f"proposals[{index}].encryption", one.encryption, one.encryption)
    if not proposals and chosen is None and not choices.is_classic:
        note("version", "v1", "aes-256-gcm of nhtb_syntax: modern")


def _dead_peer_detection(row: Table) -> DeadPeerDetection | t.Literal[False] | None:
    value = row.value("dead_peer_detection")
    if value is None:
        return None
    if (flag := as_flag(value)) is not None:
        return DeadPeerDetection(10, 3) if flag else False
    inner = row.nested(value, "dead_peer_detection", ("mode", "interval", "threshold"))
    if inner is None:
        return None
    # The defaults are those of the modern syntax: an idle tunnel is probed too, so that its routes leave soon.
    return DeadPeerDetection(
        interval=inner.integer("interval", 2, 60, "10 seconds suit most tunnels") or 10,
        threshold=inner.integer("threshold", 1, 5, "3 probes suit most tunnels") or 3,
        mode=inner.choice("mode", PROBES) or "probe-idle-tunnel",
    )


def _note_weak(row: Table, of_set: t.Sequence[Proposal], proposals: t.Sequence[Proposal]) -> None:
    if of_set and (found := weak_of(of_set)):
        _note_choice(row, "proposal_set", row.values["proposal_set"], found)
    for index, one in enumerate(proposals):
        for key in ("encryption", "authentication", "dh_group"):
            if (value := getattr(one, key)) in WEAK:
                _note_choice(row, f"proposals[{index}].{key}", value, (WEAK[value],))


def _note_choice(row: Table, variable: str, value: object, weak: t.Sequence[str]) -> None:
    row.note("weak_choice", variable, value, weak=", ".join(weak), verb="are" if weak[1:] else "is")


# --- names ---


def content_name(prefix: str, words: t.Iterable[str | None]) -> str:
    """Return a name that states the content, so that it stays the same whatever else is added or removed.

    Where it would be too long for Junos, a digest of the content stands for the last words.
    """
    name = "-".join((prefix, *filter(None, words)))
    if len(name) <= NAME_LIMIT:
        return name
    parts = name.split("-")
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGITS]
    while len("-".join((*parts, digest))) > NAME_LIMIT:
        parts.pop()
    return "-".join((*parts, digest))


def _short(algorithm: str | None) -> str | None:
    """Return an algorithm as one word: ``aes256`` for ``aes-256-cbc``, ``aes256gcm``, ``sha256``."""
    if algorithm is None:
        return None
    name = algorithm.removeprefix("hmac-").removesuffix("-cbc").removesuffix("-poly1305")
    name = {"sha1-96": "sha1", "md5-96": "md5", "sha-256-128": "sha256", "sha-256-96": "sha256half"}.get(name, name)
    return name.replace("-", "")


def policy_name(prefix: str, proposals: t.Sequence[Proposal], *words: str | None) -> str:
    """Return the name of a policy with proposals of its own."""
    return content_name(prefix, [*words, *(one.name.partition("-")[2] for one in proposals)])
