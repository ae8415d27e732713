# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The devices of a lab: a Junos device with its database and sessions, and a third-party peer with its text."""

from __future__ import annotations

import re
import typing as t
from collections import Counter

import asyncssh

from tests.lab import peers
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
# A key in the text that is not a placeholder: the operator who entered it knows it, no other user needs to.
_PRESHARE = re.compile(r'(preshare |secret = |"key": )("(?!<)[^"]*"|(?!"<)\S+)')
_PLACEHOLDER = re.compile(r"<pre-shared-key of ([^<>\s]+)>")


class Device:
    """An emulated SRX: everything that outlives its sessions."""

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
        # The session that made the pending commit, where it used the standard's form.
        self.bound_to: int | None = None
        self._rollback_timer: Timer | None = None
        self._foreign_sessions: list[int] = []
        self.storage_percent: int | None = None
        self.logins = 0
        # How often each RPC has arrived.
        self.rpcs: Counter[str] = Counter()
        # How often each kind of commit has arrived: check, confirmed, confirm.
        self.commits: Counter[str] = Counter()
        # How many RPCs have arrived after each of them in the same session, and after its login.
        self.rpcs_after: Counter[str] = Counter()
        configuration = host.initial if host.initial is not None else _FACTORY.format(name=host.host_name or host.name)
        try:
            self.database = Database(
                host.name, clock, host.options.release, configuration, ike_daemon=host.options.flavour
            )
        except ValueError as error:
            raise LabError(str(error)) from error

    # --- for the network --------------------------------------------------------------------------

    def effective(self) -> Node:
        """Return the committed configuration with groups applied and inactive parts removed."""
        return self.database.effective()

    def operator_text(self) -> None:
        """Return None: no operator enters a text on a Junos device."""
        return

    # --- for sessions -----------------------------------------------------------------------------

    @property
    def the_network(self) -> Network:
        """Return the network the device is part of."""
        assert self.network is not None
        return self.network

    @property
    def is_rfc_compliant(self) -> bool:
        """Return whether ``system services netconf rfc-compliant`` is committed."""
        return self.effective().has("system", "services", "netconf", "rfc-compliant")

    def log(self, daemon: str, text: str, pid: int) -> None:
        """Write a line to the file ``messages``, as syslog does."""
        self.the_network.log(self.host).system(self.clock.now(), f"{daemon}[{pid}]", text)

    def log_lines(self, file: str) -> list[str]:
        """Return the lines of a log file, or of a copy sent to a URL. Raise ``LabError`` if there is no such file."""
        log = self.the_network.log(self.host)
        lines = log.sent[file].splitlines() if file in log.sent else log.lines(file)
        if lines is None:
            raise LabError(f"{self.host}: no log file {file}; there are {', '.join([*log.names(), *log.sent])}")
        return lines

    def committed_changed(self) -> None:
        """Tell the network that the committed configuration has changed: tunnels may come up or go down."""
        self.the_network.changed(self.host)

    def session_ended(self, session: Session) -> None:
        """Release the lock and the private copy of a session that has ended, and discard its uncommitted changes."""
        self.database.desk.leave(session.id)
        if self.bound_to == session.id and self.options.session_bound_confirm:
            self._roll_back()

    # --- confirmed commits ------------------------------------------------------------------------

    def pending_changed(self) -> None:
        """Restart the rollback timer after a commit or check, which has confirmed or renewed a pending commit."""
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
        """Set a standing fault, or inject a single one. Raise ``LabError`` if it is not possible."""
        if kind in STANDING:
            self.faults.add(kind, **details)
            return
        if kind not in OTHER_FAULTS:
            raise LabError(f"{kind}: no such fault; there are {', '.join(sorted(STANDING | set(OTHER_FAULTS)))}")
        try:
            getattr(self, f"_inject_{kind.replace('-', '_')}")(details)
        except DatabaseError as error:
            raise LabError(f"{self.host}: {kind}: {error}") from error

    def _inject_hold_lock(self, details: dict[str, t.Any]) -> None:
        session_id = self._enter_foreign_session(details)
        self.database.desk.lock(session_id)

    def _inject_dirty(self, details: dict[str, t.Any]) -> None:
        statement = details.get("statement") or "set system domain-name changed-by-another.example"
        session_id = self._enter_foreign_session(details)
        result = self.database.load(session_id, statement, "set", "set")
        if not result.ok:
            raise LabError(f"{self.host}: dirty: {statement}: {result.errors[0]}")

    def _inject_commit(self, details: dict[str, t.Any]) -> None:
        user = details.get("user") or "operator"
        self.database.desk.refuse_locked(0)
        result = self.database.load(0, details.get("statement") or "", "set", "set")
        problems = result.errors or tuple(self.database.commit(user, "cli"))
        if problems:
            self.database.rollback(0)
            raise LabError(f"{self.host}: commit: {details.get('statement')}: {problems[0]}")
        self.pending_changed()
        self.committed_changed()

    def _inject_fill_storage(self, details: dict[str, t.Any]) -> None:
        percent = int(details.get("percent") or 100)
        if not 0 <= percent <= 100:
            raise LabError(f"{self.host}: fill-storage: {percent} is not a percentage")
        self.storage_percent = percent

    def _inject_reboot(self, details: dict[str, t.Any]) -> None:
        self.is_down = True
        self.last_reboot_reason = "0x4000:VJUNOS reboot"
        seconds = float(details.get("seconds") or 0)
        self.cut_all()
        self._foreign_sessions.clear()
        self.database.desk.shared.restart(self.database.committed)
        self.the_network.reboot(self.host, seconds)
        self.clock.call_later(seconds, self._boot)

    def _boot(self) -> None:
        self.is_down = False
        self.booted_at = self.clock.now()
        # A pending commit does not survive the boot.
        self._roll_back()
        self.committed_changed()

    def _inject_flap(self, details: dict[str, t.Any]) -> None:
        if not details.get("vpn"):
            raise LabError(f"{self.host}: flap: give the VPN whose tunnel is to flap")
        try:
            self.the_network.flap(self.host, details["vpn"], float(details.get("seconds") or 0))
        except KeyError as error:
            raise LabError(f"flap: {error.args[0]}") from error

    def clear_faults(self) -> None:
        """Clear every fault: standing ones, the lock and the changes of another user, the full storage."""
        self.faults.clear()
        self.the_network.end_flaps(self.host)
        self.storage_percent = None
        for session_id in list(self._foreign_sessions):
            self.end_foreign_session(session_id)
            self.database.desk.shared.restart(self.database.committed)

    def end_foreign_session(self, session_id: int) -> bool:
        """End the session of another user that a fault has created. Return False if there is no such session."""
        if session_id not in self._foreign_sessions:
            return False
        self._foreign_sessions.remove(session_id)
        self.database.desk.leave(session_id)
        return True

    def _enter_foreign_session(self, details: dict[str, t.Any]) -> int:
        session_id = self.next_pid()
        self.database.desk.enter(session_id, details.get("user") or "operator", "p0")
        self._foreign_sessions.append(session_id)
        return session_id

    # --- for the lab ------------------------------------------------------------------------------

    def cut_all(self) -> None:
        """Drop every connection."""
        for session in list(self.sessions.values()):
            session.kill()
        for connection in list(self.connections):
            connection.abort()

    def describe(self) -> dict[str, t.Any]:
        """Return the device as plain data, for ``status``."""
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
            "rpcs": dict(self.rpcs),
            "commit_kinds": dict(self.commits),
            "rpcs_after": dict(self.rpcs_after),
            "clears": dict(self.the_network.clears[self.host]),
            "state": "down" if self.is_down else "commit pending" if pending is not None else "up",
        }


class ThirdPartyPeer:
    """A third-party device: only the text that its operator entered, with the key in it."""

    def __init__(self, host: str, kind: str, key_of: t.Callable[[str], str], options: DeviceOptions) -> None:
        self.host = host
        self.kind = kind
        self.options = options
        self._key_of = key_of
        self._entered: str | None = None
        self._filled: str | None = None

    def effective(self) -> None:
        """Return None: a third-party device has no Junos configuration."""
        return

    def operator_text(self) -> str | None:
        """Return the text with real keys; None until the operator has entered one."""
        return self._filled

    def enter(self, text: str) -> None:
        """Enter a new text. Raise ``LabError`` for a line that the device would refuse, or a key that is not known."""
        filled = _PLACEHOLDER.sub(lambda found: peers.fill(self.kind, self._key_of(found[1])), text)
        try:
            peers.read(self.kind, self.host, filled)
        except peers.PeerTextError as error:
            product = {"screenos": "ScreenOS"}.get(self.kind, self.kind)
            raise LabError(f"{self.host}: line {error.number} is not understood as {product}") from error
        self._entered, self._filled = text, filled

    def shown(self) -> str:
        """Return the text with every key hidden."""
        return _PRESHARE.sub(r'\1"<hidden>"', self._entered or "")
