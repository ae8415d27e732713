# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The log lines of the IKE daemons for a negotiation that succeeds or fails.

The lines of kmd are from the document's chapter "Troubleshooting"; the one-line messages for operators (``KMD_…``,
``IKE_…``, ``IKE negotiation …``) are those of current releases, in kmd and iked alike.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from ipaddress import IPv4Network

from tests.lab.network.associations import digest
from tests.lab.network.view import ANYWHERE, Identity

# kmd writes a "detail" only with ``security ike traceoptions``, a "trace" in any case.
Line = tuple[t.Literal["detail", "trace", "event"], str]


@dataclass(frozen=True)
class Talk:
    """One negotiation at one of its ends."""

    flavour: str
    role: t.Literal["initiator", "responder"]
    version: int
    local: str
    remote: str
    gateway: str
    vpn: str
    cookies: tuple[str, str]
    tunnel_id: int = 0
    bind_interface: str = ""
    local_id: Identity = ("inet", "")
    remote_id: Identity = ("inet", "")
    local_net: IPv4Network = ANYWHERE
    remote_net: IPv4Network = ANYWHERE
    selector: str = ""

    @property
    def kmd(self) -> bool:
        return self.flavour == "kmd"


def _end(address: str, protocol: str = "udp:500") -> str:
    return f"ipv4({protocol},[0..3]={address})"


def _net(network: IPv4Network) -> str:
    return f"ipv4_subnet(any:0,[0..7]={network})"


def _range(network: IPv4Network) -> str:
    return f"ipv4(0,0-65535,{network.network_address}-{network.broadcast_address})"


def _packet(talk: Talk, exchange: str, message: str, text: str) -> str:
    """Return kmd's line about one packet: ``A:500 (Responder) <-> B:500 { cookies [n] / id } IP; text``."""
    halves = [f"{cookie[:8]} {cookie[8:]}" for cookie in talk.cookies]
    slot = "[-1]" if exchange == "IP" else "[0]"
    return (f"{talk.local}:500 ({talk.role.capitalize()}) <-> {talk.remote}:500 "
            f"{{ {halves[0]} - {halves[1]} {slot} / {message} }} {exchange}; {text}")  # fmt: skip


def _phase1_packet(talk: Talk, text: str) -> str:
    return _packet(talk, "IP", "0x00000000", text)


def _phase2_packet(talk: Talk, text: str) -> str:
    return _packet(talk, "QM", f"0x{digest('message', *talk.cookies)[:8]}", text)


def _phase1_done(talk: Talk) -> str:
    return f"Phase-1 [{talk.role}] done for local={_end(talk.local)} remote={_end(talk.remote)}"


def _phase1_failed(talk: Talk, error: str) -> str:
    local = "unknown(any:0,[0..0]=)" if talk.role == "responder" else _end(talk.local)
    return f"Phase-1 [{talk.role}] failed with error({error}) for local={local} remote={_end(talk.remote, 'any:0')}"


def _negotiation(talk: Talk, outcome: str) -> str:
    return (f"IKE negotiation {outcome}. IKE Version: {talk.version}, VPN: {talk.vpn} Gateway: {talk.gateway}, "
            f"Local: {talk.local}/500, Remote: {talk.remote}/500, Local IKE-ID: {talk.local_id[1]}, "
            f"Remote IKE-ID: {talk.remote_id[1]}, VR-ID: 0, Role: {talk.role.capitalize()}")  # fmt: skip


def _failure_events(talk: Talk, phase: int, error: str) -> list[Line]:
    lines: list[Line] = [("event", _negotiation(talk, f"failed with error: {error}"))]
    if talk.kmd:
        where = f"[spi={talk.cookies[0]}, src_ip={talk.remote}, dst_ip={talk.local}]"
        lines.append(("event", f"KMD_VPN_PV_PHASE{phase}: IKE Phase-{phase} Failure: {error} {where}"))
    return lines


# What IKEv2 notifies in place of IKEv1's "No proposal chosen" (RFC 7296, 2.9 and 2.21.2).
_IKEV2_ERRORS = {"peer-id": "Authentication failed", "proxy-id": "TS unacceptable"}
_PHASE2 = ("ipsec-proposal", "pfs", "proxy-id")


def failed(talk: Talk, code: str, error: str) -> list[Line]:
    """Return the lines of a failed negotiation; ``code`` is a key of ``failure.SYMPTOMS``."""
    if talk.version == 2:
        error = _IKEV2_ERRORS.get(code, error)
    return [*_failed(talk, code, error), ("detail", f"IKE negotiation fail for {_ends(talk)} with status: {error}")]


def _ends(talk: Talk) -> str:
    return f"local:{talk.local}, remote:{talk.remote} IKEv{talk.version}"


