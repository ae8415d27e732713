# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read the profile of a third-party spoke, choose that of a host, and check what a tunnel needs of it."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.capabilities import Capabilities
from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import IKE_SETS, NO_PFS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import (
    JUNOS,
    DeviceProfile,
    KeyRules,
    NameRules,
    OperatorFile,
    OperatorWords,
    ZoneRules,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems, kind_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table, nearest

Profiles: t.TypeAlias = "t.Mapping[str, DeviceProfile]"
FILE = "profile.yml"
_KEYS = (
    "title", "advertises", "identities", "ike", "ipsec", "key", "interfaces", "zones", "closes_by", "files", "operator",
    "words",
)  # fmt: skip
_ENCRYPTION = (
    "des-cbc", "3des-cbc", "aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "aes-128-gcm", "aes-192-gcm", "aes-256-gcm",
)  # fmt: skip
_HASHES = ("md5", "sha1", "sha-256", "sha-384", "sha-512")
_DIGESTS = (
    "hmac-md5-96", "hmac-sha1-96", "hmac-sha-256-128", "hmac-sha-256-96", "hmac-sha-384", "hmac-sha-512",
)  # fmt: skip
_GROUPS = tuple(f"group{number}" for number in (1, 2, 5, 14, 15, 16, 19, 20, 21, 24))
_IDENTITIES = ("address", "hostname", "user-at-hostname", "key-id")
# The sides of a device without zones.
_SIDES = ("lan", "wan", "tunnel")
_ENDING = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
# The ends of files that a run writes for the devices it configures.
_TAKEN = ("conf", "set", "diff")
_OPERATOR = {
    "phase1": "address, identities, key, IKE version and proposals",
    "phase2": "proposals, perfect forward secrecy and traffic selectors",
    "flow": "its routes and its firewall rules",
    "trace": "its operator reads its log there",
    "collect": "its operator can send its log and its configuration",
    "phase1_object": "phase 1 of {gateway}",
    "phase2_object": "phase 2 of {vpn}",
}


def read_profile(
    name: str, data: object, file: str, templates: t.Collection[str], folder: str, problems: Problems
) -> DeviceProfile | None:
    """Return the profile of a file, ``None`` after each of its problems is noted, by file and key.

    ``templates`` are the names of the templates in its folder.
    """
    known = problems.count
    if not isinstance(data, t.Mapping):
        problems.add("not_mapping", file, FILE, data, actual=kind_of(data), keys=", ".join(_KEYS))
        return None
    table = Table(file, data, problems)
    table.check_names(data, _KEYS, f"Known are {', '.join(_KEYS)}", parent="a profile")
    phase1 = ("versions", "modes", "encryption", "authentication", "dh_groups", "proposal_sets", "proposals")
    ike = _part(table, "ike", phase1)
    ipsec = _part(table, "ipsec", ("encryption", "authentication", "pfs_groups"))
    profile = DeviceProfile(
        name=name,
        title=table.text("title", "Give the product's name, for messages and reports") or name,
        advertises=table.flag("advertises") is True,
        by_operator=True,
        identities=_words(table, "identities", _IDENTITIES),
        capabilities=Capabilities(
            table.text("title") or name,
            versions=_words(ike, "versions", ("v1", "v2")),
            modes=_words(ike, "modes", ("main", "aggressive")),
            ike_encryption=_words(ike, "encryption", _ENCRYPTION),
            ike_authentication=_words(ike, "authentication", _HASHES),
            dh_groups=_words(ike, "dh_groups", _GROUPS),
            ipsec_encryption=_words(ipsec, "encryption", _ENCRYPTION),
            ipsec_authentication=_words(ipsec, "authentication", _DIGESTS),
            pfs_groups=_words(ipsec, "pfs_groups", (NO_PFS, *_GROUPS)),
            proposal_sets=_words(ike, "proposal_sets", tuple(IKE_SETS)),
            proposals=ike.integer("proposals", 1, 32),
        ),
        key=_key(table),
        names=_interfaces(table),
        zones=_zones(table),
        closes_by="policies" if table.choice("closes_by", ("policies", "routes")) == "policies" else "routes",
        files=_files(table, templates),
        operator=_operator(table),
        folder=folder,
        words=_own_words(table),
    )
    return profile if problems.count == known else None


def _part(table: Table, name: str, keys: t.Sequence[str]) -> Table:
    """Return a mapping of the profile, an empty one where it has none."""
    return table.table(name, keys, "") or Table(table.host, {}, table.problems, f"{name}.")


def _words(table: Table, name: str, choices: t.Collection[str]) -> tuple[str, ...]:
    value = table.value(name)
    table.choose(name, choices)
    return tuple(map(str, value if isinstance(value, (list, tuple)) else [value])) if value else ()


def _pattern(table: Table, name: str, otherwise: str) -> str:
    """Return a regular expression."""
    text = table.text(name) or otherwise
    try:
        re.compile(text)
    except re.error as error:
        table.note("bad_pattern", name, text, why=error)
        return otherwise
    return text


def _key(table: Table) -> KeyRules:
    row = _part(table, "key", ("longest", "pattern", "allowed", "quoting"))
    if row.values.get("pattern") is not None:
        row.value("allowed", "Say in words which characters a key may have")
    return KeyRules(
        longest=row.integer("longest", 1, 255) or 128,
        # No text of a product stumbles over these.
        pattern=_pattern(row, "pattern", "[!#-&(-;=?-Z^_a-z~]*"),
        allowed=row.text("allowed")
        or "printable ASCII characters without spaces, quotes, angle and square brackets, braces, pipe and backslash",
        quoting="backslash" if row.choice("quoting", ("backslash", "plain")) == "backslash" else "plain",
    )


def _interfaces(table: Table) -> NameRules:
    row = _part(table, "interfaces", ("pattern", "example", "tunnel", "first_unit", "last_unit"))
    tunnel = row.text("tunnel") or "tunnel{unit}"
    if not re.fullmatch(r"[^{}]*[^{}0-9]\{unit\}", tunnel):
        row.note("no_unit", "tunnel", tunnel)
        tunnel = "tunnel{unit}"
    first, last = row.integer("first_unit", 0, 65535), row.integer("last_unit", 0, 65535)
    return NameRules(
        pattern=_pattern(row, "pattern", r"[!-~]{1,64}"),
        example=row.text("example") or "port1",
        tunnel=tunnel,
        first_unit=1 if first is None else first,
        last_unit=65535 if last is None else last,
    )


def _zones(table: Table) -> ZoneRules:
    if table.value("zones") is None:
        return ZoneRules(_SIDES, given=False)
    row = _part(table, "zones", ("defaults", "longest", "known", "reserved", "ignore_case"))
    sides = row.value("defaults", "List the zones of LAN, WAN and tunnel")
    if sides is not None and not (isinstance(sides, list) and len(set(map(str, sides))) == len(_SIDES) == len(sides)):
        row.note("not_three_zones", "defaults", sides)
        sides = None
    known = row.value("known") or []
    if not isinstance(known, list):
        row.note("not_words", "known", known, actual=kind_of(known))
        known = []
    lan, wan, tunnel = map(str, sides or _SIDES)
    return ZoneRules(
        defaults=(lan, wan, tunnel),
        longest=row.integer("longest", 1, 63) or 31,
        known=tuple(map(str, known)),
        reserved=_pattern(row, "reserved", ""),
        ignore_case=row.flag("ignore_case") is True,
    )


def _files(table: Table, templates: t.Collection[str]) -> tuple[OperatorFile, ...]:
    needed = "List each template with the ending of the file it makes"
    if table.values.get("files") == []:
        table.note("missing", "files", None, hint=needed)
        return ()
    rows = table.tables("files", ("template", "ending"), needed)
    files: list[OperatorFile] = []
    for row in rows:
        template = row.text("template", "Name a template of the folder templates")
        ending = row.text("ending", "Give the ending of the file's name, as in md")
        if template is not None and template not in templates:
            row.note("no_template", "template", template, hint=nearest(template, templates, "Put it there"))
        if ending is None:
            continue
        if not _ENDING.fullmatch(ending) or ending in _TAKEN or ending in [file.ending for file in files]:
            row.note("bad_ending", "ending", ending, taken=", ".join(_TAKEN))
        elif template is not None:
            files.append(OperatorFile(template, ending))
    return tuple(files)


def _operator(table: Table) -> OperatorWords:
    row = _part(table, "operator", tuple(_OPERATOR))
    return OperatorWords(**{name: row.text(name) or otherwise for name, otherwise in _OPERATOR.items()})


def _own_words(table: Table) -> dict[str, dict[str, str]]:
    value = table.value("words") or {}
    if not isinstance(value, t.Mapping) or not all(isinstance(one, t.Mapping) for one in value.values()):
        table.note("not_word_lists", "words", value)
        return {}
    return {str(kind): {str(one): str(own) for one, own in words.items()} for kind, words in value.items()}


def choose_profile(table: Table, profiles: Profiles) -> DeviceProfile:
    """Return the profile of a host by ``nhtb_profile``, or by ``nhtb_platform``, the word of before."""
    platform = table.choice("nhtb_platform", ("junos", "screenos"))
    name = table.text("nhtb_profile")
    if name is None and table.values.get("nhtb_profile") is None:
        return profiles.get("screenos", JUNOS) if platform == "screenos" else JUNOS
    if platform == "screenos" and name not in (None, "screenos"):
        table.note("profile_and_platform", "nhtb_profile", name)
    profile = None if name is None else profiles.get(name)
    if name is not None and profile is None:
        known = ", ".join(sorted(profiles))
        hint = nearest(name, profiles, f"Known are {known}; another one is a folder of profiles next to the inventory")
        table.note("no_profile", "nhtb_profile", name, hint=hint)
    # The least is asked of a host whose profile is not known.
    return profile or profiles.get("generic", JUNOS)


def check_profiles(plan: FleetPlan, problems: Problems) -> None:
    """Check that each third-party spoke can do what its tunnels need."""
    for tunnel in plan.hub.tunnels:
        profile = tunnel.peer.site.profile
        for variable, value, lacks in _lacking(tunnel, profile.capabilities) if profile.capabilities else ():
            problems.add("profile_lacks", tunnel.peer_host, variable, value, profile=profile.title, feature=lacks)


def _lacking(tunnel: Tunnel, known: Capabilities) -> t.Iterator[tuple[str, str, str]]:
    """Yield the variable, its value, and the feature of each thing that a tunnel needs and a device lacks.

    What a host chooses was checked before: these are the defaults of the syntax.
    """
    ike, ipsec = tunnel.ike_policy, tunnel.ipsec_policy
    if known.versions and tunnel.ike_version not in known.versions:
        yield "nhtb_ike.version", tunnel.ike_version, f"IKE{tunnel.ike_version}"
    if ike.mode and known.modes and ike.mode not in known.modes:
        yield "nhtb_ike.mode", ike.mode, f"mode {ike.mode}"
    for variable, offered, lacks in (
        ("nhtb_ike.proposals", ike.offered, known.lacks_ike),
        ("nhtb_ipsec.proposals", ipsec.offered, known.lacks_ipsec),
    ):
        lacking = list(filter(None, map(lacks, offered)))
        if lacking and len(lacking) == len(offered):
            yield variable, lacking[0], ", ".join(dict.fromkeys(lacking))
    if known.pfs_groups and ipsec.pfs_group not in known.pfs_groups:
        yield "nhtb_ipsec.pfs_group", ipsec.pfs_group, f"{ipsec.pfs_group} for perfect forward secrecy"
