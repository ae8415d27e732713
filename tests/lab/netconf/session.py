# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One NETCONF session: hello, one RPC after the other, and the end of the session."""

from __future__ import annotations

import asyncio
import logging
import typing as t
from collections import deque

from lxml import etree

from tests.lab.clock import stamp
from tests.lab.config.problems import Problem
from tests.lab.config.values import release_of
from tests.lab.faults import kind_of_commit
from tests.lab.netconf import commit, dispatch
from tests.lab.netconf.framing import END
from tests.lab.netconf.reply import Dialect, RpcFailed, local, syntax_error

if t.TYPE_CHECKING:
    from tests.lab.device import Device
    from tests.lab.faults import RpcFaults

# From this release on the device refuses an element without the namespace of its parent.
_STRICT = (24, 4)

_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True, remove_pis=True
)


class Session:
    """A client's session with a device. ``id`` is also the process id that lock messages name."""

    def __init__(
        self,
        device: Device,
        user: str,
        peer: str,
        write: t.Callable[[bytes], None],
        close: t.Callable[[bool], None],
    ) -> None:
        self.device = device
        self.user = user
        self.peer = peer
        self.id = device.next_pid()
        self.dialect = Dialect(device.options.release, device.is_rfc_compliant)
        self.closing = False
        self._write = write
        self._close = close
        self._inbox: deque[bytes] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._gone = False
        self._killed = False
        self._no_more = False
        # Its kind: the stage of a run that the session is in.
        self._last_commit = "login"

    def start(self) -> None:
        """Send what Junos sends first: two comments, then hello."""
        self.device.sessions[self.id] = self
        self.device.logins += 1
        self.device.database.desk.enter(self.id, self.user)
        self._send(
            "<!-- No zombies were killed during the creation of this user interface -->\n"
            f"<!-- user {self.user}, class j-super-user -->\n" + self.dialect.hello(self.id)
        )

    def received(self, message: bytes) -> None:
        """Queue one message. The device answers the RPCs of a session strictly one after the other."""
        self._inbox.append(message)
        if self._worker is None:
            self._worker = asyncio.get_running_loop().create_task(self._work())

    async def idle(self) -> None:
        """Return once the device has answered every message."""
        while self._worker is not None:
            await asyncio.shield(self._worker)

    def input_ended(self) -> None:
        """Close the session of a client that sends no more, once every message has its answer."""
        self._no_more = True
        if self._worker is None:
            self._hang_up()

    def ended(self) -> None:
        """End the session after its channel has closed. The current RPC completes first, as on a device."""
        self._gone = True
        self._inbox.clear()
        if self._worker is None:
            self._clean_up()

    def kill(self) -> None:
        """End the session from the device's side, without a message."""
        self._gone = self._killed = True
        self._inbox.clear()
        self._clean_up()
        self._close(True)

    def _clean_up(self) -> None:
        if self.device.sessions.pop(self.id, None) is not None:
            self.device.session_ended(self)

    async def _work(self) -> None:
        try:
            while self._inbox and not self.closing:
                await self._serve(self._inbox.popleft())
        finally:
            self._worker = None
            if self._gone:
                self._clean_up()
            elif self._no_more and not self.closing:
                self._hang_up()

    async def _serve(self, message: bytes) -> None:
        self.device.database.desk.touch(self.id)
        try:
            root = etree.fromstring(message, _PARSER)
        except etree.XMLSyntaxError as error:
            self._send(self.dialect.reply(self.dialect.problem(Problem(f"xml parse error: {error.msg}")), {}))
            self._hang_up()
            return
        name = local(root)
        if name == "hello":
            return
        attributes = _echo(root)
        request = next(root.iterchildren(etree.Element), None)
        if name != "rpc" or request is None:
            self._send(self.dialect.reply(self.dialect.failure(syntax_error(name)), attributes))
            return
        if b'xmlns=""' in message and release_of(self.device.options.release) >= _STRICT:
            name = next(local(one) for one in request.iter(etree.Element) if etree.QName(one).namespace is None)
            self._send(self.dialect.reply(self.dialect.failure(syntax_error(name)), attributes))
            return
        await self._answer(request, attributes)

    async def _answer(self, request: etree._Element, attributes: dict[str, str]) -> None:
        name, arguments = local(request), {local(child) for child in request}
        self.device.rpcs[name] += 1
        self.device.rpcs_after[self._last_commit] += 1
        if kind := kind_of_commit(name, arguments):
            self.device.commits[kind] += 1
            self._last_commit = kind
        fault = self.device.faults.on_rpc(name, arguments)
        if fault.cut_before:
            self.kill()
        if fault.cut_before or self.device.faults.swallows:
            return
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if self._killed:
            return
        if fault.refusal:
            problem = Problem(fault.refusal, error_type="application")
            self._reply(self.dialect.problem(problem), attributes, fault)
            return
        try:
            body = dispatch.answer(self, request)
        except RpcFailed as error:
            body = self.dialect.failure(error)
        except Exception:
            # An error of the lab, not of the device: without an answer the client would wait until its timeout.
            logging.getLogger(__name__).exception("%s: %s", self.device.host, local(request))
            body = self.dialect.problem(Problem("the lab failed to answer; its log says why", error_type="application"))
        body = fault.decorated(body)
        self._reply(commit.unclosed(body) if fault.malformed else body, attributes, fault)

    def _reply(self, body: str, attributes: dict[str, str], fault: RpcFaults) -> None:
        if fault.cut_after:
            self.kill()
        elif not fault.drop_reply:
            self._send(self.dialect.reply(body, attributes))
        if self.closing:
            self._hang_up()

    def _send(self, text: str) -> None:
        if not self._gone:
            self._write(text.encode("utf-8") + b"\n" + END + b"\n")

    def _hang_up(self) -> None:
        if not self._gone:
            self._write(f"<!-- session end at {stamp(self.device.clock.now())} -->\n".encode())
        self.closing = True
        self._close(False)


def _echo(root: etree._Element) -> dict[str, str]:
    """Return the attributes of an rpc, namespace declarations included: a device sends them all back."""
    found = {f"xmlns:{prefix}": uri for prefix, uri in root.nsmap.items() if prefix}
    for name, value in root.attrib.items():
        qualified = etree.QName(name)
        prefix = next((key for key, uri in root.nsmap.items() if key and uri == qualified.namespace), None)
        found[f"{prefix}:{qualified.localname}" if prefix else qualified.localname] = str(value)
    return found
