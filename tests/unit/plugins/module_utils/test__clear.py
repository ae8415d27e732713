# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The associations of exactly one peer or one VPN are cleared, and no request clears more."""

from __future__ import annotations

import importlib
import typing as t
from types import SimpleNamespace

import pytest
import yaml
from ansible_collections.hubspoke.srx.plugins.module_utils._device import security_associations
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument, ReplyRefused, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import (
    IkeSa,
    InactiveTunnel,
    IpsecSa,
    IpsecTunnel,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._module_backends import clear as clear_backend
from ansible_collections.hubspoke.srx.plugins.module_utils._module_backends.clear import clear

OSLO, RIGA, DOWN = "198.51.100.2", "198.51.100.3", "198.51.100.9"
STATEMENTS = [
    f"set security ike gateway oslo-gate address {OSLO}",
    f"set security ike gateway riga-gate address {RIGA}",
    f"set security ike gateway down-gate address {DOWN}",
    "set security ipsec vpn oslo-vpn ike gateway oslo-gate",
    "set security ipsec vpn riga-vpn ike gateway riga-gate",
    "set security ipsec vpn riga-voice-vpn ike gateway riga-gate",
    "set security ipsec vpn down-vpn ike gateway down-gate",
]
TUNNELS = {"oslo-vpn": (11, OSLO), "riga-vpn": (12, RIGA), "riga-voice-vpn": (13, RIGA)}


class Device:
    """Three tunnels to two peers; cleared associations come up anew at once, unless the device refuses to clear."""

    target = SimpleNamespace(host="hub")

    def __init__(self, *, refuses: bool = False, comes_back: bool = True) -> None:
        self.ike = {OSLO: 1, RIGA: 2}
        self.pairs = {index: index for index, _peer in TUNNELS.values()}
        self.statements = list(STATEMENTS)
        self.sent: list[str] = []
        self.named = True
        self._refuses, self._comes_back = refuses, comes_back

    def effective(self) -> list[str]:
        return self.statements

    def rpc(self, request: str) -> str:
        self.sent.append(request)
        if self._refuses:
            raise ReplyRefused("hub: clear: expected a reply, actual error: permission denied.")
        for peer in [peer for peer in self.ike if f">{peer}<" in request]:
            self._renew(self.ike, peer)
        for index in [index for index in self.pairs if f">{index}<" in request]:
            self._renew(self.pairs, index)
        return "<rpc-reply/>"

    def _renew(self, table: dict[t.Any, int], key: t.Any) -> None:
        if self._comes_back:
            table[key] += 100
        else:
            del table[key]

    def answer(self, question: str) -> Answer[t.Any]:
        if "inactive" in question:
            return Answer("ok", (InactiveTunnel(14, DOWN, 500, 0, "no"),))
        if "ike" in question:
            up = [IkeSa(n, peer, "UP", f"i{n}", f"r{n}", "IKEv2") for peer, n in self.ike.items()]
            return Answer("ok", (*up, IkeSa(9, DOWN, "DOWN", "i", "r", "IKEv2")))
        tunnels = [
            IpsecTunnel(
                index, peer,
                (IpsecSa("inbound", f"{self.pairs[index]:08x}"), IpsecSa("outbound", f"{self.pairs[index]:08x}")),
                vpn=vpn if self.named else None,
            )
            for vpn, (index, peer) in TUNNELS.items() if index in self.pairs
        ]  # fmt: skip
        return Answer("ok", tuple(tunnels))


@pytest.fixture(autouse=True)
def answers(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (security_associations, clear_backend):
        monkeypatch.setattr(module, "ask", lambda session, question, _arguments=None: session.answer(question))
    monkeypatch.setattr(clear_backend, "time", SimpleNamespace(sleep=lambda _seconds: None))


def run(device: Device, *, check_mode: bool = False, **arguments: t.Any) -> dict[str, t.Any]:
    return clear(t.cast(t.Any, device), arguments, check_mode=check_mode)


def row(phase: str, index: int, peer: str, vpn: str | None = None, **more: t.Any) -> dict[str, t.Any]:
    return {"phase": phase, "index": index, "remote_address": peer, "vpn": vpn, **more}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "peer_address and vpn: expected exactly one of them, actual neither, which would clear every tunnel"),
        ({"peer_address": "", "vpn": None}, "actual neither"),
        ({"peer_address": " ", "vpn": ""}, "actual neither"),
        ({"peer_address": OSLO, "vpn": "oslo-vpn"}, f"actual both \\({OSLO} and oslo-vpn\\)"),
        ({"peer_address": "oslo"}, "peer_address: expected an IP address, actual 'oslo'"),
        ({"peer_address": "198.51.100.0/24"}, "expected an IP address"),
        ({"peer_address": "192.0.2.1"}, f"neither up nor configured there. Known: {OSLO}, {RIGA}, {DOWN}."),
        ({"vpn": "all"}, "Known: down-vpn, oslo-vpn, riga-voice-vpn, riga-vpn."),
    ],
)
def test_anything_but_one_peer_or_vpn_of_the_device_is_refused_before_a_request(
    arguments: dict[str, t.Any], said: str
) -> None:
    device = Device()
    with pytest.raises(BadArgument, match=f"^hub: .*{said}"):
        run(device, **arguments)
    assert device.sent == []


