# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What third-party devices can negotiate, and the first Junos releases of what not all of them can."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import Proposal


@dataclass(frozen=True)
class Capabilities:
    """What one platform can negotiate, in the words of Junos. An empty collection means that all is possible.

    ``pfs_groups`` may have ``none``. ``proposals`` is how many proposals a policy takes at most.
    """

    name: str
    versions: t.Collection[str] = ()
    modes: t.Collection[str] = ()
    ike_encryption: t.Collection[str] = ()
    ike_authentication: t.Collection[str] = ()
    dh_groups: t.Collection[str] = ()
    ipsec_encryption: t.Collection[str] = ()
    ipsec_authentication: t.Collection[str] = ()
    pfs_groups: t.Collection[str] = ()
    proposal_sets: t.Collection[str] = ()
    proposals: int | None = None

    def lacks_ike(self, proposal: Proposal) -> str:
        """Return the first word of a phase 1 proposal that the platform does not have; empty where it has all."""
        return _lacking(
            (proposal.encryption, self.ike_encryption),
            (proposal.authentication, self.ike_authentication),
            (proposal.dh_group, self.dh_groups),
        )

    def lacks_ipsec(self, proposal: Proposal) -> str:
        """Return the first word of a phase 2 proposal that the platform does not have; empty where it has all."""
        return _lacking(
            (proposal.encryption, self.ipsec_encryption), (proposal.authentication, self.ipsec_authentication)
        )


def _lacking(*pairs: tuple[str | None, t.Collection[str]]) -> str:
    return next((word for word, known in pairs if word is not None and known and word not in known), "")


SINCE: t.Mapping[str, tuple[int, int]] = {
    "group15": (18, 3),
    "group16": (18, 3),
    "group21": (23, 2),
    "sha-512": (23, 2),
    "hmac-sha-384": (23, 2),
    "hmac-sha-512": (23, 2),
    "chacha20-poly1305": (24, 2),
}
"""The first Junos release of an algorithm or a group that not every release has."""
GCM_IN_IKE_SINCE = (17, 4)
SHORT_PROBES_SINCE = (18, 4)
"""The first Junos release that takes less than 10 seconds between two probes of dead peer detection."""
