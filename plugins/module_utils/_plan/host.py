# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read the variables of one host into a draft. An invalid value is ``None`` and noted as a problem."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Syntax
from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import DeviceProfile
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Role
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import AddressBook
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import PARTS, Draft, release_number
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.identities import read_identity
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.keys import read_format, read_key
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.lans import read_lans
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.names import GROUP_LIMIT, NAME_LIMIT
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.profiles import Profiles, choose_profile
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.proposals import Choices, read_ike, read_ipsec
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rules import read_policies
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.run_options import (
    Documented,
    check_numbers,
    check_others,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.summary import read_summary
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.vpn_options import read_vpn
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.wans import read_tunnel, read_wan

DH_GROUPS = ("group14", "group15", "group16", "group19", "group20", "group21")
ESTABLISH = ("immediately", "on-traffic", "responder-only", "responder-only-no-rekey")
# Groups that Junos defines, or applies to a routing engine or a cluster node.
RESERVED_GROUPS = ("global", "junos-defaults", "member0", "member1", "node0", "node1", "re0", "re1")
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,199}")
_HOST_NAME = re.compile(r"[A-Za-z0-9._-]{1,255}")


def read_host(
    host: str, role: Role, variables: object, documented: Documented, profiles: Profiles, problems: Problems
) -> Draft:
    """Read the ``nhtb_`` variables of one host over the documented defaults, and note each problem."""
    table = _table(host, variables, documented, problems)
    check_host_name(host, problems)
    profile = choose_profile(table, profiles)
    syntax: Syntax = "classic" if table.choice("nhtb_syntax", ("modern", "classic")) == "classic" else "modern"
    book = table.choice("nhtb_address_book", ("global", "zone", "attached"))
    unmanaged = frozenset(part for part in (*PARTS, "routes") if table.flag(f"nhtb_manage_{part}") is False)
    lans = read_lans(table, profile, unmanaged)
    check_numbers(table, documented)
    key_format = read_format(table, profile)
    read_key(table, profile, key_format, needed=False, variable="nhtb_new_pre_shared_key")
    dh_group = table.choice("nhtb_dh_group", DH_GROUPS)
    choices = Choices(profile, syntax, dh_group, allow_weak=table.flag("nhtb_allow_weak") is True)
    draft = Draft(
        host=host,
        role=role,
        name=_site(table, sum(1 + len(lan.networks) for lan in lans)),
        host_name=_host_name(table),
        profile=profile,
        release=_release(table, profile),
        lans=lans,
        wan=read_wan(table, profile, unmanaged, lans),
        tunnel=read_tunnel(table, profile),
        key=read_key(table, profile, key_format, needed=role == "spoke"),
        syntax=syntax,
        dh_group=dh_group,
        establish=table.choice("nhtb_establish_tunnels", ESTABLISH),
        static_binding=table.flag("nhtb_static_binding"),
        address_book=_address_book(book, syntax),
        group=_group(table),
        mss=table.integer("nhtb_mss", 64, 65535, "1350 suits most networks"),
        operator_ready=True in (table.flag("nhtb_operator_ready"), table.flag("nhtb_operator_sets_key")),
        policy_addresses=table.integer("nhtb_policy_addresses", 1, 65535, "1024 is the smallest documented limit"),
        confirm_minutes=table.integer("nhtb_confirm_minutes", 1, 65535, "10 minutes suit most fleets"),
        unmanaged=unmanaged,
        fail_closed=table.flag("nhtb_fail_closed") is not False,
        policies=read_policies(table, profile, book),
        key_format=key_format,
        allow_weak=choices.allow_weak,
        ike=read_ike(table, choices),
        ipsec=read_ipsec(table, choices),
        identity=read_identity(table, profile),
        vpn=read_vpn(table, profile, lans),
        summary=read_summary(table),
        next_hop=table.choice("nhtb_next_hop", ("address", "interface")),
        max_tunnels=table.integer("nhtb_max_tunnels", 1, 65535, "The data sheet of the platform has the figure"),
        internet_exit=table.choice("nhtb_internet_exit", ("local", "hub")),
    )
    check_others(table, documented)
    return draft


def _address_book(stated: str | None, syntax: Syntax) -> AddressBook:
    if stated == "attached":
        return "attached"
    return "zone" if stated == "zone" or (stated is None and syntax == "classic") else "global"


def check_host_name(host: str, problems: Problems) -> None:
    """Note an inventory name that cannot become the name of a file. Every entry point checks its hosts with this."""
    if not _HOST.fullmatch(host):
        problems.add("unusable_host", host, "inventory_hostname", host)


def _table(host: str, variables: object, documented: Documented, problems: Problems) -> Table:
    stated = variables.items() if isinstance(variables, t.Mapping) else ()
    own = {str(name): value for name, value in stated if str(name).startswith("nhtb_")}
    defaults = {name: option.get("default") for name, option in documented.items()}
    known = {name: value for name, value in own.items() if name in documented and value is not None}
    table = Table(host, {**defaults, **known}, problems)
    otherwise = "ansible-doc -t role hubspoke.srx.nhtb lists all variables"
    table.check_names(own, documented, otherwise, "unknown_variable")
    return table


def _site(table: Table, lan_count: int) -> str | None:
    name = table.name("nhtb_site", "a site name", NAME_LIMIT, "Give the site a short name, as in westford")
    if name is None:
        return None
    if name == "local":
        table.note("reserved_name", "nhtb_site", name, meaning="local-net is what each device calls its own network")
    # Names on the device begin with the site's: westford-gate, westford-net-2 (its second LAN).
    longest = f"{name}-gate" if lan_count <= 1 else f"{name}-net-{lan_count}"
    if len(longest) > NAME_LIMIT:
        excess = len(longest) - NAME_LIMIT
        table.note(
            "name_too_long", "nhtb_site", name, made=longest, length=len(longest), limit=NAME_LIMIT, excess=excess
        )
    return name


def _host_name(table: Table) -> str | None:
    name = table.text("nhtb_host_name")
    if name is not None and not _HOST_NAME.fullmatch(name):
        table.note("bad_host_name", "nhtb_host_name", name)
        return None
    return name


def _group(table: Table) -> str | None:
    name = table.name("nhtb_group", "a configuration group", GROUP_LIMIT)
    if name in RESERVED_GROUPS:
        table.note("reserved_name", "nhtb_group", name, meaning="Junos applies this group by itself")
    return name


def _release(table: Table, profile: DeviceProfile) -> str | None:
    release = table.text("nhtb_release")
    if release is not None and not profile.by_operator and release_number(release) is None:
        table.note("bad_release", "nhtb_release", release)
        return None
    return release
