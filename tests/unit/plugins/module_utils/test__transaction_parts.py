# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The small parts of a transaction: rounds, the digest, a spoke's part of the hub, the wait for a lock."""

from __future__ import annotations

import time
import typing as t
from dataclasses import replace
from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device import candidate, prechecks
from ansible_collections.hubspoke.srx.plugins.module_utils._device.candidate import load
from ansible_collections.hubspoke.srx.plugins.module_utils._device.locked_device import LockedDevice, take_lock
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import Filesystem
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome, Job, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.device_run import DeviceRun
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.digest import digest
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.rounds import joined, rounds

DONE = DeployOutcome(host="oslo", state="confirmed", message="verified and confirmed", diff="+a\n", warnings=("w",))


class Candidate:
    """A candidate that notes every load."""

    def __init__(self) -> None:
        self.target = SimpleNamespace(host="oslo")
        self.loaded: list[str] = []

    def statements(self, _filter: str, _database: str) -> list[str]:
        return []

    def load_replace(self, text: str) -> None:
        self.loaded.append(text)

    def load_set(self, commands: t.Iterable[str]) -> None:
        self.loaded += commands

    def compare(self) -> str:
        return ""


def session() -> t.Any:
    return Candidate()


@pytest.mark.parametrize(
    ("canaries", "size", "expected"),
    [
        ((), 0, [("a", "b", "c")]),
        (("b",), 0, [("b",), ("a", "c")]),
        (("c",), 1, [("c",), ("a",), ("b",)]),
        ((), 2, [("a", "b"), ("c",)]),
        (("a", "b", "c"), 5, [("a", "b", "c")]),
    ],
)
def test_canaries_first_then_batches(canaries: tuple[str, ...], size: int, expected: list[tuple[str, ...]]) -> None:
    assert rounds(["a", "b", "c"], canaries, size) == expected


def test_a_fleet_without_spokes_has_one_round() -> None:
    assert rounds([], (), 3) == [()]


def test_a_hub_without_changes_in_a_later_round_is_confirmed() -> None:
    later = replace(DONE, state="unchanged", diff="", message="nothing to change")
    assert joined(DONE, later) == DONE


def test_a_hub_that_a_later_round_rolled_back_names_the_confirmed_rounds() -> None:
    both = joined(DONE, replace(DONE, state="rolled_back", failed=True, message="rolled back.", diff="+b\n"))
    assert both.state == "rolled_back"
    assert both.message == "rolled back. The rounds before this one stay confirmed."
    assert both.diff == "+a\n+b\n"


def test_the_digest_depends_on_texts_differences_and_keys_and_not_on_their_order() -> None:
    devices = [("a", "text", "diff"), ("b", "text", "")]
    first = digest(devices, {"a": "k"})
    assert first == digest(devices[::-1], {"a": "k"})
    assert len({first, digest(devices[:1], {"a": "k"}), digest(devices, {"a": "l"})}) == 3


def test_a_removal_deletes_only_statements_that_exist() -> None:
    job = t.cast(t.Any, SimpleNamespace(remove=True, plan=SimpleNamespace(group="g")))
    for before, expected in (
        (["set groups g a b", "set apply-groups g"], ["delete apply-groups g", "delete groups g"]),
        (["set groups g a b", "set apply-groups other"], ["delete groups g"]),
        (["set groups other a b"], []),
    ):
        candidate = session()
        load(candidate, job, Settings("run1", {}, t.cast(t.Any, None)), before)
        assert candidate.loaded == expected


