# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The devices of a lab: a Junos device with its database and sessions, and a ScreenOS peer known by its text."""

from __future__ import annotations

import re
import typing as t

import asyncssh

from tests.lab import screenos
from tests.lab.clock import Clock, Timer, stamp
from tests.lab.config.candidate import DatabaseError
from tests.lab.config.database import Database
from tests.lab.config.tree import Node
from tests.lab.errors import LabError
from tests.lab.faults import OTHER_FAULTS, STANDING, FaultBoard
from tests.lab.inventory import DeviceOptions, LabHost

if t.TYPE_CHECKING:
    from tests.lab.netconf.session import Session
    from tests.lab.network import Network

_FACTORY = """\
system {{
    host-name {name};
    root-authentication {{
        encrypted-password "$6$lab$notapasswordofanybody"; ## SECRET-DATA
    }}
    services {{
        netconf {{
            ssh;
        }}
    }}
}}
"""
# A key in the text that is not a placeholder: whoever handed it knows it, nobody else needs to.
_PRESHARE = re.compile(r'(preshare )("(?!<)[^"]*"|(?!"<)\S+)')
_PLACEHOLDER = re.compile(r"<pre-shared-key of ([^<>\s]+)>")


class Device:
    """An emulated SRX: what outlives its sessions."""

    kind: t.Literal["junos"] = "junos"

    def __init__(self, host: LabHost, clock: Clock, next_pid: t.Callable[[], int]) -> None:
        self.host = host.name
        self.address = host.address
        self.port = host.port
        self.user = host.user
        self.password = host.password
        self.options: DeviceOptions = host.options
        self.clock = clock
        self.next_pid = next_pid
        self.faults = FaultBoard()
        self.sessions: dict[int, Session] = {}
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self.network: Network | None = None
        self.rescue: str | None = None
        self.rollback_lateness = host.options.rollback_lateness
        self.is_down = False
        self.booted_at = clock.now()
        self.last_reboot_reason = "0x1:power cycle/failure"
        # The session a commit in the standard's form belongs to, while it waits for its confirmation.
        self.bound_to: int | None = None
        self._rollback_timer: Timer | None = None
        self._intruders: list[int] = []
        self.storage_percent: int | None = None
        self.logins = 0
        configuration = host.initial if host.initial is not None else _FACTORY.format(name=host.name)
        try:
            self.database = Database(
                host.name, clock, host.options.release, configuration, ike_daemon=host.options.flavour
            )
        except ValueError as error:
            raise LabError(str(error)) from error

    # --- what the network sees --------------------------------------------------------------------

    def effective(self) -> Node:
        """The committed configuration with groups applied and inactive parts left out."""
        return self.database.effective()

    def screenos_text(self) -> None:
        """A Junos device has no ScreenOS text."""
        return

    # --- what sessions tell and ask ---------------------------------------------------------------

    @property
    def the_network(self) -> Network:
        """The network the device is part of."""
        assert self.network is not None
        return self.network

    @property
    def is_rfc_compliant(self) -> bool:
        """Whether C(system services netconf rfc-compliant) is committed."""
        return self.effective().has("system", "services", "netconf", "rfc-compliant")

    def log(self, daemon: str, text: str, pid: int) -> None:
        """Write a line to the file messages, as syslog does."""
        self.the_network.log(self.host).system(self.clock.now(), f"{daemon}[{pid}]", text)

    def log_lines(self, file: str) -> list[str]:
        """The lines of a log file, or of what was copied to a URL. Raises C(LabError) if there is no such file."""
        log = self.the_network.log(self.host)
        lines = log.sent[file].splitlines() if file in log.sent else log.lines(file)
        if lines is None:
            raise LabError(f"{self.host}: no log file {file}; there are {', '.join([*log.names(), *log.sent])}")
        return lines

    def committed_changed(self) -> None:
        """What is committed is another configuration now: tunnels may come and go."""
        self.the_network.changed(self.host)

    def session_ended(self, session: Session) -> None:
        """A session is over: its lock, its private copy and what it had not committed under them go with it."""
        self.database.desk.leave(session.id)
        if self.bound_to == session.id and self.options.session_bound_confirm:
            self._roll_back()

    # --- confirmed commits ------------------------------------------------------------------------

    def pending_changed(self) -> None:
        """A commit or check came: whatever waited for a confirmation has it, or waits anew."""
        if self._rollback_timer is not None:
            self._rollback_timer.cancel()
            self._rollback_timer = None
        pending = self.database.pending
        if pending is not None:
            self._rollback_timer = self.clock.call_at(pending.deadline + self.rollback_lateness, self._roll_back)

    def _roll_back(self) -> None:
        self.bound_to = None
        if self.database.expire():
            self.log(
                "mgd", "UI_COMMIT_NOT_CONFIRMED: Commit was not confirmed; automatic rollback complete", self.next_pid()
            )
            self.pending_changed()
            self.committed_changed()

    # --- faults -----------------------------------------------------------------------------------

    def fault(self, kind: str, details: dict[str, t.Any]) -> None:
        """Set a standing fault, or let one happen. Raises C(LabError) if it cannot."""
        if kind in STANDING:
            self.faults.add(kind, **details)
            return
        if kind not in OTHER_FAULTS:
            raise LabError(f"{kind}: no such fault; there are {', '.join(sorted(STANDING | set(OTHER_FAULTS)))}")
        try:
            getattr(self, f"_suffer_{kind.replace('-', '_')}")(details)
        except DatabaseError as error:
            raise LabError(f"{self.host}: {kind}: {error}") from error

    def _suffer_hold_lock(self, details: dict[str, t.Any]) -> None:
        intruder = self._enter(details)
        self.database.desk.lock(intruder)

    def _suffer_dirty(self, details: dict[str, t.Any]) -> None:
        statement = details.get("statement") or "set system domain-name changed-by-another.example"
        intruder = self._enter(details)
        result = self.database.load(intruder, statement, "set", "set")
        if not result.ok:
            raise LabError(f"{self.host}: dirty: {statement}: {result.errors[0]}")

    def _suffer_commit(self, details: dict[str, t.Any]) -> None:
        user = details.get("user") or "operator"
        self.database.desk.refuse_locked(0)
        result = self.database.load(0, details.get("statement") or "", "set", "set")
        problems = result.errors or tuple(self.database.commit(user, "cli"))
        if problems:
            self.database.rollback(0)
            raise LabError(f"{self.host}: commit: {details.get('statement')}: {problems[0]}")
        self.pending_changed()
        self.committed_changed()

    def _suffer_fill_storage(self, details: dict[str, t.Any]) -> None:
        percent = int(details.get("percent") or 100)
        if not 0 <= percent <= 100:
            raise LabError(f"{self.host}: fill-storage: {percent} is not a percentage")
        self.storage_percent = percent

    def _suffer_reboot(self, details: dict[str, t.Any]) -> None:
        self.is_down = True
        self.last_reboot_reason = "0x4000:VJUNOS reboot"
        seconds = float(details.get("seconds") or 0)
        self.cut_all()
        self._intruders.clear()
        self.database.desk.shared.restart(self.database.committed)
        self.the_network.reboot(self.host, seconds)
        self.clock.call_later(seconds, self._boot)

    def _boot(self) -> None:
        self.is_down = False
        self.booted_at = self.clock.now()
        # A confirmed commit that nobody could confirm meanwhile does not survive the boot.
        self._roll_back()
        self.committed_changed()

    def _suffer_flap(self, details: dict[str, t.Any]) -> None:
        if not details.get("vpn"):
            raise LabError(f"{self.host}: flap: give the VPN whose tunnel is to flap")
        try:
            self.the_network.flap(self.host, details["vpn"], float(details.get("seconds") or 0))
        except KeyError as error:
            raise LabError(f"flap: {error.args[0]}") from error

    def lift_faults(self) -> None:
        """End every fault: standing ones, the foreign lock and the foreign change, the full storage."""
        self.faults.clear()
        self.storage_percent = None
        for intruder in list(self._intruders):
            self.expel(intruder)
            self.database.desk.shared.restart(self.database.committed)

    def expel(self, intruder: int) -> bool:
        """End the session of a user that a fault let in; False if there is no such session."""
        if intruder not in self._intruders:
            return False
        self._intruders.remove(intruder)
        self.database.desk.leave(intruder)
        return True

    def _enter(self, details: dict[str, t.Any]) -> int:
        intruder = self.next_pid()
        self.database.desk.enter(intruder, details.get("user") or "operator", "p0")
        self._intruders.append(intruder)
        return intruder

    # --- the lab's own business -------------------------------------------------------------------

    def cut_all(self) -> None:
        """Cut every connection."""
        for session in list(self.sessions.values()):
            session.kill()
        for connection in list(self.connections):
            connection.abort()

    def describe(self) -> dict[str, t.Any]:
        """The device as plain data, for C(status)."""
        desk, pending = self.database.desk, self.database.pending
        return {
            "address": self.address,
            "port": self.port,
            "sessions": len(self.sessions),
            "lock": desk.holder,
            "modified": desk.shared.modified,
            "pending": stamp(pending.deadline) if pending is not None else None,
            "commits": len(self.database.history),
            "logins": self.logins,
            "state": "down" if self.is_down else "waits for a confirmation" if pending is not None else "up",
        }


class ScreenosPeer:
    """A ScreenOS device: nothing but the text its operator gave it, with the key filled in."""

    kind: t.Literal["screenos"] = "screenos"

    def __init__(self, host: str, key_of: t.Callable[[str], str], options: DeviceOptions) -> None:
        self.host = host
        self.options = options
        self._key_of = key_of
        self._handed: str | None = None
        self._filled: str | None = None

    def effective(self) -> None:
        """A ScreenOS device has no Junos configuration."""
        return

    def screenos_text(self) -> str | None:
        """The text with real keys; None until there is one."""
        return self._filled

    def hand(self, text: str) -> None:
        """Take a new text. Raises C(LabError) for a line that ScreenOS would refuse, or a key that is not known."""
        filled = _PLACEHOLDER.sub(lambda found: self._key_of(found[1]), text)
        try:
            screenos.read(self.host, filled)
        except screenos.ScreenosError as error:
            raise LabError(f"{self.host}: line {error.number} is not understood as ScreenOS") from error
        self._handed, self._filled = text, filled

    def shown(self) -> str:
        """The text with every key hidden."""
        return _PRESHARE.sub(r'\1"<hidden>"', self._handed or "")