def test_a_peer_is_cleared_with_all_its_tunnels_and_no_other() -> None:
    device = Device()
    result = run(device, peer_address=RIGA)
    assert device.sent == [
        f"<clear-ike-security-association><peer-address>{RIGA}</peer-address></clear-ike-security-association>",
        "<clear-ipsec-security-association><index>12</index></clear-ipsec-security-association>",
        "<clear-ipsec-security-association><index>13</index></clear-ipsec-security-association>",
    ]
    assert (device.ike[OSLO], device.pairs[11]) == (1, 11)
    tunnels = [row("ipsec", 12, RIGA, "riga-vpn"), row("ipsec", 13, RIGA, "riga-voice-vpn")]
    assert result["changed"] is True
    assert result["cleared"] == [row("ike", 2, RIGA), *tunnels]
    assert result["after"] == [row("ike", 102, RIGA, new=True), *(one | {"new": True} for one in tunnels)]
    assert result["msg"].endswith("cleared 1 of phase 1 and 2 of phase 2; 1 of phase 1 and 2 of phase 2 up anew")


def test_a_vpn_is_cleared_with_its_phase_1() -> None:
    device = Device(comes_back=False)
    result = run(device, vpn="oslo-vpn")
    assert (set(device.ike), set(device.pairs)) == ({RIGA}, {12, 13})
    assert result["cleared"] == [row("ike", 1, OSLO), row("ipsec", 11, OSLO, "oslo-vpn")]
    assert (result["after"], result["notes"]) == ([], [])
    assert result["msg"] == "hub: VPN oslo-vpn: cleared 1 of phase 1 and 1 of phase 2; none is up anew yet"


@pytest.mark.parametrize("other_is_up", [True, False])
def test_phase_1_that_another_vpn_needs_is_not_cleared(other_is_up: bool) -> None:
    device = Device()
    if not other_is_up:
        del device.pairs[13]
    result = run(device, vpn="riga-vpn")
    assert device.sent == ["<clear-ipsec-security-association><index>12</index></clear-ipsec-security-association>"]
    assert result["cleared"] == [row("ipsec", 12, RIGA, "riga-vpn")]
    assert result["notes"] == [f"phase 1 with {RIGA} is not cleared: riga-voice-vpn uses it too"]


def test_one_phase_alone() -> None:
    device = Device()
    result = run(device, vpn="oslo-vpn", phase="ipsec")
    assert (device.ike[OSLO], device.pairs[11]) == (1, 111)
    assert result["after"] == [row("ike", 1, OSLO, new=False), row("ipsec", 11, OSLO, "oslo-vpn", new=True)]
    assert run(device, vpn="riga-vpn", phase="ipsec")["notes"] == []
    assert run(device, vpn="oslo-vpn", phase="ike")["cleared"] == [row("ike", 1, OSLO)]
    result = run(device, vpn="riga-vpn", phase="ike")
    assert (result["changed"], len(result["notes"])) == (False, 1)


