# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parsers against replies recorded on real devices, where these files are present."""

from __future__ import annotations

import typing as t
from collections import Counter
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyRefused
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import CommitOutcome, LockHolder, Parsed
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.commit import commit_outcome, lock_holder
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import parse

RECORDED = Path(__file__).resolve().parents[4].parent / "shared" / "fixtures" / "real"
SEED = RECORDED.parents[1] / "seed" / "juniper-nhtb-2010.txt"

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded replies are not next to this checkout")

IKE = "show security ike security-associations"
IPSEC = "show security ipsec security-associations"
MISMATCH = (
    "the header counts 6 active tunnels, the rows show 2",
    "the header counts 6 pairs of security associations, the rows show 2",
)


def recorded(folder: str, name: str, command: str) -> Parsed[t.Any]:
    parsed = parse(command, (RECORDED / folder / name).read_bytes())
    assert parsed.source == ("xml" if name.endswith(".xml") else "text")
    return parsed


def outcome(folder: str, name: str) -> CommitOutcome:
    return commit_outcome((RECORDED / folder / name).read_bytes())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("brief-vsrx-24.4R1.xml", [(431053, "192.168.1.161", "UP", "IKEv2", None)]),
        ("empty-vsrx-24.4R1.xml", []),
        ("detail-vsrx-24.4R1.xml", [(3128619, "192.168.1.161", "UP", "IKEv2", None)]),
        (
            "brief-old-layout-jseries.txt",
            [(4, "72.21.209.225", "UP", "Main", None), (3, "72.21.209.193", "UP", "Main", None)],
        ),
        (
            "brief-mixed-v1-v2-24.4R1.txt",
            [
                (10827715, "203.0.113.183", "UP", "IKEv2", None),
                (10827718, "203.0.113.99", "UP", "IKEv2", None),
                (10827726, "198.51.100.222", "UP", "Main", None),
            ],
        ),
        ("brief-cluster-down.txt", [(2859309, "192.168.104.229", "DOWN", "IKEv2", "node0")]),
        ("detail-kmd-cluster-masked.txt", [(6226807, "Y.Y.Y.Y", "UP", "IKEv2", "node0")]),
    ],
)
def test_ike(name: str, expected: list[tuple[object, ...]]) -> None:
    rows = recorded("ike-sa", name, IKE).items
    assert [(row.index, row.remote_address, row.state, row.exchange_type, row.node) for row in rows] == expected


def test_ike_fields() -> None:
    (down,) = recorded("ike-sa", "brief-cluster-down.txt", IKE).items
    assert down.responder_cookie == "0" * 16
    (xml,) = recorded("ike-sa", "detail-vsrx-24.4R1.xml", IKE).items
    assert (xml.gateway, xml.role, xml.local_address, xml.local_port) == (
        "lab-ike-gw",
        "responder",
        "192.168.1.160",
        500,
    )
    assert xml.lifetime_seconds == 27590
    (text,) = recorded("ike-sa", "detail-kmd-cluster-masked.txt", IKE).items
    assert (text.gateway, text.role, text.lifetime_seconds) == ("azure-gateway", "responder", 2148)
    assert (text.encryption_algorithm, text.dh_group) == ("aes256-cbc", "DH-group-2")


