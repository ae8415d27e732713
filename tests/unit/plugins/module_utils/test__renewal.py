# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The associations of changed tunnels: noted, cleared after the commit and after a rollback, set aside from checks."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.negotiated import ChangedTunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._device import security_associations
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyRefused, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Observation, OlderAssociations
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import IkeSa, IpsecSa, IpsecTunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.renewal import Ends, Renewal, ends_of
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import ike, ipsec
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.older import set_aside


class Hub:
    """A hub with two tunnels, each with an association of both phases; clearing makes new ones, or does not."""

    target = SimpleNamespace(host="hub")

    def __init__(self, *, refuses: bool = False, stays: bool = False, phase1_only: bool = False) -> None:
        self.numbers = {"192.0.2.1": 1, "192.0.2.2": 2}
        self.pairs = {"192.0.2.1": 1, "192.0.2.2": 2}
        self.asked: list[str] = []
        self._refuses, self._stays, self._phase1_only = refuses, stays, phase1_only

    def rpc(self, request: str) -> str:
        self.asked.append(request)
        if not self._stays:
            for peer, index in (("192.0.2.1", 11), ("192.0.2.2", 12)):
                if peer in request:
                    self.numbers[peer] += 10
                if f"<index>{index}<" in request or (peer in request and not self._phase1_only):
                    self.pairs[peer] += 10
        if self._refuses:
            raise ReplyRefused("hub: nothing to clear")
        return "<rpc-reply/>"

    def answer(self, question: str) -> Answer[t.Any]:
        if "ike" in question:
            return Answer(
                "ok", tuple(IkeSa(n, peer, "UP", f"i{n}", f"r{n}", "IKEv2") for peer, n in self.numbers.items())
            )
        vpns = {"192.0.2.1": ("east-vpn", 11), "192.0.2.2": ("west-vpn", 12)}
        tunnels = [
            IpsecTunnel(vpns[peer][1], peer, (IpsecSa("inbound", f"{spi:08x}"),), vpn=vpns[peer][0])
            for peer, spi in self.pairs.items()
        ]
        return Answer("ok", tuple(tunnels))


def tunnel(name: str, address: str) -> t.Any:
    return SimpleNamespace(
        peer_host=name, peer_address=address, peer_addresses=(address,), peer_name=address, is_dynamic=False,
        remote_identity=None, vpn=f"{name}-vpn", gateway=f"{name}-gate", ike_version="v2",
        bind_interface="st0.0", establish=None, external_interface="ge-0/0/0.0", static_binding=True,
    )  # fmt: skip


EAST_TUNNEL = tunnel("east", "192.0.2.1")
PLAN = t.cast(t.Any, SimpleNamespace(host="hub", multipoint=True, tunnels=(EAST_TUNNEL, tunnel("west", "192.0.2.2"))))
EAST = "<clear-ike-security-association><peer-address>192.0.2.1</peer-address></clear-ike-security-association>"
EAST_PAIR = "<clear-ipsec-security-association><index>11</index></clear-ipsec-security-association>"
WEST = EAST.replace("2.1<", "2.2<")
BOTH: frozenset[Ends] = frozenset({frozenset({"hub", "east"}), frozenset({"hub", "west"})})


@pytest.fixture(autouse=True)
def answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security_associations, "ask", lambda session, question, _arguments: session.answer(question))


def renewal(*peers: str, changes: t.Sequence[ChangedTunnel] = ()) -> Renewal:
    made = Renewal()
    made.choose(PLAN, [frozenset(("hub", peer)) for peer in peers], changes)
    return made


def clear(hub: Hub, made: Renewal, **more: t.Any) -> list[str]:
    return made.clear(t.cast(t.Any, hub), lambda seconds: None, **more)


@pytest.mark.parametrize("refuses", [False, True])
def test_one_peer_is_cleared_and_the_other_is_not(refuses: bool) -> None:
    hub = Hub(refuses=refuses)
    assert clear(hub, renewal("east")) == (["hub: nothing to clear"] if refuses else [])
    assert hub.asked == [EAST]
    assert hub.numbers["192.0.2.2"] == 2


def test_no_changed_tunnel_clears_nothing() -> None:
    hub = Hub()
    assert not renewal()
    clear(hub, renewal())
    assert hub.asked == []


def test_an_excluded_peer_keeps_its_associations() -> None:
    hub = Hub()
    clear(hub, renewal("east", "west"), without={"west"})
    assert hub.asked == [EAST]


def test_pairs_that_outlive_their_phase_1_are_cleared_after_it() -> None:
    hub = Hub(phase1_only=True)
    clear(hub, renewal("east"))
    assert hub.asked == [EAST, EAST_PAIR]


def test_the_peer_of_before_is_cleared_too() -> None:
    hub = Hub()
    hub.numbers["192.0.2.99"] = 99
    moved = ChangedTunnel("east-vpn", frozenset({"east-gate"}), frozenset({"192.0.2.1", "192.0.2.99"}))
    clear(hub, renewal("east", changes=[moved]))
    assert hub.asked[:2] == [EAST, EAST.replace("2.1<", "2.99<")]


