# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One session with one Junos device: operations, replies and errors, over the channel that the target asks for.

The only file that knows netutils and jxmlease.
"""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._device import rpc_log
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_channel import AsyncsshChannel
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.channel import Channel, ChannelLost, NotXml
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import login_error
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.target import Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import (
    ReplyNotUnderstood,
    ReplyRefused,
    SessionError,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.commit import commit_outcome
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.reply import tree

try:
    import jxmlease
    from netutils.password import decrypt_juniper_type9, encrypt_juniper_type9
except ImportError as error:  # The argument specs and the documentation must load without it.
    MISSING_LIBRARY: str | None = f"{error.name}"
else:
    MISSING_LIBRARY = None

# No XML document can have these; a device would end the session.
_ERROR = "rpc-error"
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

__all__ = ["KeyCodec9", "Reply", "Session", "Target", "plain_data"]

Reply = str


class KeyCodec9:
    """Junos's ``$9$`` encoding, by netutils."""

    def encode(self, plain: str) -> str:
        return str(encrypt_juniper_type9(plain))

    def decode(self, encoded: str) -> str:
        return str(decrypt_juniper_type9(encoded))


class Session:
    """An open session: operational requests, and the steps of a confirmed commit.

    Every method raises SessionError; its ``reason`` is ``unreachable``, ``authentication``, ``host_key``,
    ``controller`` (the trouble is on this side), ``locked``, ``lost`` (no reply: the request may have been carried
    out) or ``rejected``. A session that is lost is closed on this side already.
    """

    def __init__(self, target: Target) -> None:
        if MISSING_LIBRARY:
            raise login_error(
                target.host, "library", library=MISSING_LIBRARY, expected="installed", words="not installed"
            )
        self.target = target
        self.warnings: list[str] = []
        self._channel = _channel(target)
        self._is_open = False
        self._others: list[Session] = []

    def open(self) -> None:
        """Log in and exchange capabilities. No facts are gathered: one login, no request."""
        with self._noted("login") as login:
            self._channel.open()
            login.attempt = self._channel.tries
        self._is_open = True

    def close(self) -> None:
        """Leave; what the session had locked or not committed is given up by the device."""
        if self._is_open:
            self._is_open = False
            with self._noted("logout"):
                self._channel.close()

    def abandon(self) -> None:
        """Close the connection from another thread, under a request that does not end. Raise nothing.

        So end those of ``another`` too.
        """
        self._channel.abandon()
        for other in list(self._others):
            other.abandon()

    def another(self) -> Session:
        """Return a session with the same device that is not open yet. Its caller closes it."""
        other = Session(self.target)
        self._others.append(other)
        return other

    @property
    def until(self) -> float | None:
        """When the wait for a login or a reply ends (monotonic seconds), ``None`` where nothing is waited for."""
        return self._channel.until

    # --- asking ---

    def rpc(self, request: str, *, timeout: float | None = None) -> Reply:
        """Send one operational request (XML text) and return the reply as XML text, as the device wrote it.

        Raise ReplyRefused where the device answers an rpc-error, and ReplyNotUnderstood where the answer is no XML.
        """
        try:
            return self._execute(request, timeout)
        except NotXml as error:
            # A log may hold bytes that no XML may. The session goes on.
            raise ReplyNotUnderstood(
                f"{self.target.host}: {_tag(request)}: expected well-formed XML, actual {error}."
            ) from None
        except _RpcError as error:
            raise ReplyRefused(
                f"{self.target.host}: {_tag(request)}: expected a reply, actual error: {error}.", str(error)
            ) from None

    def statements(
        self, filter_xml: str = "", database: t.Literal["committed", "candidate"] = "committed"
    ) -> list[str]:
        """Return the configuration as set commands, groups not inherited; secrets are as stored.

        ``filter_xml`` is what ``get-configuration`` takes inside ``configuration`` to answer a part only.
        """
        return self._set_commands(
            f'<get-configuration database="{database}" format="set">'
            f"<configuration>{filter_xml}</configuration></get-configuration>"
        )

    def effective(self, filter_xml: str = "") -> list[str]:
        """Return what is in effect: the committed configuration as set commands, groups inherited.

        ``filter_xml`` is as for ``statements``.
        """
        wanted = f"<configuration>{filter_xml}</configuration>" if filter_xml else ""
        return self._set_commands(
            f'<get-configuration database="committed" inherit="inherit" format="set">{wanted}</get-configuration>'
        )

    def _set_commands(self, request: str) -> list[str]:
        reply = self._configure(request, "read the configuration", examine=False)
        text = tree(reply).findtext(".//configuration-set") or ""
        return [line.strip() for line in text.splitlines() if line.strip()]

    # --- changing ---

    def lock(self) -> None:
        """Take the shared candidate for this session alone."""
        self._configure("<lock-configuration/>", "lock the configuration", "locked")

    def unlock(self) -> None:
        self._configure("<unlock-configuration/>", "unlock the configuration")

    def open_private(self) -> None:
        """Work on a private copy of the candidate: it locks no other user out and ends with the session."""
        kept = list(self.warnings)
        self._configure("<open-configuration><private/></open-configuration>", "open a private candidate", "locked")
        # Junos always warns that a private candidate is discarded in the end, which is what it is opened for.
        self.warnings = kept

    def close_private(self) -> None:
        self._configure("<close-configuration/>", "close the private candidate")

    def load_replace(self, text: str) -> None:
        """Load curly text; what is tagged ``replace:`` replaces what the candidate holds."""
        self._configure(
            '<load-configuration action="replace" format="text">'
            f"<configuration-text>{escape(text)}</configuration-text></load-configuration>",
            "load the configuration",
        )

    def load_set(self, commands: t.Iterable[str]) -> None:
        """Load set and delete commands on top of what the candidate holds."""
        self._configure(
            '<load-configuration action="set" format="text">'
            f"<configuration-set>{escape(chr(10).join(commands))}</configuration-set></load-configuration>",
            "load set commands",
        )

    def compare(self, rollback: int = 0) -> str:
        """Return the candidate against a committed configuration in Junos's form, empty when equal."""
        reply = self._configure(
            f'<get-configuration compare="rollback" rollback={quoteattr(str(rollback))} format="text"/>',
            "compare the configuration",
            examine=False,
        )
        return (tree(reply).findtext(".//configuration-output") or "").strip("\n")

    def check(self) -> None:
        """Commit check. Never while a confirmed commit is pending: Junos takes it for the confirmation."""
        self._configure("<commit-configuration><check/></commit-configuration>", "commit check", slow=True)

    def commit_confirmed(self, minutes: int, comment: str) -> None:
        """Commit; the device rolls back after so many minutes unless the commit is confirmed.

        The native request: its ``confirm-timeout`` counts minutes, that of the RFC's ``<commit>`` counts seconds.
        """
        self._configure(
            f"<commit-configuration><confirmed/><confirm-timeout>{minutes}</confirm-timeout><log>{escape(comment)}</log></commit-configuration>",
            "commit confirmed",
            slow=True,
        )

    def commit(self, comment: str) -> None:
        """Commit the candidate; with nothing to change this confirms a pending confirmed commit."""
        self._configure(
            f"<commit-configuration><log>{escape(comment)}</log></commit-configuration>", "commit", slow=True
        )

    def load_rollback(self, number: int) -> None:
        """Make the candidate what was committed so many commits ago."""
        self._configure(f'<load-configuration rollback="{number}"/>', f"load rollback {number}")

    # --- the wire ---

    def _configure(
        self, request: str, action: str, reason: str = "rejected", *, slow: bool = False, examine: bool = True
    ) -> Reply:
        try:
            reply = self._execute(request, self.target.timeout * 3 if slow else None)
        except NotXml as error:
            # Some replies to commits have an element that is not closed: whether it was done must be asked for.
            raise SessionError(
                f"{self.target.host}: {action}: expected a reply, actual none ({error}).", "lost"
            ) from None
        except _RpcError as error:
            raise SessionError(
                f"{self.target.host}: {action}: expected to succeed, actual: {error}.", reason, str(error)
            ) from None
        if examine:
            self._examine(reply, action, reason)
        return reply

    def _examine(self, reply: Reply, action: str, reason: str) -> None:
        """Keep the warnings, and find the errors that old releases hide in a reply which looks like success."""
        outcome = commit_outcome(reply)
        for warning in outcome.warnings:
            if warning.message not in self.warnings:
                self.warnings.append(warning.message)
        if outcome.state == "failed":
            said = "; ".join(" ".join(filter(None, (one.path, one.element, one.message))) for one in outcome.errors)
            raise SessionError(f"{self.target.host}: {action}: expected to succeed, actual: {said}.", reason, said)

    def _execute(self, request: str, timeout: float | None = None) -> Reply:
        host = self.target.host
        if not self._is_open:
            raise SessionError(f"{host}: {_tag(request)}: expected an open session, actual closed.", "lost")
        if found := _NOT_IN_XML.search(request):
            raise SessionError(
                f"{host}: {_tag(request)}: expected a request without control characters, actual {found[0]!r} in it."
                " Correct the option or the variable that has it.",
                "bad_argument",
            )
        try:
            with self._noted(_tag(request), request) as exchange:
                text = self._channel.execute(request, timeout or self.target.timeout)
                exchange.end(text)
                self.warnings += [note for note in self._notes() if note not in self.warnings]
                return _checked(text)
        except ChannelLost as error:
            raise SessionError(f"{host}: {_tag(request)}: expected a reply, actual none ({error}).", "lost") from None

    def _noted(self, name: str, request: str | None = None) -> t.ContextManager[rpc_log.Exchange]:
        """Return the context that notes an RPC, a login or a logout in the log of RPCs."""
        return rpc_log.noted(self.target.host, name, request, (self.target.password, self.target.passphrase))

    def _notes(self) -> t.Iterator[str]:
        return (f"{self.target.host}: {note}." for note in self._channel.notes)