def _failed(talk: Talk, code: str, error: str) -> list[Line]:
    if talk.role == "initiator":
        return _failed_initiator(talk, code, error)
    lines = _RESPONDER.get(code)
    return [] if lines is None else lines(talk, error)


def _no_phase1_proposal(talk: Talk, error: str) -> list[Line]:
    trace = [_phase1_failed(talk, error), _phase1_packet(talk, f"Error = {error} (14)")]
    return _traced(talk, trace) + _failure_events(talk, 1, error)


def _not_decrypted(talk: Talk, error: str) -> list[Line]:
    trace = [_phase1_packet(talk, "Invalid next payload type = 17"), _phase1_failed(talk, error)]
    return _traced(talk, trace) + _failure_events(talk, 1, error)


def _not_authenticated(talk: Talk, error: str) -> list[Line]:
    return _traced(talk, [_phase1_failed(talk, error)]) + _failure_events(talk, 1, error)


def _no_phase2_proposal(talk: Talk, error: str) -> list[Line]:
    trace = [_phase1_done(talk), _phase2_packet(talk, f"Error = {error} (14)")]
    return _traced(talk, trace) + _failure_events(talk, 2, error)


def _traced(talk: Talk, lines: list[str]) -> list[Line]:
    """Return ``lines`` if kmd negotiates IKEv1, whose packets it traces; none with IKEv2 or iked."""
    return [("trace", line) for line in lines] if talk.kmd and talk.version == 1 else []


def _failed_initiator(talk: Talk, code: str, error: str) -> list[Line]:
    trace = _phase1_done(talk) if code in _PHASE2 else _phase1_failed(talk, error)
    return [*_traced(talk, [trace]), ("event", _negotiation(talk, f"failed with error: {error}"))]


def _unknown_peer(talk: Talk, error: str) -> list[Line]:
    lines: list[Line] = []
    if talk.kmd:
        lookup = (f"KMD_PM_P1_POLICY_LOOKUP_FAILURE: Policy lookup for Phase-1 [responder] failed for "
                  f"p1_local={_end(talk.local, 'any:0')} p1_remote={_remote_id(talk)}")  # fmt: skip
        lines += [("trace", f"Unable to find phase-1 policy as remote peer:{talk.remote} is not recognized."),
                  ("trace", lookup)]  # fmt: skip
        lines += _traced(talk, [_phase1_packet(talk, f"Error = {error} (14)")])
        where = f"[local_ip={talk.local}, remote_ip={talk.remote}]"
        lines.append(("event", f"IKE Phase-1: (Responder) Policy lookup failed {where}"))
    return lines + _failure_events(talk, 1, error)


def _remote_id(talk: Talk) -> str:
    kind, value = talk.remote_id
    if kind == "inet" or not value:
        return _end(value or talk.remote, "any:0")
    word = {"hostname": "fqdn", "user-at-hostname": "usr@fqdn"}.get(kind, kind)
    return f"{word}(any:0,[0..{len(value) - 1}]={value})"


def _unknown_selector(talk: Talk, error: str) -> list[Line]:
    lines: list[Line] = []
    local, remote = _net(talk.local_net), _net(talk.remote_net)
    if talk.kmd:
        lines += _traced(talk, [_phase1_done(talk)])
        lines.append(("trace", f"Failed to match the peer proxy ids p2_remote={remote} p2_local={local} "
                               f"for the remote peer:{_end(talk.remote)}"))  # fmt: skip
        lines.append(("trace", f"KMD_PM_P2_POLICY_LOOKUP_FAILURE: Policy lookup for Phase-2 [responder] failed for "
                               f"p1_local={_end(talk.local)} p1_remote={_end(talk.remote)} "
                               f"p2_local={local} p2_remote={remote}"))  # fmt: skip
        lines += _traced(talk, [_phase2_packet(talk, f"Error = {error} (14)")])
        lines.append(("event", f"IKE Phase-2: Failed to match the peer proxy IDs [p2_remote_proxy_id={remote}, "
                               f"p2_local_proxy_id={local}] for local ip: {talk.local}, "
                               f"remote peer ip: {talk.remote}"))  # fmt: skip
    name = "KMD_VPN_TS_MISMATCH" if talk.kmd else "IKE_VPN_TS_MISMATCH"
    lines.append(("event", f"{name}: Traffic-selector mismatch, vpn name: {talk.vpn}, Peer Proposed traffic-selector "
                           f"local-ip: {_range(talk.local_net)}, Peer Proposed traffic-selector "
                           f"remote-ip: {_range(talk.remote_net)}"))  # fmt: skip
    return lines


