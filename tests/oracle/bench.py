# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pair of real daemons with the Internet between them: it negotiates one case after the other."""

from __future__ import annotations

import re
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.oracle.cases import BOTH, ENDS, PUBLIC, Case
from tests.oracle.certificates import Authorities
from tests.oracle.strongswan import accepts_ike, asks, earliest, selectors, swanctl
from tests.oracle.verdict import EARLY, NOTICED, UNNOTICED, Phase, Reason, Verdict
from tests.twin.daemon import Daemon
from tests.twin.namespace import Namespace, join

# Seconds for one negotiation, its retransmissions included, and for what succeeds or is refused at once.
_LONGEST, _PATIENCE = 10, 10
# Seconds within which a dead peer is noticed, and after which it never is: the cases have 2 probes 2 seconds apart,
# in IKEv2 one probe and its retransmissions.
_NOTICED, _UNNOTICED = 60, 8
# Seconds until both ends have sent their first packet, which is lost.
_BOTH_SENT = 0.5
_WAN = {"hub": ("198.51.100.2/30", "198.51.100.1/30"), "spoke": ("203.0.113.2/30", "203.0.113.1/30")}

# What a daemon writes about a failure, the most telling first: the phase, and the reason.
_LINES: tuple[tuple[str, Phase, Reason], ...] = (
    (r"traffic selectors .* unacceptable|no matching CHILD_SA config found", "2", "selectors"),
    (r"no acceptable proposal found|no matching proposal found", "2", "proposal"),
    (r"no trusted .* public key found|no issuer certificate found|certificate (is|has) expired|invalid.* certificate",
     "1", "certificate"),
    (r"MAC mismatched|invalid ID_V1 payload length|could not decrypt payloads|calculated HASH does not match", "1",
     "key"),
    (r"no (matching )?peer config found|constraint check failed|IDir '.*' does not match|identity '.*' (required|not)",
     "1", "identity"),
    (r"unable to apply received KE value", "1", "proposal"),
    (r"no proposal found|received proposals unacceptable|no alternative config found", "1", "proposal"),
    (r"no IKE config found", "1", "unknown peer"),
    (r"none allows .* using (Main|Aggressive) Mode", "1", "mode"),
    (r"no shared key found", "1", "key"),
)  # fmt: skip
# A rekey that the peer refuses, or that gets no answer.
_REFUSED = re.compile(r"received (NO_PROPOSAL_CHOSEN|AUTHENTICATION_FAILED)|giving up after|failed to establish")
# What names associations that are up: cookies and SPIs.
_NAMED = re.compile(r"ESTABLISHED, IKEv\d, [0-9a-f]{16}_i|\b(?:in|out) +[0-9a-f]{8}")


class Place(t.NamedTuple):
    """What is between the two ends of a case, and may be kept for the next case.

    ``nat`` is what the routers in front of ends do, ``closed`` the ends that let no IKE in. Where one is closed, the
    ``initiator`` has opened the way for answers, and for each later packet. Where an end ``dies``, time passes.
    """

    nat: tuple[tuple[str, str], ...] = ()
    closed: tuple[str, ...] = ()
    initiator: str = ""
    dies: bool = False


def place_of(case: Case) -> Place:
    """Return where a case is negotiated."""
    closed = tuple(end for end in ENDS if not accepts_ike(case.lines[end]))
    return Place(tuple(sorted(case.nat.items())), closed, case.initiator if closed else "", bool(case.dies))