def test_the_part_of_a_kept_spoke_has_the_objects_it_refers_to() -> None:
    tunnel = SimpleNamespace(
        gateway="bergen-gate",
        vpn="bergen-vpn",
        next_hop="10.0.0.2",
        peer_site="bergen",
        remote_networks=("10.2.0.0/24",),
    )
    job = Job(t.cast(t.Any, SimpleNamespace(group="g", tunnels=())), "policy shared { }", kept=(t.cast(t.Any, tunnel),))
    gateway = "set groups g security ike gateway bergen-gate ike-policy alone"
    before = [
        "set groups g security ike proposal p1 dh-group group19",
        "set groups g security ike policy alone proposals p1",
        "set groups g security ike policy shared proposals p2",
        gateway,
        "set groups g security ipsec vpn bergen-vpn ike ipsec-policy shared",
        "set groups g routing-options static route 10.2.0.0/24 next-hop 10.0.0.2",
        "set groups g security ike gateway oslo-gate ike-policy shared",
        "set groups other security ike gateway bergen-gate",
    ]
    assert candidate._parts(job, before) == [before[0], before[1], gateway, before[4], before[5]]


def test_a_summary_stays_with_a_kept_spoke() -> None:
    tunnel = SimpleNamespace(gateway="a-gate", vpn="a-vpn", next_hop="10.0.0.2", peer_site="a", remote_networks=())
    before = [
        "set groups g security address-book global address vpn-10-2-0-0-16 10.2.0.0/16",
        "set groups g security address-book global address vpn-net 10.9.0.0/16",
        "set groups g security policies from-zone trust to-zone untrust policy never-in-clear match destination-address"
        " vpn-10-2-0-0-16",
    ]
    job = Job(t.cast(t.Any, SimpleNamespace(group="g", tunnels=())), "", kept=(t.cast(t.Any, tunnel),))
    assert candidate._parts(job, before) == [before[0], before[2]]
    assert candidate._parts(replace(job, kept=()), before) == []


def site(name: str, address: str) -> t.Any:
    return SimpleNamespace(name=name, wans=(SimpleNamespace(reached_at=(address,)),))


def test_parts_outside_the_plan_stay_unless_their_site_goes_now() -> None:
    planned = SimpleNamespace(
        gateway="new-gate", peer_addresses=("192.0.2.1",), remote_identity=None, remote_networks=("10.1.0.0/24",)
    )
    before = [
        # Its site has another name in the plan, and the same address.
        "set groups g security ike gateway old-gate address 192.0.2.1",
        "set groups g security ike gateway gone-gate address 192.0.2.2",
        "set groups g security ike gateway later-gate address 192.0.2.3",
        "set groups g security ipsec vpn gone-vpn ike gateway gone-gate",
        "set groups g security ipsec vpn later-vpn ike gateway later-gate",
        "set groups g security address-book global address gone-net 10.2.0.0/24",
        "set groups g security address-book global address later-net-2 10.3.0.0/24",
        "set groups g routing-options static route 10.2.0.0/24 next-hop 10.0.0.2",
        "set groups g routing-options static route 10.3.0.0/24 next-hop 10.0.0.3",
        "set groups g security flow tcp-mss ipsec-vpn mss 1350",
    ]
    job = Job(t.cast(t.Any, SimpleNamespace(group="g", tunnels=(planned,))), "", gone=(site("gone", "192.0.2.2"),))
    assert candidate._parts(job, before) == [before[index] for index in (2, 4, 6, 8)]
    assert candidate._parts(replace(job, gone=None), before) == []


HELD = [
    f"set groups g security ike gateway {name}-gate address 192.0.2.{number}" for number, name in enumerate("abcdef")
]


