# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What the two ends of a tunnel negotiate, as planned."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Proposal:
    """A proposal of phase 1 or 2. ``authentication`` is ``None`` with AES-GCM, ``dh_group`` is ``None`` in phase 2."""

    name: str
    encryption: str
    authentication: str | None
    dh_group: str | None
    lifetime_seconds: int


@dataclass(frozen=True)
class IkePolicy:
    """A phase 1 policy with ``proposal_set`` or ``proposal``. ``key_of`` is the host whose pre-shared key it has."""

    name: str
    mode: str | None
    proposal_set: str | None
    proposal: Proposal | None
    key_of: str


@dataclass(frozen=True)
class IpsecPolicy:
    """A phase 2 policy with ``proposal_set`` or ``proposal``."""

    name: str
    pfs_group: str
    proposal_set: str | None
    proposal: Proposal | None


@dataclass(frozen=True)
class DeadPeerDetection:
    """``interval`` in seconds between probes; ``threshold`` unanswered probes mean a dead peer."""

    interval: int
    threshold: int