@pytest.mark.parametrize(
    ("name", "notes", "expected"),
    [
        ("brief-vsrx-24.4R1.xml", (), [(131073, "192.168.1.161", ["09b27bae", "70973f3d"], 747)]),
        ("empty-vsrx-24.4R1.xml", (), []),
        (
            "brief-old-layout-jseries.txt",
            (),
            [
                (131073, "72.21.209.225", ["df27aae4", "5de29aa1"], 326),
                (131074, "72.21.209.193", ["dd16c453", "c1e0eb29"], 300),
            ],
        ),
        (
            "brief-count-larger-than-rows-24.4R1.txt",
            MISMATCH,
            [
                (131073, "198.51.100.222", ["94337ff7", "b941875f"], 1932),
                (131074, "192.168.170.172", ["b95afaf0", "ca3156de"], 3029),
            ],
        ),
        ("brief-csrx-iked.txt", (), [(500003, "171.1.1.2", ["93be8146", "6c2491f7"], 4743)]),
        ("detail-kmd-24.4R1.txt", (), [(131073, "198.51.100.222", ["94337ff7", "b941875f"], 1858)]),
        ("detail-iked-srx4700.txt", (), [(500002, "192.168.3.2", ["6304b842", "a6ffa623"], 3179)]),
    ],
)
def test_ipsec(name: str, notes: tuple[str, ...], expected: list[tuple[object, ...]]) -> None:
    parsed = recorded("ipsec-sa", name, IPSEC)
    assert parsed.notes == notes
    assert [
        (
            row.tunnel_index,
            row.remote_gateway,
            [association.spi for association in row.security_associations],
            row.security_associations[0].lifetime_seconds,
        )
        for row in parsed.items
    ] == expected
    for row in parsed.items:
        assert [association.direction for association in row.security_associations] == ["inbound", "outbound"]
        assert {association.monitoring for association in row.security_associations} == {"-"}


def test_ipsec_while_rekeying_on_a_cluster() -> None:
    parsed = recorded("ipsec-sa", "brief-cluster-rekey-18.4R3.xml", IPSEC)
    assert parsed.notes == ()
    assert [(row.tunnel_index, row.node, len(row.security_associations)) for row in parsed.items] == [
        (231076, "node0", 4),
        (131074, "node0", 4),
    ]


def test_ipsec_detail() -> None:
    (kmd,) = recorded("ipsec-sa", "detail-kmd-24.4R1.txt", IPSEC).items
    assert (kmd.vpn, kmd.bind_interface, kmd.ike_version, len(kmd.events)) == ("SITE-EXAMPLE", "st0.0", "IKEv1", 2)
    assert {association.soft_lifetime_seconds for association in kmd.security_associations} == {1285}
    assert [event.count for event in kmd.events] == [25, 56]
    (iked,) = recorded("ipsec-sa", "detail-iked-srx4700.txt", IPSEC).items
    assert (iked.vpn, iked.bind_interface, iked.ike_version, iked.pfs_group) == (
        "4700",
        "st0.0",
        "IKEv2",
        "DH-group-20",
    )


def test_next_hop_tunnels() -> None:
    rows = recorded(
        "next-hop-tunnels", "manual-static-and-auto-junos-es-9.3.txt", "show security ipsec next-hop-tunnels"
    ).items
    assert [(row.next_hop, row.interface, row.vpn, row.flag) for row in rows] == [
        ("11.1.1.2", "st0.0", "autokey", "Static"),
        ("11.1.1.3", "st0.0", "pbd-4-6", "Auto"),
    ]


def test_inactive_tunnels() -> None:
    (row,) = recorded("ipsec-inactive", "one-inactive-cluster.txt", "show security ipsec inactive-tunnels").items
    assert (row.tunnel_index, row.port, row.pending_sas, row.times) == (131073, 500, 1, 130)
    assert row.reason == "No response from peer. Negotiation failed"


def test_statistics() -> None:
    (idle,) = recorded("ipsec-statistics", "vsrx-24.4R1.xml", "show security ipsec statistics").items
    assert (idle.esp_encrypted_bytes, idle.replay_errors, idle.ts_check_failures) == (0, 0, None)
    (busy,) = recorded("ipsec-statistics", "csrx-iked.txt", "show security ipsec statistics").items
    assert busy.esp_encrypted_packets == busy.esp_decrypted_packets == 94163
    assert busy.ts_check_failures == busy.discarded == 129


