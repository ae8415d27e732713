# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check the VLANs of the units that a host gets: an interface with VLAN tagging has no unit without a VLAN."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems


class _Unit(t.NamedTuple):
    variable: str
    interface: str
    vlan_id: int | None

    @property
    def physical(self) -> str:
        return self.interface.partition(".")[0]


def check_vlans(draft: Draft, problems: Problems) -> None:
    """Note units of one interface with and without a VLAN, two VLANs of one unit, and two units of one VLAN."""
    seen: list[_Unit] = []
    for one in _units(draft):
        for other in seen:
            if other.physical != one.physical:
                continue
            shown, facts = one.vlan_id or "(missing)", {"other": other.variable, "interface": one.interface}
            same_unit = other.interface == one.interface
            if same_unit != (other.vlan_id == one.vlan_id) and None not in (one.vlan_id, other.vlan_id):
                problems.add("vlan_clash", draft.host, f"{one.variable}.vlan_id", shown, **facts)
                break
            if (other.vlan_id is None) != (one.vlan_id is None):
                problems.add("vlan_missing", draft.host, f"{one.variable}.vlan_id", shown, **facts)
                break
        seen.append(one)


def _units(draft: Draft) -> t.Iterator[_Unit]:
    if "lan_interfaces" not in draft.unmanaged:
        yield from (_Unit(lan.variable, lan.interface, lan.vlan_id) for lan in draft.lans if lan.interface)
    if "wan_interface" not in draft.unmanaged and draft.wan.interface:
        yield _Unit("nhtb_wan", draft.wan.interface, draft.wan.vlan_id)