@pytest.mark.parametrize(
    ("planned", "kept", "leaving", "expected"),
    [
        pytest.param("abc", "", "", "actual also 3 of sites that it lacks: d, e and 1 more.", id="half of them"),
        pytest.param("e", "abcd", "", None, id="one more, and the others are excluded"),
        pytest.param("abcd", "", "", None, id="most of them"),
        pytest.param("ab", "", "cde", None, id="few that stay, but the others leave by name"),
        pytest.param("ab", "", "de", "actual also 2 of sites that it lacks: c, f.", id="and not all of them by name"),
        pytest.param("", "", "", "actual also 6 of sites that it lacks: a, b and 4 more.", id="none"),
    ],
)
def test_a_hub_that_would_lose_at_least_as_many_tunnels_as_it_keeps_is_refused(
    planned: str, kept: str, leaving: str, expected: str | None
) -> None:
    def tunnel(name: str) -> t.Any:
        address = f"192.0.2.{'abcdef'.index(name)}"
        # Its site has a new name, and the address of before.
        return SimpleNamespace(gateway=f"new-{name}-gate", peer_addresses=(address,), remote_identity=None)

    plan = SimpleNamespace(host="hub", group="g", tunnels=tuple(map(tunnel, planned)))
    gone = [site(name, f"192.0.2.{'abcdef'.index(name)}") for name in leaving]
    held = tuple(t.cast(t.Any, SimpleNamespace(gateway=f"{name}-gate")) for name in kept)
    job = Job(t.cast(t.Any, plan), "", kept=held)
    if expected is None:
        candidate.check_whole(job, gone, HELD)
    else:
        with pytest.raises(HubspokeError) as told:
            candidate.check_whole(job, gone, HELD)
        assert f"hub: tunnels: expected the {len(planned)} of the inventory, {expected}" in str(told.value)
    # With a limit what the plan does not know stays; a removal takes all.
    candidate.check_whole(replace(job, gone=()), gone, HELD)
    candidate.check_whole(replace(job, remove=True), gone, HELD)


class Locked:
    """A device that refuses the lock a number of times."""

    until = None

    def __init__(self, times: int) -> None:
        self.target = SimpleNamespace(host="oslo")
        self.times = times

    def open(self) -> None:
        pass

    def lock(self) -> None:
        self.times -= 1
        if self.times >= 0:
            said = (
                "configuration database locked by: anna terminal p0 (pid 4711) on since 2026-03-01 10:00:00 UTC,"
                " idle 00:07:31"
            )
            raise SessionError(f"oslo: lock: expected to succeed, actual: {said}.", "locked", said)


def test_a_lock_is_waited_for() -> None:
    waits: list[float] = []

    def pause(seconds: float) -> bool:
        waits.append(seconds)
        return False

    take_lock(t.cast(t.Any, Locked(2)), 60, pause)
    assert len(waits) == 2


def test_a_device_says_that_it_waits_for_the_lock() -> None:
    said: list[str] = []

    def pause(_seconds: float) -> bool:
        said.append(device.doing)
        assert device.until is not None
        assert 0 < device.until - began <= 60 + time.monotonic() - began
        return False

    began = time.monotonic()

    device = LockedDevice("oslo", t.cast(t.Any, lambda: Locked(2)), pause, 60)
    device.log_in()
    device.lock()
    assert device.is_locked
    assert said == ["locked by another user"] * 2
    assert device.doing == ""
    with device.waiting(5), device.waiting(7):
        assert device.until == 5
    assert device.until is None


def test_the_holder_of_the_lock_is_named() -> None:
    with pytest.raises(SessionError, match=r"held by anna, on terminal p0, process 4711, .*idle 00:07:31") as refused:
        take_lock(t.cast(t.Any, Locked(9)), 0, lambda seconds: False)
    assert refused.value.reason == "locked"


def test_file_systems_of_commits_must_not_be_full(monkeypatch: pytest.MonkeyPatch) -> None:
    def mount(path: str, percent: int) -> Filesystem:
        return Filesystem("disk", path, "1G", "1G", "0B", percent)

    def mounts(*found: Filesystem) -> None:
        monkeypatch.setattr(prechecks, "ask", lambda session, command: Answer("ok", found))

    mounts(mount("/packages/mnt/junos", 100), mount("/.mount/var", 97))
    prechecks._check_storage(session(), "oslo")
    mounts(mount("/.mount/var", 98))
    with pytest.raises(SessionError, match=r"oslo: storage: .*/\.mount/var 98%"):
        prechecks._check_storage(session(), "oslo")