@pytest.mark.parametrize("arguments", [{"peer_address": DOWN}, {"vpn": "down-vpn"}])
def test_nothing_up_is_no_change(arguments: dict[str, t.Any]) -> None:
    device = Device()
    result = run(device, **arguments)
    assert (result["changed"], result["cleared"], result["after"]) == (False, [], [])
    assert result["msg"].endswith("nothing to clear is up")
    assert device.sent == []


def test_an_address_may_be_right_where_a_gateway_takes_any() -> None:
    device = Device()
    device.statements.append("set security ike gateway roaming dynamic hostname laptop")
    result = run(device, peer_address="192.0.2.1")
    assert result["notes"] == ["no gateway has the address 192.0.2.1; roaming may have a peer of any address"]
    assert result["changed"] is False


def test_check_mode_returns_the_associations_to_clear() -> None:
    device = Device()
    result = run(device, check_mode=True, vpn="oslo-vpn")
    assert device.sent == []
    assert result["changed"] is True
    assert [one["index"] for one in result["cleared"]] == [1, 11]
    assert [one["new"] for one in result["after"]] == [False, False]
    assert result["msg"] == "hub: VPN oslo-vpn: would clear 1 of phase 1 and 1 of phase 2"


def test_an_association_that_stays_is_a_failure_with_the_device_s_reply() -> None:
    with pytest.raises(SessionError, match=r"VPN oslo-vpn: expected .* to be gone, actual .*permission denied"):
        run(Device(refuses=True), vpn="oslo-vpn")


def test_a_vpn_is_not_guessed_where_the_device_names_none() -> None:
    device = Device()
    device.named = False
    with pytest.raises(SessionError, match="expected each with the name of its VPN, actual some without"):
        run(device, vpn="oslo-vpn")
    assert device.sent == []


def test_the_documentation_shows_the_fields_of_an_answer() -> None:
    module = importlib.import_module("ansible_collections.hubspoke.srx.plugins.modules.clear_security_associations")
    returned = yaml.safe_load(module.RETURN)
    result = run(Device(), vpn="oslo-vpn")
    assert set(returned) - {"reason"} == set(result) - {"changed"}
    for key in ("cleared", "after"):
        assert set(returned[key]["contains"]) == set(result[key][0])
        assert [set(entry) for entry in returned[key]["sample"]] == [set(entry) for entry in result[key]]


def test_one_of_two_peers_behind_one_nat_is_cleared_by_its_index(monkeypatch: pytest.MonkeyPatch) -> None:
    nat = "203.0.113.50"
    device = Device()
    device.statements = [
        *(f"set security ike gateway {name}-gate dynamic hostname {name}.example.net" for name in ("oslo", "riga")),
        *(f"set security ipsec vpn {name}-vpn ike gateway {name}-gate" for name in ("oslo", "riga")),
    ]
    up = {"oslo-gate": 1, "riga-gate": 2}

    def answer(_session: object, question: str, _arguments: object = None) -> Answer[t.Any]:
        if "ike" in question:
            found = [IkeSa(n, nat, "UP", f"i{n}", f"r{n}", "IKEv2", gateway) for gateway, n in up.items()]
            return Answer("ok", tuple(found))
        return Answer("ok", ())

    def cleared(request: str) -> str:
        device.sent.append(request)
        up.pop("oslo-gate")
        return "<rpc-reply/>"

    for module in (security_associations, clear_backend):
        monkeypatch.setattr(module, "ask", answer)
    monkeypatch.setattr(device, "rpc", cleared)
    result = run(device, vpn="oslo-vpn")
    assert device.sent == ["<clear-ike-security-association><index>1</index></clear-ike-security-association>"]
    assert [(one["index"], one["remote_address"]) for one in result["cleared"]] == [(1, nat)]
    assert (result["after"], result["notes"], up) == ([], [], {"riga-gate": 2})
