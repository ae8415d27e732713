# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The problems of ``identities``: IKE identities, and peers without a fixed address."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problem_texts.kind import Kind

KINDS: dict[str, Kind] = {
    "bad_identity": Kind("this is not an identity of type {wanted}", "Write it as in {example}"),
    "duplicate_identity": Kind("{other} has this identity too", "Give each host an identity of its own"),
    "no_identity": Kind(
        "a spoke with {platform} is known by the address of its WAN", "Leave the variable out for this host"
    ),
    "name_of_certificate": Kind(
        "Junos takes its distinguished name from a certificate, and this VPN has pre-shared keys",
        "Choose hostname, user-at-hostname or key-id",
    ),
    "hub_without_address": Kind(
        "no spoke finds a hub whose address is not fixed", "Give the public address of the hub"
    ),
    "key_id_of_dynamic": Kind(
        "the hub cannot tell a spoke without a fixed address by a key-id: 'dynamic' has none",
        "Choose hostname or user-at-hostname",
    ),
    "dynamic_responder": Kind(
        "the hub cannot start the tunnel of a spoke without a fixed address, so that neither side would",
        "Leave the variable out for this host: its tunnel then starts immediately",
    ),
    "dynamic_main_mode": Kind(
        "in IKEv1 main mode the hub finds the pre-shared key by the address of its peer, which is not fixed here",
        "Use IKEv2, as nhtb_syntax: modern does; nhtb_ike.mode: aggressive needs nhtb_allow_weak: true",
    ),
}
