# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What is asked of a device for support: commands, the RPCs behind them, and where the answers stand in the archive."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from xml.sax.saxutils import escape

Form = t.Literal["xml", "text", "set"]

_UNSAFE = re.compile(r"[^0-9A-Za-z.]+")


@dataclass(frozen=True)
class Question:
    """A command, the RPC behind it with its arguments as XML, and the form of the reply.

    ``file`` is the name in the archive, without the host's folder.
    """

    command: str
    rpc: str
    file: str
    form: Form = "text"
    arguments: str = ""
    attributes: str = ""

    @property
    def request(self) -> str:
        form = "" if self.form == "xml" else f' format="{self.form}"'
        return f"<{self.rpc}{self.attributes}{form}>{self.arguments}</{self.rpc}>"


_SHOWN = (
    ("show version", "get-software-information", ""),
    ("show system uptime", "get-system-uptime-information", ""),
    ("show system storage", "get-system-storage", ""),
    ("show system commit", "get-commit-information", ""),
    ("show system alarms", "get-system-alarm-information", ""),
    ("show chassis cluster status", "get-chassis-cluster-status", ""),
    ("show interfaces terse", "get-interface-information", "<terse/>"),
    ("show security ike security-associations", "get-ike-security-associations-information", ""),
    ("show security ike security-associations detail", "get-ike-security-associations-information", "<detail/>"),
    ("show security ike active-peer", "get-ike-active-peers-information", ""),
    ("show security ipsec security-associations", "get-security-associations-information", ""),
    ("show security ipsec security-associations detail", "get-security-associations-information", "<detail/>"),
    ("show security ipsec inactive-tunnels", "get-inactive-tunnels", ""),
    ("show security ipsec statistics", "get-ipsec-statistics-information", ""),
    ("show security ipsec next-hop-tunnels", "get-ipsec-next-hop-tunnel-information", ""),
    ("show security ipsec tunnel-events-statistics", "get-ipsec-tunnel-event-statistics", ""),
    ("show route", "get-route-information", ""),
    ("show security policies", "get-firewall-policies", ""),
    ("show security zones", "get-zones-information", ""),
    ("show security flow session summary", "get-flow-session-information", "<summary/>"),
)  # fmt: skip


def shown(interface: str) -> t.Iterator[Question]:
    """All show commands, each as XML and as text; of the flow sessions those through the tunnel's interface.

    The others are not about the VPN, and there may be a million of them. Even so they come last, since the longest
    reply is the likeliest to be lost.
    """
    sessions = f"<interface>{escape(interface)}</interface>"
    last = (f"show security flow session interface {interface}", "get-flow-session-information", sessions)
    for command, rpc, arguments in (*_SHOWN, last):
        name = f"show/{_UNSAFE.sub('-', command)}"
        yield Question(command, rpc, f"{name}.xml", "xml", arguments)
        yield Question(command, rpc, f"{name}.txt", "text", arguments)


def configured(group: str) -> t.Iterator[Question]:
    """The collection's own part of what is committed."""
    part = f"<configuration><groups><name>{escape(group)}</name></groups><apply-groups/></configuration>"
    committed = ' database="committed"'
    command = f"show configuration groups {group}"
    yield Question(command, "get-configuration", "configuration/group.txt", "text", part, committed)
    yield Question(f"{command} | display set", "get-configuration", "configuration/group.set", "set", part, committed)


LOGS = Question("file list /var/log/", "file-list", "", "xml", "<path>/var/log/</path>")
# Statements that name the files of traces: this collection's or anybody's.
TRACES = Question(
    "show configuration",
    "get-configuration",
    "",
    "set",
    "<configuration><groups/><security/></configuration>",
    ' database="committed"',
)
# The daemons' logs and the trace that Junos writes where nothing else is said.
_ALWAYS = ("messages", "kmd", "iked", "security-trace")
_TRACE = re.compile(r'\bsecurity (?:ike|ipsec|flow) traceoptions file (?:filename )?"?([^\s";]+)')
_ROTATED = re.compile(r"(.+?)\.\d+(?:\.gz)?")


def logs(listed: t.Collection[str] | None, statements: str) -> list[Question]:
    """The log files to read: those of the key daemons, C(messages), and what a trace is written to; newest first.

    ``listed`` are the names in the folder, ``None`` where the device does not tell them: then the usual ones are tried.
    """
    wanted = dict.fromkeys((*_ALWAYS, *_TRACE.findall(statements)))
    names = list(wanted)
    if listed is not None:
        names = sorted((name for name in listed if _base(name) in wanted or name in wanted), key=_age)
    # Junos shows a compressed file unpacked.
    return [
        Question(f"show log {name}", "get-log", f"logs/{_UNSAFE_IN_LOG.sub('-', name.removesuffix('.gz'))}", "text",
                 f"<filename>{escape(name)}</filename>")
        for name in names
    ]  # fmt: skip


_UNSAFE_IN_LOG = re.compile(r"[^0-9A-Za-z._-]")


def _base(name: str) -> str:
    found = _ROTATED.fullmatch(name)
    return found.group(1) if found else name


def _age(name: str) -> tuple[str, int]:
    """By file, the newest first: the live one, then .0, .1, ..."""
    found = re.fullmatch(r".+?\.(\d+)(?:\.gz)?", name)
    return _base(name), int(found.group(1)) + 1 if found else 0