class Bench:
    """One pair of daemons, in namespaces of their own."""

    def __init__(self, number: int, folder: Path, place: Place, authorities: Authorities) -> None:
        self._internet = Namespace(f"internet{number}")
        self._folder, self._authorities, self._started = folder, authorities, 0
        self._namespaces = {end: Namespace(f"{end}{number}") for end in ENDS}
        for end, namespace in self._namespaces.items():
            address, gateway = _WAN[end]
            join((namespace, "wan", address), (self._internet, f"to-{end}", gateway))
            namespace.ip("route", "add", "default", "via", gateway.partition("/")[0])
            if end in place.closed:
                namespace.run("nft", "-f", "-", text=_CLOSED)
        for end, kind in place.nat:
            self._internet.ip("address", "add", PUBLIC[end], "dev", "lo")
            self._internet.run("nft", "-f", "-", text=_nat(end, kind))
        self._daemons = {end: self._daemon(end) for end in ENDS}

    def _daemon(self, end: str) -> Daemon:
        self._started += 1
        namespace = self._namespaces[end]
        return Daemon(namespace, self._folder / f"{namespace.name}-{self._started}", tries=2)

    def wait(self) -> None:
        """Wait until both daemons answer."""
        for daemon in self._daemons.values():
            daemon.wait()

    def negotiate(self, case: Case) -> Verdict:
        """Return the verdict of the two daemons about a case."""
        self._end()
        begun = {end: len(daemon.log()) for end, daemon in self._daemons.items()}
        for end, daemon in self._daemons.items():
            self._authorities.certify(daemon.folder, case, end)
            daemon.load(swanctl(case.lines[end]))
        children = {end: list(selectors(case.lines[end])) for end in ENDS}
        if case.initiator == BOTH:
            self._start_both(children)
        else:
            for child in children[case.initiator]:
                self._daemons[case.initiator].initiate(child, _LONGEST)
        # A pair that one end alone has selectors for is not the pair of all.
        number = max(map(len, children.values())) if case.initiator == BOTH else len(children[case.initiator])
        if self._is_up(number):
            rekey = self._rekeys(children)
            return Verdict(True, rekey=rekey, then=self._death(case) if case.dies else "")
        lines = [line for end, daemon in self._daemons.items() for line in daemon.log()[begun[end] :]]
        return Verdict(False, *_reason("\n".join(lines)))

    def _start_both(self, children: t.Mapping[str, t.Sequence[str]]) -> None:
        """Let both ends start, and packets pass only then."""
        cables = [f"to-{end}" for end in ENDS]
        for cable in cables:
            self._internet.ip("link", "set", cable, "down")
        with ThreadPoolExecutor(len(ENDS)) as pool:
            started = [pool.submit(self._daemons[end].initiate, children[end][0], _LONGEST) for end in ENDS]
            time.sleep(_BOTH_SENT)
            for cable in cables:
                self._internet.ip("link", "set", cable, "up")
            for one in started:
                one.result()

    def _listed(self) -> dict[str, str]:
        """Return the associations of both ends, in the words of their daemons."""
        return {end: daemon.associations() for end, daemon in self._daemons.items()}

    def _is_up(self, number: int) -> bool:
        """Return whether both ends have the children: a responder's may be late where the initiator has its own."""
        begun = time.monotonic()
        while True:
            counts = [text.count("INSTALLED") for text in self._listed().values()]
            if min(counts) >= number:
                return True
            if time.monotonic() - begun > (_PATIENCE if max(counts) >= number else 0.5):
                return False
            time.sleep(0.05)

    def _rekeys(self, children: t.Mapping[str, t.Sequence[str]]) -> bool:
        """Rekey both phases from both ends; return whether the tunnel has new associations each time."""
        listed = self._listed()
        for end, daemon in self._daemons.items():
            for kind, name in (("child", children[end][0]), ("ike", "peer")):
                begun = len(daemon.log())
                daemon.swanctl("--rekey", f"--{kind}", name)
                renewed = self._renewed(end, listed[end], begun)
                if renewed is None:
                    return False
                listed = renewed
        return True

    def _renewed(self, end: str, before: str, begun: int) -> dict[str, str] | None:
        """Return the associations of both ends once an end has new ones; ``None`` where it gets none."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            time.sleep(0.02)
            listed = self._listed()
            if _named(listed[end]) - _named(before) and all("INSTALLED" in text for text in listed.values()):
                return listed
            if any(_REFUSED.search(line) for line in self._daemons[end].log()[begun:]):
                return None
        return None

    def _death(self, case: Case) -> str:
        """Kill a daemon; return whether the other one notices. Start a new one in its place."""
        dead = case.dies
        other = next(end for end in ENDS if end != dead)
        self._daemons[dead].kill()
        died = time.monotonic()
        end = died + (_NOTICED if asks(case.lines[other]) else _UNNOTICED)
        while (is_up := "INSTALLED" in self._daemons[other].associations()) and time.monotonic() < end:
            time.sleep(0.1)
        is_early = time.monotonic() < died + earliest(case.lines[other])
        then = UNNOTICED if is_up else EARLY if is_early else NOTICED
        self._daemons[dead] = self._daemon(dead)
        self._daemons[dead].wait()
        return then

    def _end(self) -> None:
        for daemon in self._daemons.values():
            daemon.swanctl("--terminate", "--ike", "peer", "--force", "--timeout", "2")


_CLOSED = """\
table inet closed {
    chain inbound {
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        iifname "lo" accept
    }
}
"""


def _nat(end: str, kind: str) -> str:
    """Return the rules of a router in front of an end."""
    inside, public = _WAN[end][0].partition("/")[0], PUBLIC[end]
    forwarded = f"ip daddr {public} udp dport {{ 500, 4500 }} dnat to {inside}" if kind == "forwards" else ""
    return f"""\
table ip {end}_nat {{
    chain outside {{
        type filter hook prerouting priority raw;
        iifname != "to-{end}" ip daddr {inside} drop
    }}
    chain pre {{
        type nat hook prerouting priority dstnat;
        {forwarded}
    }}
    chain post {{
        type nat hook postrouting priority srcnat;
        ip saddr {inside} meta l4proto udp snat to {public}:20000-60000
    }}
}}
"""


def _named(listed: str) -> frozenset[str]:
    """Return what names the associations that are up."""
    return frozenset(match[0] for match in _NAMED.finditer(listed))


def _reason(log: str) -> tuple[Phase, Reason]:
    for pattern, phase, reason in _LINES:
        if re.search(pattern, log):
            return phase, reason
    return "1", "silence"
