# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The behaviours of IKE and IPsec that no public source describes for Junos: a ``lab_*`` variable selects each.

The first value of a switch is its default, the hostile side: with it a client cannot depend on a guess. Where recorded
outputs of Juniper show one side, that is the default.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, fields


def _switch(unknown: str, **effects: str) -> t.Any:
    """Return a field: what is not known, and the effect of each value. ``_`` is written as ``-`` in values."""
    values = {name.replace("_", "-"): effect for name, effect in effects.items()}
    # The dataclass below is made of what this returns.
    return field(  # pylint: disable=invalid-field-call
        default=next(iter(values)), metadata={"unknown": unknown, "values": values}
    )


@dataclass(frozen=True)
class Switches:
    """The chosen value of each switch, for one device."""

    associations: str = _switch(
        "How long associations last after a commit that changes their key, proposal or another part",
        until_rekey="They are used until a renewal compares the new configurations.",
        at_once="The commit ends them.",
    )
    restart: str = _switch(
        "Whether a device that restarts ends its associations at its peers",
        unnoticed="Peers show them as up until dead peer detection or a renewal misses an answer, or the device"
        " negotiates anew.",
        told="Peers receive a delete.",
    )
    narrowing: str = _switch(
        "Whether a responder of IKEv2 narrows a proxy identity or traffic selector, as RFC 7296 (2.9) allows",
        refused="It wants its own with ends exchanged.",
        allowed="The common addresses are negotiated.",
    )
    identity_case: str = _switch(
        "Whether the comparison of host names and mail addresses as identities minds the letter case",
        exact="Another letter case is another identity.",
        ignored="It is the same identity.",
    )
    inbound_ike: str = _switch(
        "Whether a device without host-inbound IKE gets the answers to what it has started",
        needed="It does not.",
        answered="It does: answers belong to the session of the request.",
    )
    sequence_numbers: str = _switch(
        "Whether a proposal with extended sequence numbers also offers the usual ones",
        alone="It does not: both ends must have the statement.",
        both="It does.",
    )
    proposal_order: str = _switch(
        "Whose order decides between several common proposals",
        initiator="That of the end which starts.",
        responder="That of the end which answers.",
    )
    both_start: str = _switch(
        "What remains after both ends have started at once",
        one="One association of each phase. The outputs in Juniper's document have one per peer.",
        two="Two of each phase, side by side, as strongSwan has them.",
    )


HOSTILE = Switches()


class Switch(t.NamedTuple):
    """A switch as data."""

    name: str
    unknown: str
    values: t.Mapping[str, str]

    @property
    def variable(self) -> str:
        """Return the variable of the inventory."""
        return f"lab_{self.name}"


SWITCHES = tuple(Switch(one.name, one.metadata["unknown"], one.metadata["values"]) for one in fields(Switches))