# The responder's lines by the code of the failure; for the other codes it logs nothing.
_RESPONDER: dict[str, t.Callable[[Talk, str], list[Line]]] = {
    "not-recognized": _unknown_peer,
    "version": _unknown_peer,
    "peer-id": _unknown_peer,
    "mode": _no_phase1_proposal,
    "ike-proposal": _no_phase1_proposal,
    "key": _not_decrypted,
    "key-v2": _not_authenticated,
    "own-id": _not_authenticated,
    "proxy-id": _unknown_selector,
    "peer-no-bind-interface": _unknown_selector,
    "ipsec-proposal": _no_phase2_proposal,
    "pfs": _no_phase2_proposal,
}


def succeeded(talk: Talk, inbound: str, outbound: str) -> list[Line]:
    """Return the lines of a tunnel that comes up; ``inbound`` and ``outbound`` are SPIs."""
    details: list[Line] = [("detail", f"iked_pm_ike_sa_done: {_ends(talk)}"),
                           ("detail", f"IKE negotiation done for {_ends(talk)} with status: Error ok"),
                           ("detail", f"iked_pm_ipsec_sa_install: {_ends(talk)} for SA-CFG {talk.vpn}")]  # fmt: skip
    if not talk.kmd:
        return [*details, ("event", _id_validated(talk)), ("event", _alarm(talk, "up")),
                ("event", _negotiation(talk, "successfully completed"))]  # fmt: skip
    done = (f"Phase-2 [{talk.role}] done for p1_local={_end(talk.local)} p1_remote={_end(talk.remote)} "
            f"p2_local={_net(talk.local_net)} p2_remote={_net(talk.remote_net)}")  # fmt: skip
    lines = [*details, *_traced(talk, [_phase1_done(talk), done])]
    lines += [("event", _established(talk, way, spi)) for way, spi in (("inbound", inbound), ("outbound", outbound))]
    return [*lines, ("event", _alarm(talk, "up")), ("event", _negotiation(talk, "successfully completed"))]


def went_down(talk: Talk, reason: str) -> list[Line]:
    """Return the line of a tunnel that goes down."""
    return [("event", f"{_alarm(talk, 'down')}, Reason: {reason}")]


def _established(talk: Talk, way: str, spi: str) -> str:
    return (f"KMD_PM_SA_ESTABLISHED: Local gateway: {talk.local}, Remote gateway: {talk.remote}, "
            f"Local ID: {_net(talk.local_net)}, Remote ID: {_net(talk.remote_net)}, Direction: {way}, SPI: 0x{spi}, "
            f"AUX-SPI: 0, Mode: Tunnel, Type: dynamic, Traffic-selector: {talk.selector} FC Name:")  # fmt: skip


def _id_validated(talk: Talk) -> str:
    return (f"IKE_GATEWAY_ID_VALIDATION_SUCCESS: IKE: Gateway N:{talk.gateway} L:{talk.local}:500 R:{talk.remote}:500 "
            f"Successful ike-id:{talk.remote_id[1]} U:N/A IKE:IKEv{talk.version} "
            f"Role:{talk.role[0].upper()}")  # fmt: skip


def _alarm(talk: Talk, state: str) -> str:
    if talk.kmd:
        return (f"KMD_VPN_{state.upper()}_ALARM_USER: VPN {talk.vpn} from {talk.remote} is {state}. "
                f"Local-ip: {talk.local}, gateway name: {talk.gateway}, vpn name: {talk.vpn}, "
                f"tunnel-id: {talk.tunnel_id}, local tunnel-if: {talk.bind_interface}, "
                f"remote tunnel-ip: {_reversed(talk.remote)}, Local IKE-ID: {talk.local_id[1]}, "
                f"Remote IKE-ID: {talk.remote_id[1]}, AAA username: Not-Applicable, VR id: 0, "
                f"Traffic-selector: {talk.selector}, Traffic-selector local ID: {_net(talk.local_net)}, "
                f"Traffic-selector remote ID: {_net(talk.remote_net)}, SA Type: Static")  # fmt: skip
    return (f"IKE_VPN_{state.upper()}_ALARM_USER: VPN {talk.vpn} from {talk.remote} is {state}. "
            f"Local-ip: {talk.local}, gateway name: {talk.gateway}, vpn name: {talk.vpn}, tunnel-id: {talk.tunnel_id}, "
            f"tunnel type: regular-tunnel, local tunnel-if: {talk.bind_interface}, remote tunnel-ip: {talk.remote}, "
            f"Local IKE-ID: {talk.local_id[1]}, Remote IKE-ID: {talk.remote_id[1]}, AAA username: Not-applicable, "
            f"VR id: root, Traffic-selector: {talk.selector or 'default_any_any_v4'}, "
            f"Traffic-selector local ID: {_range(talk.local_net)} , "
            f"Traffic-selector remote ID: {_range(talk.remote_net)} , SA Type: dynamic")  # fmt: skip


def _reversed(address: str) -> str:
    """Return an address with its octets reversed: kmd prints this one so, as recorded."""
    return ".".join(reversed(address.split(".")))