class _RpcError(Exception):
    """A reply with an rpc-error that is no warning, in the device's words."""


def _channel(target: Target) -> Channel:
    if target.transport == "pyez":
        # Most runs do without it, and its import costs more than the rest of a task.
        from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.pyez_channel import (
            PyezChannel,
        )

        return PyezChannel(target)
    return AsyncsshChannel(target)


def _checked(text: str) -> Reply:
    """Return a reply that is XML and no refusal. Raise _RpcError for what the device refuses, and NotXml.

    A parser makes the tree of a reply, once: here it is only read through.
    """
    try:
        # Whatever encoding the reply declares, the channel has decoded it.
        parser = expat.ParserCreate("utf-8")
        parser.Parse(text.encode("utf-8", "replace"), True)  # noqa: FBT003  expat takes no keyword: the last piece
        found = tree(text).iter(_ERROR) if _ERROR in text else ()
    except (expat.ExpatError, ReplyNotUnderstood) as error:
        raise NotXml(str(error)) from None
    except (RecursionError, MemoryError, ValueError) as error:
        raise NotXml(f"a reply that cannot be held ({type(error).__name__})") from None
    if errors := [error for error in found if _severity(error) != "warning"]:
        raise _RpcError(_words(errors))
    return text


def _severity(error: ET.Element) -> str:
    return (error.findtext("error-severity") or "").strip()


def plain_data(reply: Reply) -> t.Any:
    """Return a reply as mappings, lists and strings, for playbooks that want what the parsers do not read."""
    return _plain(jxmlease.parse(reply, strip_namespace=True))


def _plain(node: t.Any) -> t.Any:
    if isinstance(node, dict):
        return {str(name): _plain(child) for name, child in node.items()}
    if isinstance(node, list):
        return [_plain(child) for child in node]
    return str(node).strip()


def _tag(request: str) -> str:
    return request.lstrip("<").split(">")[0].split()[0].rstrip("/")


def _words(errors: t.Iterable[ET.Element]) -> str:
    """Return what the device said, one sentence per rpc-error: edit path, element, message."""
    sentences: list[str] = []
    for error in errors:
        parts = (error.findtext("error-path"), error.findtext("error-info/bad-element"))
        place = " ".join(" ".join(part.split()) for part in parts if part and part.strip())
        message = " ".join((error.findtext("error-message") or "").split())
        sentence = f"{place}: {message}" if place else message
        if sentence and sentence not in sentences:
            sentences.append(sentence)
    return mask("; ".join(sentences) or "an rpc-error without words").rstrip(".")
