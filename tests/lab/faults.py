# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that a test injects into a device, each without limit or for a number of times."""

from __future__ import annotations

import itertools
import typing as t
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tests.lab.errors import LabError

# Kind: its effect, as the command line's help shows it.
RPC_FAULTS: t.Mapping[str, str] = {
    "delay": "answer the RPC only after --seconds of wall-clock time",
    "drop-reply": "execute the RPC, then never answer it",
    "cut-before": "cut the connection when the RPC arrives, without executing it",
    "cut-after": "execute the RPC, then cut the connection instead of answering",
    "refuse": "answer the RPC with an error of --message, without executing it",
    "decorate": "add --message as a line at the end of the reply to the RPC, or as the content of an --element",
    "malformed-commit": "leave routing-engine unclosed in the reply to a commit or check, as clusters do",
}
OTHER_FAULTS: t.Mapping[str, str] = {
    "refuse-login": "refuse every login",
    "swallow": "answer nothing from now on, neither a request nor a login, and execute nothing",
    "fail-check": "fail commit check and commit with --message (--path, --element)",
    "hold-lock": "let another user (--user) hold the exclusive lock",
    "dirty": "put another user's uncommitted change (--statement) in the candidate",
    "commit": "let another user (--user) commit --statement",
    "fill-storage": "show file systems filled to --percent",
    "reboot": "restart the device, unreachable for --seconds of device time",
    "flap": "let the tunnel of VPN --vpn go down and up again",
}
# The faults that stay until they are cleared, and so are listed; the others happen once, at once.
STANDING = frozenset(RPC_FAULTS) | {"refuse-login", "fail-check", "swallow"}

_COMMITS = frozenset({"commit-configuration", "commit"})


@dataclass
class Fault:
    """One standing fault.

    ``rpc`` is the name of an RPC, ``*`` for any, or ``commit``, ``confirmed``, ``confirm``, ``check`` for a kind of
    commit. ``remaining`` is how often it will still happen, None without limit.
    """

    number: int
    kind: str
    rpc: str = "*"
    seconds: float = 0.0
    message: str = "refused by request of the lab"
    path: str | None = None
    element: str | None = None
    remaining: int | None = None

    def describe(self) -> dict[str, t.Any]:
        """Return the fault as plain data for the control channel."""
        return {key: value for key, value in vars(self).items() if value is not None}


_DETAILS = frozenset({"rpc", "seconds", "message", "path", "element"})


@dataclass(frozen=True)
class RpcFaults:
    """The faults of one RPC."""

    delay: float = 0.0
    drop_reply: bool = False
    cut_before: bool = False
    cut_after: bool = False
    malformed: bool = False
    refusal: str = ""
    decorations: tuple[str, ...] = ()

    def decorated(self, body: str) -> str:
        """Return a reply with the decorations in front of its last end tag."""
        place = body.rfind("</") if "</" in body else len(body)
        return "".join((body[:place], *(f"{line}\n" for line in self.decorations), body[place:]))


class FaultBoard:
    """The standing faults of one device."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._numbers = itertools.count(1)

    def add(self, kind: str, count: int | None = None, **details: t.Any) -> Fault:
        """Set a fault, for ``count`` times or without limit. Raise ``LabError`` for an unknown kind."""
        if kind not in STANDING:
            raise LabError(f"{kind}: no such fault; there are {', '.join(sorted(STANDING))}")
        if count is not None and count < 1:
            raise LabError(f"{kind}: a count of {count} would never happen")
        unknown = sorted(set(details) - _DETAILS)
        if unknown:
            raise LabError(f"{kind}: takes no {', '.join(unknown)}; it takes {', '.join(sorted(_DETAILS))}")
        default_rpc = {"drop-reply": "commit", "malformed-commit": "commit-configuration"}.get(kind, "*")
        details = {key: value for key, value in details.items() if value is not None}
        fault = Fault(next(self._numbers), kind, remaining=count, **({"rpc": default_rpc} | details))
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Clear all of them."""
        self._faults.clear()

    def listed(self) -> list[dict[str, t.Any]]:
        """Return the active faults as plain data."""
        return [fault.describe() for fault in self._faults]

    def on_rpc(self, name: str, arguments: t.Collection[str]) -> RpcFaults:
        """Return the faults of this RPC, and count it against those that match."""
        hits = [fault for fault in self._faults if fault.kind in RPC_FAULTS and _matches(fault.rpc, name, arguments)]
        for fault in hits:
            self._use(fault)
        kinds = {fault.kind for fault in hits}
        return RpcFaults(
            delay=sum(fault.seconds for fault in hits if fault.kind == "delay"),
            drop_reply="drop-reply" in kinds,
            cut_before="cut-before" in kinds,
            cut_after="cut-after" in kinds,
            malformed="malformed-commit" in kinds,
            decorations=tuple(_decoration(fault) for fault in hits if fault.kind == "decorate"),
            refusal="; ".join(fault.message for fault in hits if fault.kind == "refuse"),
        )

    @property
    def swallows(self) -> bool:
        """Whether the device answers nothing."""
        return any(fault.kind == "swallow" for fault in self._faults)

    def refuses_login(self) -> bool:
        """Return whether to refuse this login."""
        return self._take("refuse-login") is not None

    def failed_check(self) -> Fault | None:
        """Return the fault that makes this commit check fail, if there is one."""
        return self._take("fail-check")

    def _take(self, kind: str) -> Fault | None:
        fault = next((fault for fault in self._faults if fault.kind == kind), None)
        if fault is not None:
            self._use(fault)
        return fault

    def _use(self, fault: Fault) -> None:
        if fault.remaining is not None:
            fault.remaining -= 1
            if fault.remaining == 0:
                self._faults.remove(fault)


def _decoration(fault: Fault) -> str:
    words = escape(fault.message)
    return f"<{fault.element}>{words}</{fault.element}>" if fault.element else words


def kind_of_commit(name: str, arguments: t.Collection[str]) -> str:
    """Return ``check``, ``confirmed`` or ``confirm`` for a commit RPC of that name, and nothing for another RPC.

    The words of a test: a check alone, a commit to be confirmed later, and the commit that confirms.
    """
    if name not in _COMMITS:
        return "check" if name == "validate" else ""
    return "check" if "check" in arguments else "confirmed" if "confirmed" in arguments else "confirm"


def _matches(wanted: str, name: str, arguments: t.Collection[str]) -> bool:
    if wanted in ("*", name):
        return True
    kind = kind_of_commit(name, arguments)
    return bool(kind) and (wanted == kind or (wanted == "commit" and kind != "check"))