def test_routes() -> None:
    (row,) = recorded("route", "static-via-st0.txt", "show route").items
    assert (row.destination, row.protocol, row.preference, row.active, row.via) == (
        "10.33.0.0/16",
        "Static",
        5,
        True,
        "st0.1",
    )
    rows = recorded("route", "two-tables-default-also-matches.txt", "show route").items
    assert [(row.table, row.destination, row.protocol, row.active, row.via) for row in rows] == [
        ("inet.0", "172.16.255.0/30", "Direct", True, "gr-0/0/0.0"),
        ("inet.0", "172.16.255.0/30", "OSPF", False, "gr-0/0/0.0"),
        ("mgmt_junos.inet.0", "0.0.0.0/0", "Access-internal", True, "fxp0.0"),
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("golden_output.txt", (5, 5, 5, 0, 2175)),
        ("golden_output_4_interrupted.txt", (5, 5, 5, 0, 5623)),
        ("do-not-fragment-no-statistics-jseries.txt", (2, None, None, None, None)),
        ("normal.xml", (5, 5, 5, 0, 31541)),
    ],
)
def test_ping(name: str, expected: tuple[int | None, ...]) -> None:
    (run,) = recorded("ping", name, "ping").items
    assert (run.replies, run.sent, run.received, run.loss_percent, run.rtt_average) == expected


def test_storage() -> None:
    rows = recorded("system-storage", "vsrx-24.4R1.xml", "show system storage").items
    assert len(rows) == 4
    assert {row.mounted_on: row.used_percent for row in rows}["/.mount"] == 18
    assert len(recorded("system-storage", "golden_output_1.txt", "show system storage").items) == 5


def test_commit_list() -> None:
    assert len(recorded("system-commit", "golden_output_1.txt", "show system commit").items) == 50
    rows = recorded("system-commit", "comments-and-confirmed-24.4R1.txt", "show system commit").items
    assert [row.confirmed_minutes for row in rows] == [None, None, None, 3]
    assert rows[2].comment == "Remove unused srxoutpost super-user (shared-credential cleanup)"
    first, second = recorded("system-commit", "confirmed-rollback-pending.xml", "show system commit").items
    assert (first.pending, first.confirmed_minutes, second.pending) == (True, 0, False)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("unknown-rpc-vsrx-24.4R1.xml", "syntax error"),
        ("routing-not-running-on-secondary-24.4R1.xml", "the routing subsystem is not running"),
    ],
)
def test_refusals(name: str, words: str) -> None:
    with pytest.raises(ReplyRefused, match=words):
        recorded("rpc-error", name, "show route")


@pytest.mark.parametrize(
    ("folder", "name", "state"),
    [
        ("commit", "lock-ok-23.1.xml", "ok"),
        ("commit", "commit-confirmed-ok-23.1.xml", "ok"),
        ("commit", "commit-confirmed-cli.txt", "ok"),
        ("commit", "check-cluster-malformed-25.4R1.xml", "unknown"),
        ("commit", "check-failed-missing-mandatory-15.1F4.xml", "failed"),
        ("commit", "xnm-error-12.1X46.xml", "failed"),
        ("commit", "check-failed-ipsec-policy-missing.txt", "failed"),
        ("commit", "lock-denied-exclusive.txt", "failed"),
        ("commit", "database-being-modified.txt", "failed"),
        ("load", "syntax-error-with-bom.xml", "failed"),
        ("load", "two-warnings-and-ok-16.1.xml", "ok"),
    ],
)
def test_outcome(folder: str, name: str, state: str) -> None:
    assert outcome(folder, name).state == state


