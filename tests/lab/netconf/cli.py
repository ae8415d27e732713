# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CLI commands inside ``<command>``: their RPCs and arguments."""

from __future__ import annotations

import shlex
import typing as t
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from tests.lab.netconf import configuration
from tests.lab.netconf.reply import syntax_error

if t.TYPE_CHECKING:
    from tests.lab.netconf.session import Session

Arguments = dict[str, "str | bool"]
Operational = t.Callable[["Session", str, Arguments, str], str]

# The words of a command, its RPC, and after the colon its arguments: a flag, word=ARGUMENT for a word with a value,
# <ARGUMENT> for a value without a word.
_TABLE = """
show version -> get-software-information: detail brief
show system uptime -> get-system-uptime-information
show system storage -> get-system-storage: detail
show system commit -> get-commit-information
show chassis cluster status -> get-chassis-cluster-status
show chassis hardware -> get-chassis-inventory: detail
show chassis routing-engine -> get-route-engine-information
show interfaces -> get-interface-information: terse brief detail extensive <interface-name>
show route -> get-route-information: exact terse brief detail extensive active-path table=table
    protocol=protocol <destination>
show log -> get-log: <filename>
show security ike security-associations -> get-ike-security-associations-information: brief detail
    index=show-index-ike-security-association <peer-address>
show security ike active-peer -> get-ike-active-peers-information: detail
show security ipsec security-associations -> get-security-associations-information: brief detail extensive
    index=show-index-ipsec-security-association vpn-name=show-vpnname-ipsec-security-association
show security ipsec inactive-tunnels -> get-inactive-tunnels: brief detail
    vpn-name=show-vpnname-ipsec-security-association
show security ipsec next-hop-tunnels -> get-ipsec-next-hop-tunnel-information: interface-name=interface-name
    family=family
show security ipsec statistics -> get-ipsec-statistics-information: index=show-index-ipsec-statistics
show security policies -> get-firewall-policies: detail from-zone=from-zone to-zone=to-zone
    policy-name=policy-name
show security match-policies -> match-firewall-policies: from-zone=from-zone to-zone=to-zone source-ip=source-ip
    destination-ip=destination-ip source-port=source-port destination-port=destination-port protocol=protocol
show security zones -> get-zones-information: terse detail
show security flow session -> get-flow-session-information: summary source-prefix=source-prefix
    destination-prefix=destination-prefix protocol=protocol interface=interface
clear security ike security-associations -> clear-ike-security-association: index=index <peer-address>
clear security ipsec security-associations -> clear-ipsec-security-association: index=index
clear security ipsec statistics -> clear-ipsec-statistics: index=index
file list -> file-list: detail <path>
file show -> file-show: <filename>
file copy -> file-copy: <source> <destination>
file delete -> file-delete: <path>
clear log -> clear-log: <filename>
ping -> ping: rapid do-not-fragment no-resolve count=count source=source interface=interface size=size
    routing-instance=routing-instance ttl=ttl wait=wait interval=interval <host>
"""


@dataclass
class _Command:
    rpc: str
    flags: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    positions: list[str] = field(default_factory=list)

    def arguments(self, words: list[str]) -> Arguments:
        """Return the RPC's arguments for the words that follow the command."""
        found: Arguments = {}
        rest = list(words)
        free = list(self.positions)
        while rest:
            word = rest.pop(0)
            if word in self.flags:
                found[word] = True
            elif word in self.values and rest:
                found[self.values[word]] = rest.pop(0)
            elif free and word not in self.values:
                found[free.pop(0)] = word
            else:
                raise syntax_error(word)
        return found


def _read_table() -> dict[tuple[str, ...], _Command]:
    table = {}
    for line in _TABLE.replace("\n    ", " ").strip().splitlines():
        words, _arrow, rest = line.partition(" -> ")
        rpc, _colon, arguments = rest.partition(":")
        command = _Command(rpc)
        for word in arguments.split():
            if word.startswith("<"):
                command.positions.append(word.strip("<>"))
            elif "=" in word:
                key, _equals, argument = word.partition("=")
                command.values[key] = argument
            else:
                command.flags.add(word)
        table[tuple(words.split())] = command
    return table


_COMMANDS = _read_table()
_LONGEST = max(len(words) for words in _COMMANDS)


def find(words: t.Sequence[str]) -> tuple[str, Arguments]:
    """Return the RPC and its arguments for the words of a command. Raise ``RpcFailed`` for an unknown command."""
    for length in range(min(_LONGEST, len(words)), 0, -1):
        command = _COMMANDS.get(tuple(words[:length]))
        if command is not None:
            return command.rpc, command.arguments(list(words[length:]))
    known = max((_common(words, other) for other in _COMMANDS), default=0)
    raise syntax_error(words[min(known, len(words) - 1)] if words else "command")


def _common(words: t.Sequence[str], other: t.Sequence[str]) -> int:
    count = 0
    for mine, theirs in zip(words, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def run(session: Session, line: str, form: str, operational: Operational) -> str:
    """Return the body of the reply to a command."""
    head, *pipes = [part.strip() for part in line.split("|")]
    try:
        words = shlex.split(head)
    except ValueError as error:
        raise syntax_error(head) from error
    if words[:2] == ["show", "configuration"]:
        return configuration.show(session, words[2:], pipes, form)
    rpc, arguments = find(words)
    if any(pipe.split() == ["display", "xml", "rpc"] for pipe in pipes):
        return _as_rpc(rpc, arguments)
    if rpc == "get-commit-information":
        from tests.lab.netconf.commit import commit_information

        return commit_information(session, form)
    return operational(session, rpc, arguments, form)


def _as_rpc(rpc: str, arguments: Arguments) -> str:
    inner = "".join(
        f"<{name}/>" if value is True else f"<{name}>{escape(str(value))}</{name}>" for name, value in arguments.items()
    )
    return f"<rpc>\n<{rpc}>{inner}</{rpc}>\n</rpc>"