def test_a_tunnel_that_changes_at_the_other_end_only_is_cleared() -> None:
    spoke = t.cast(t.Any, SimpleNamespace(host="east", tunnels=(SimpleNamespace(peer_host="hub", vpn="corp-vpn"),)))
    ends = ends_of(spoke, [ChangedTunnel("corp-vpn", frozenset(), frozenset())])
    assert ends == {frozenset(("hub", "east"))}
    assert ends_of(spoke, [ChangedTunnel("other-vpn", frozenset(), frozenset())]) == set()


class Renewing(Hub):
    """Renews phase 2 of the east, under its old phase 1, while that is being cleared."""

    def rpc(self, request: str) -> str:
        if request == EAST_PAIR:
            return super().rpc(request)
        self.asked.append(request)
        self.numbers.pop("192.0.2.1", None)
        self.pairs["192.0.2.1"] = 77
        return "<rpc-reply/>"


def test_a_phase_2_that_was_renewed_during_the_clear_is_no_new_one() -> None:
    hub, made = Renewing(), renewal("east")
    clear(hub, made)
    assert hub.asked == [EAST, EAST_PAIR]
    assert ("inbound", f"{77:08x}") in made.older.spis


def test_an_association_that_stays_is_an_older_one() -> None:
    waited: list[float] = []
    hub, made = Hub(stays=True), renewal("east")
    made.clear(t.cast(t.Any, hub), waited.append)
    assert sum(waited) >= 3
    assert made.older == OlderAssociations(frozenset({("i1", "r1")}), frozenset({("inbound", f"{1:08x}")}))


def test_a_device_without_an_ike_daemon_has_noted_none_and_is_asked_again() -> None:
    hub, made = Hub(), renewal("east")
    hub.answer = lambda question: Answer("refused", reason="no")  # type: ignore[method-assign]
    made.note(t.cast(t.Any, hub))
    waited: list[float] = []
    with pytest.raises(SessionError, match="expected a reply, actual refused: no"):
        made.clear(t.cast(t.Any, hub), waited.append)
    assert sum(waited) >= 3


def test_a_lost_session_is_noticed_before_the_commit() -> None:
    hub = Hub()

    def lost(question: str) -> t.Any:
        raise SessionError("hub: expected a reply, actual none.", "lost")

    hub.answer = lost  # type: ignore[method-assign]
    with pytest.raises(SessionError):
        renewal("east").note(t.cast(t.Any, hub))


def test_after_a_rollback_only_what_was_made_since_the_note_is_cleared() -> None:
    hub, made = Hub(), renewal("east", "west")
    made.note(t.cast(t.Any, hub))
    assert made.clear_attempt(t.cast(t.Any, hub), lambda seconds: None) == []
    assert hub.asked == []
    hub.numbers["192.0.2.2"], hub.pairs["192.0.2.2"] = 3, 3
    assert made.clear_attempt(t.cast(t.Any, hub), lambda seconds: None, {"east"}) == []
    assert hub.asked == []
    assert made.clear_attempt(t.cast(t.Any, hub), lambda seconds: None) == []
    assert hub.asked == [WEST]


def test_after_a_kill_nothing_is_noted_and_all_is_cleared() -> None:
    hub = Hub()
    renewal("east", "west").clear_attempt(t.cast(t.Any, hub), lambda seconds: None)
    assert hub.asked == [EAST, WEST]


def test_an_association_of_the_attempt_that_stays_is_told() -> None:
    [told] = renewal("east").clear_attempt(t.cast(t.Any, Hub(stays=True)), lambda seconds: None)
    assert "actual one of the failed attempt is still up" in told


# --- the checks --------------------------------------------------------------------------------------


def seen(cookie: str, spi: str) -> Observation:
    pair = (IpsecSa("inbound", spi), IpsecSa("outbound", f"1{spi[1:]}"))
    return Observation(
        "hub",
        ike=Answer("ok", (IkeSa(5, "192.0.2.1", "UP", cookie, "r", "IKEv2", "east-gate"),)),
        ipsec=Answer("ok", (IpsecTunnel(11, "192.0.2.1", pair, vpn="east-vpn", bind_interface="st0.0"),)),
    )


OLDER = OlderAssociations(frozenset({("old", "r")}), frozenset({("inbound", "000000aa"), ("outbound", "100000aa")}))


@pytest.mark.parametrize(
    ("cookie", "spi", "wrong"),
    [
        ("old", "000000aa", {"ike": "cookies old and r", "ipsec": "SPI 000000aa"}),
        ("new", "000000aa", {"ipsec": "SPI 000000aa"}),
        ("old", "000000bb", {"ike": "cookies old and r"}),
        ("new", "000000bb", {}),
    ],
)
def test_an_older_association_verifies_nothing(cookie: str, spi: str, wrong: dict[str, str]) -> None:
    observed = set_aside(seen(cookie, spi), OLDER)
    found = [
        check.findings(t.cast(t.Any, SimpleNamespace(**{**vars(PLAN), "tunnels": (EAST_TUNNEL,)})), observed)[0]
        for check in (ike, ipsec)
    ]
    assert {one.check: one.state for one in found} == {
        name: "failed" if name in wrong else "ok" for name in ("ike", "ipsec")
    }
    for one in found:
        if one.check in wrong:
            assert one.expected == "associations made after the commit"
            assert one.actual == f"the association of before ({wrong[one.check]}) is still in use"


def test_without_older_associations_nothing_is_set_aside() -> None:
    observed = seen("old", "000000aa")
    assert set_aside(observed, OlderAssociations()) is observed
