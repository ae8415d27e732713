# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What a kind of device can do, as data: Junos, and each kind of third-party spoke."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._model.capabilities import Capabilities

Quoting = t.Literal["backslash", "plain"]
ClosesBy = t.Literal["policies", "routes"]


@dataclass(frozen=True)
class NameRules:
    """The names of interfaces: a regular expression, an example, and the tunnel interface with its first and last unit.

    In ``pattern`` the group ``physical`` is the name without its unit, ``unit`` the unit, and ``port`` stands for an
    interface that takes no unit but 0 without VLAN tagging. ``tunnel`` has ``{unit}`` in the place of the unit.
    """

    pattern: str
    example: str
    tunnel: str
    first_unit: int
    last_unit: int


@dataclass(frozen=True)
class ZoneRules:
    """The names of zones. ``defaults`` are those of LAN, WAN and tunnel; ``known`` are predefined, as they are spelt.

    A device without zones has ``given`` false: the defaults then only tell its three sides apart in the plan.
    """

    defaults: tuple[str, str, str]
    longest: int = 63
    known: tuple[str, ...] = ()
    reserved: str = ""
    ignore_case: bool = False
    given: bool = True


@dataclass(frozen=True)
class KeyRules:
    """The pre-shared keys that a device takes, and how its text writes a backslash and a quote of a key."""

    longest: int
    pattern: str
    allowed: str
    quoting: Quoting = "plain"


@dataclass(frozen=True)
class OperatorFile:
    """A text for the operator: its template, and the end of its name, which follows the name of the host."""

    template: str
    ending: str


@dataclass(frozen=True)
class OperatorWords:
    """What the operator of a device looks at, in parts of sentences.

    Each ``_object`` names an object of the device, with ``{gateway}`` and ``{vpn}`` in the places of the names.
    """

    phase1: str
    phase2: str
    flow: str
    trace: str
    collect: str
    phase1_object: str
    phase2_object: str


@dataclass(frozen=True)
class DeviceProfile:
    """One kind of device. ``folder`` has its templates; ``by_operator`` says that its operator enters what they make.

    ``advertises`` says whether it tells the hub its tunnel address. ``closes_by`` is what keeps packets for the VPN
    from leaving in clear while the tunnel is down. ``identities`` are the kinds that it can send and expect, in the
    words of the inventory; without any it is known by its fixed address. ``capabilities`` are what it can negotiate,
    ``None`` for Junos, whose releases differ. ``words`` are for its templates: words of Junos to its own.
    """

    name: str
    title: str
    advertises: bool
    by_operator: bool
    names: NameRules
    zones: ZoneRules
    key: KeyRules
    identities: tuple[str, ...] = ()
    capabilities: Capabilities | None = None
    closes_by: ClosesBy = "policies"
    files: tuple[OperatorFile, ...] = ()
    operator: OperatorWords | None = None
    folder: str = field(default="", compare=False)
    words: t.Mapping[str, t.Mapping[str, str]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def has_modern(self) -> bool:
        """Return whether the device has the modern syntax's IKEv2 with AES-GCM."""
        known = self.capabilities
        return known is None or (
            (not known.versions or "v2" in known.versions)
            and (not known.ike_encryption or "aes-256-gcm" in known.ike_encryption)
        )


# Junos reserves st0 units from 16000 on.
JUNOS = DeviceProfile(
    name="junos",
    title="Junos",
    advertises=True,
    by_operator=False,
    names=NameRules(
        pattern=(
            r"(?P<physical>(?P<port>(?:fe|ge|xe|et|mge)-N/N/N|rethN|aeN)|(?:at|cl|e1|e3|gr|ip|lt|pt|se|t1|t3|wl)-N/N/N"
            r"|irb|vlan|lo0|pp0|dl0|umd0)(\.(?P<unit>[0-9]{1,5}))?"
        ).replace("N", "[0-9]{1,4}"),
        example="ge-0/0/0.0",
        tunnel="st0.{unit}",
        first_unit=0,
        last_unit=15999,
    ),
    # The document's names.
    zones=ZoneRules(("trust", "untrust", "vpn"), reserved=r"junos-.*|(?i:global|null|self|any)"),
    key=KeyRules(255, "[ -~]*", "printable ASCII characters only", "backslash"),
    identities=("address", "hostname", "user-at-hostname", "key-id", "distinguished-name"),
)