def test_outcome_words() -> None:
    missing = outcome("commit", "check-failed-missing-mandatory-15.1F4.xml").errors[0]
    assert (missing.path, missing.element) == ("[edit]", "system")
    xnm = outcome("commit", "xnm-error-12.1X46.xml").errors[0]
    assert (xnm.daemon, xnm.path, xnm.element) == ("dcd", "[edit interfaces ge-0/0/1]", "unit 2")
    policies = outcome("commit", "check-failed-ipsec-policy-missing.txt").errors
    assert [error.element for error in policies] == ["ike", "ike", None]
    assert outcome("load", "syntax-error-with-bom.xml").errors[0].element == "system1"
    warnings = outcome("load", "two-warnings-and-ok-16.1.xml").warnings
    assert [warning.message for warning in warnings] == ["statement not found"] * 2
    holder = lock_holder((RECORDED / "commit" / "lock-denied-exclusive.txt").read_text(encoding="utf-8"))
    assert holder == LockHolder("admin", None, 32260, "2021-05-06 11:04:06 UTC", "00:04:48")


def seed_samples() -> list[str]:
    """Return the logs in the text of the document, each from a time to the next line of prose."""
    text = SEED.read_text(encoding="utf-8")
    samples: list[str] = []
    for line in text.splitlines():
        if line.startswith("Oct 8 1"):
            samples.append(line)
        elif line.startswith(("The sample output", "Problem", "Analyzing", "Phase ")):
            samples.append("")
        elif samples and samples[-1]:
            samples[-1] += f"\n{line}"
    return [sample for sample in samples if sample]


def test_log_of_kmd() -> None:
    parsed = recorded("log-kmd", "kmd-user-alarms.txt", "show log kmd-logs")
    assert Counter(event.kind for event in parsed.items) == {
        "daemon": 4, "vpn_down": 1, "sa_established": 2, "vpn_up": 1, "negotiation_up": 1,
    }  # fmt: skip
    assert parsed.notes == ()
    down, up = (event for event in parsed.items if event.kind in ("vpn_down", "vpn_up"))
    assert (down.vpn, down.interface, down.remote_address) == ("ipsec-vpn-1", "st0.0", "203.0.113.192")
    assert (down.reason or "").startswith("Tunnel configuration is deleted.")
    assert (up.remote_id, up.local_proxy) == ("203.0.113.192", "0.0.0.0/0")


def test_log_of_iked() -> None:
    parsed = recorded("log-kmd", "iked-user-alarms-wrapped.txt", "show log messages")
    assert [event.kind for event in parsed.items] == ["dpd_dead", "vpn_down", "id_validated", "vpn_up"]
    assert parsed.notes == ()
    up = parsed.items[-1]
    assert (up.vpn, up.interface, up.tunnel_id, up.selector) == ("waw-1", "st0.0", 500053, "default_any_any_v4")
    assert [event.nat_t for event in parsed.items] == [True, None, True, None]


@pytest.mark.skipif(not SEED.is_file(), reason="the document is not next to this checkout")
def test_log_of_the_document() -> None:
    samples = seed_samples()
    parsed = parse("show log kmd", "\n".join(samples) + "\n")
    assert (len(parsed.items), parsed.notes) == (15, ())
    found = [(event.kind, event.phase, event.cause) for event in parsed.items]
    assert found == [
        ("phase1_up", 1, None),
        ("phase2_up", 2, None),
        ("phase1_failed", 1, "no_proposal"),
        ("packet", 1, "no_proposal"),
        ("phase1_failed", 1, "peer_not_recognized"),
        ("phase1_failed", 1, "peer_not_recognized"),
        ("packet", 1, "peer_not_recognized"),
        ("packet", 1, "invalid_payload"),
        ("phase1_failed", 1, "invalid_payload"),
        ("phase1_up", 1, None),
        ("packet", 2, "no_proposal"),
        ("phase1_up", 1, None),
        ("phase2_failed", 2, "proxy_id"),
        ("phase2_failed", 2, "proxy_id"),
        ("packet", 2, "proxy_id"),
    ]
    assert {event.remote_address for event in parsed.items} == {"2.2.2.2"}
    # "No NAT-T was negotiated" wherever a port is printed.
    assert {event.nat_t for event in parsed.items} == {False, None}
