# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The commands that collect sends to a device: each with its RPC and the name of its file in the archive."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from xml.sax.saxutils import escape

Form = t.Literal["xml", "text", "set"]

_UNSAFE = re.compile(r"[^0-9A-Za-z.]+")


@dataclass(frozen=True)
class Question:
    """A command, its RPC with the arguments as XML, and the form of the reply.

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
        """Return the RPC as XML."""
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
    """Yield all show commands, each as XML and as text, with the flow sessions of the tunnel's interface last.

    A device can have a million other sessions, which do not concern the VPN. The longest reply is the likeliest to be
    lost, so it comes last.
    """
    sessions = f"<interface>{escape(interface)}</interface>"
    last = (f"show security flow session interface {interface}", "get-flow-session-information", sessions)
    for command, rpc, arguments in (*_SHOWN, last):
        name = f"show/{_UNSAFE.sub('-', command)}"
        yield Question(command, rpc, f"{name}.xml", "xml", arguments)
        yield Question(command, rpc, f"{name}.txt", "text", arguments)


def configured(group: str) -> t.Iterator[Question]:
    """Yield the commands that show the group in the committed configuration."""
    part = f"<configuration><groups><name>{escape(group)}</name></groups><apply-groups/></configuration>"
    committed = ' database="committed"'
    command = f"show configuration groups {group}"
    yield Question(command, "get-configuration", "configuration/group.txt", "text", part, committed)
    yield Question(f"{command} | display set", "get-configuration", "configuration/group.set", "set", part, committed)


LOGS = Question("file list /var/log/", "file-list", "", "xml", "<path>/var/log/</path>")
# Statements that name the files of traces, of this collection or of another user.
TRACES = Question(
    "show configuration",
    "get-configuration",
    "",
    "set",
    "<configuration><groups/><security/></configuration>",
    ' database="committed"',
)
# The daemons' logs, and the trace file that Junos writes by default.
_ALWAYS = ("messages", "kmd", "iked", "security-trace")
_TRACE = re.compile(r'\bsecurity (?:ike|ipsec|flow) traceoptions file (?:filename )?"?([^\s";]+)')
_ROTATED = re.compile(r"(.+?)\.\d+(?:\.gz)?")


def logs(listed: t.Collection[str] | None, statements: str) -> list[Question]:
    """Return the commands for the logs of the key daemons, ``messages`` and trace files, the newest of each first.

    ``listed`` are the names in the folder. With ``None``, where the device does not list them, try the usual names.
    """
    wanted = dict.fromkeys((*_ALWAYS, *_TRACE.findall(statements)))
    names = list(wanted)
    if listed is not None:
        names = sorted((name for name in listed if _base(name) in wanted or name in wanted), key=_age)
    # Junos decompresses a file before it shows it.
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
    """Return a key that sorts by file, the newest first: the live one, then .0, .1, ..."""
    found = re.fullmatch(r".+?\.(\d+)(?:\.gz)?", name)
    return _base(name), int(found.group(1)) + 1 if found else 0