def run_of(host: str, tunnels: t.Sequence[tuple[str, str]], wrong: t.Sequence[Finding], lasting: int) -> DeviceRun:
    """Return a device with its tunnels as VPN and peer; the first so many findings last."""
    planned = tuple(SimpleNamespace(vpn=vpn, peer_host=peer) for vpn, peer in tunnels)
    plan = SimpleNamespace(host=host, group="g", tunnels=planned, site=SimpleNamespace(role="spoke"))
    settings = Settings("run1", {}, t.cast(t.Any, None))
    made = DeviceRun(Job(t.cast(t.Any, plan), ""), settings, t.cast(t.Any, None), t.cast(t.Any, None))
    made.verification.findings, made.verification.lasting = tuple(wrong), list(wrong[:lasting])
    return made


def down(host: str, check: str, vpn: str, peer: str, state: t.Literal["failed", "unknown"] = "failed") -> Finding:
    return Finding(host, check, vpn, state, "UP", "none", "", vpn, peer)


HUB_DOWN = (down("hub", "ike", "oslo-vpn", "oslo"), down("hub", "routes", "oslo-vpn", "oslo"))


@pytest.mark.parametrize(
    ("tunnels", "wrong", "lasting", "unusable", "hub_waits_in_vain"),
    [
        ([("a", "hub")], [down("oslo", "ipsec", "a", "hub")], 1, {("oslo", "hub")}, True),
        ([("a", "hub")], [down("oslo", "ipsec", "a", "hub")], 0, set(), False),
        ([("a", "hub")], [down("oslo", "routes", "a", "hub")], 1, set(), False),
        ([("a", "hub")], [down("oslo", "ipsec", "a", "hub", "unknown")], 1, set(), False),
        ([("a", "hub"), ("b", "hub")], [down("oslo", "ipsec", "a", "hub")], 1, set(), False),
    ],
    ids=["no VPN", "it may come", "no route", "a refusal says nothing of the tunnel", "another tunnel may come"],
)
def test_a_device_waits_in_vain_for_an_end_that_is_not_configured(
    tunnels: list[tuple[str, str]],
    wrong: list[Finding],
    lasting: int,
    unusable: set[tuple[str, str]],
    hub_waits_in_vain: bool,
) -> None:
    oslo = run_of("oslo", tunnels, wrong, lasting)
    assert oslo.verification.unusable_ends(oslo.plan) == unusable
    assert oslo.verification.waits_in_vain(unusable) == (lasting == len(wrong))
    assert run_of("hub", [("oslo-vpn", "oslo")], HUB_DOWN, 0).verification.waits_in_vain(unusable) == hub_waits_in_vain
    both = (*HUB_DOWN, down("hub", "ike", "lima-vpn", "lima"))
    assert not run_of("hub", [("oslo-vpn", "oslo"), ("lima-vpn", "lima")], both, 0).verification.waits_in_vain(unusable)
    assert not run_of("hub", [], [], 0).verification.waits_in_vain(unusable)


@pytest.mark.parametrize("stays", [True, False])
def test_a_policy_between_two_spokes_stays_whole_or_not_at_all(stays: bool) -> None:
    tunnel = SimpleNamespace(gateway="a-gate", vpn="a-vpn", next_hop="10.0.0.2", peer_site="a", remote_networks=("n",))
    place = "set groups g security policies from-zone vpn to-zone vpn policy a-to-b"
    before = [
        f"{place} match source-address a-net",
        f"{place} match destination-address b-net",
        f"{place} match application any",
        f"{place} then permit",
    ]
    text = "security { address-book { global { address b-net 10.2.0.0/24; } } }" if stays else ""
    job = Job(t.cast(t.Any, SimpleNamespace(group="g", tunnels=())), text, kept=(t.cast(t.Any, tunnel),))
    assert candidate._parts(job, before) == (before if stays else [])
