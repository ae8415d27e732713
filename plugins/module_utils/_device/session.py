# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One NETCONF session with one Junos device. The only file that knows PyEZ, ncclient and netutils."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import (
    ReplyNotUnderstood,
    ReplyRefused,
    SessionError,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.commit import commit_outcome

try:
    import jxmlease
    from jnpr.junos import Device
    from jnpr.junos import exception as ez
    from lxml import etree
    from ncclient import NCClientError
    from ncclient.transport.errors import SSHUnknownHostError
    from netutils.password import decrypt_juniper_type9, encrypt_juniper_type9
except ImportError as error:  # The argument specs and the documentation must load without it.
    MISSING_LIBRARY: str | None = f"{error.name}"
else:
    MISSING_LIBRARY = None

Reply = str


@dataclass(frozen=True)
class Target:
    """Where a device is and how to log in. ``timeout``: seconds one RPC may take; a commit may take thrice that."""

    host: str
    address: str
    port: int = 830
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    key_file: str | None = None
    ssh_config: str | None = None
    host_key_checking: bool = True
    timeout: int = 60


class KeyCodec9:
    """Junos's C($9$) encoding, by netutils."""

    def encode(self, plain: str) -> str:
        return str(encrypt_juniper_type9(plain))

    def decode(self, encoded: str) -> str:
        return str(decrypt_juniper_type9(encoded))


class Session:
    """An open session: operational requests, and the steps of a confirmed commit.

    Every method raises SessionError; its ``reason`` is C(unreachable), C(authentication), C(host_key), C(locked),
    C(lost) (no reply: the request may have been carried out) or C(rejected).
    """

    def __init__(self, target: Target) -> None:
        if MISSING_LIBRARY:
            raise SessionError(
                f"{target.host}: Python library: expected {MISSING_LIBRARY}, actual not installed."
                " Install the collection's meta/ee-requirements.txt where ansible-core runs.",
                "missing_library",
            )
        self.target = target
        self.warnings: list[str] = []
        self._device: t.Any = None

    def open(self) -> None:
        """Log in and exchange capabilities. No facts are gathered: one login, no request."""
        target = self.target
        where = f"{target.host} ({target.address} port {target.port})"
        try:
            self._device = Device(
                host=target.address,
                port=target.port,
                user=target.user,
                passwd=target.password,
                ssh_private_key_file=target.key_file,
                ssh_config=target.ssh_config,
                hostkey_verify=target.host_key_checking,
                gather_facts=False,
                huge_tree=True,
            )
            self._device.open()
            self._device.timeout = target.timeout
        except ez.ConnectAuthError:
            raise SessionError(
                f"{where}: login as {target.user}: expected to be accepted, actual refused."
                " Check ansible_user with ansible_password or ansible_ssh_private_key_file.",
                "authentication",
            ) from None
        except ez.ConnectRefusedError:
            raise SessionError(
                f"{where}: NETCONF over SSH: expected an answer, actual connection refused."
                " Check ansible_host, ansible_port and 'set system services netconf ssh'.",
                "unreachable",
            ) from None
        except (ez.ConnectTimeoutError, ez.ConnectUnknownHostError) as error:
            raise SessionError(
                f"{where}: NETCONF over SSH: expected an answer, actual {type(error).__name__}."
                " Check the address and the path to it.",
                "unreachable",
            ) from None
        except ez.ConnectError as error:
            raise _connect_error(where, getattr(error, "_orig", error)) from None
        except (OSError, ValueError) as error:
            raise SessionError(
                f"{where}: session: expected to open, actual {error}. Check the ansible_ variables of this host.",
                "unreachable",
            ) from None

    def close(self) -> None:
        """Leave; what the session had locked or not committed is given up by the device."""
        device, self._device = self._device, None
        if device is None:
            return
        try:
            device.close()
        except (NCClientError, ez.RpcError, ez.ConnectError, OSError, EOFError, AttributeError):
            # A dead link fails in whichever library notices first, and there is nothing left to say to the device.
            return

    def abandon(self) -> None:
        """Close the connection from another thread, under a request that does not end. Raise nothing."""
        try:
            self._device._conn._session.transport.close()
        except Exception:
            # Whatever a half-open or half-closed library object raises: there is nothing more to be done with it.
            return

    # --- asking ---

    def rpc(self, request: str, *, timeout: int | None = None) -> Reply:
        """Send one operational request (XML text) and answer the reply as XML text, without namespaces.

        Raises ReplyRefused where the device answers an rpc-error, and ReplyNotUnderstood where the answer is no XML.
        """
        try:
            return self._execute(request, timeout)
        except etree.XMLSyntaxError as error:
            # A log may hold bytes that no XML may. The session goes on.
            raise ReplyNotUnderstood(
                f"{self.target.host}: {_tag(request)}: expected well-formed XML, actual {error.msg}."
            ) from None
        except ez.RpcError as error:
            said = _words(error)
            raise ReplyRefused(
                f"{self.target.host}: {_tag(request)}: expected a reply, actual error: {said}.", said
            ) from None

    def encoded_keys(self, group: str) -> dict[str, str]:
        """The encoded pre-shared keys that the committed configuration holds in a group, by IKE policy."""
        reply = self._configure(
            '<get-configuration database="committed"><configuration><groups>'
            f"<name>{escape(group)}</name><security><ike><policy/></ike></security></groups></configuration></get-configuration>",
            "read the configuration",
            judge=False,
        )
        policies = ET.fromstring(reply).iterfind(".//groups/security/ike/policy")
        return {
            policy.findtext("name", "").strip(): policy.findtext("pre-shared-key/ascii-text", "").strip()
            for policy in policies
        }

    def statements(
        self, filter_xml: str = "", database: t.Literal["committed", "candidate"] = "committed"
    ) -> list[str]:
        """The configuration as set commands, groups not inherited; secrets are as stored.

        ``filter_xml`` is what C(get-configuration) takes inside C(configuration) to answer a part only.
        """
        return self._set_commands(
            f'<get-configuration database="{database}" format="set">'
            f"<configuration>{filter_xml}</configuration></get-configuration>"
        )

    def effective(self) -> list[str]:
        """What is in effect: the committed configuration as set commands, groups inherited; secrets are as stored."""
        return self._set_commands('<get-configuration database="committed" inherit="inherit" format="set"/>')

    def _set_commands(self, request: str) -> list[str]:
        reply = self._configure(request, "read the configuration", judge=False)
        text = ET.fromstring(reply).findtext(".//configuration-set") or ""
        return [line.strip() for line in text.splitlines() if line.strip()]

    # --- changing ---

    def lock(self) -> None:
        """Take the shared candidate for this session alone."""
        self._configure("<lock-configuration/>", "lock the configuration", "locked")

    def unlock(self) -> None:
        self._configure("<unlock-configuration/>", "unlock the configuration")

    def open_private(self) -> None:
        """Work on a private copy of the candidate: it shuts nobody out and is gone with the session."""
        kept = list(self.warnings)
        self._configure("<open-configuration><private/></open-configuration>", "open a private candidate", "locked")
        # Junos always warns that a private candidate is discarded in the end, which is what it is opened for.
        self.warnings = kept

    def close_private(self) -> None:
        self._configure("<close-configuration/>", "close the private candidate")

    def load_replace(self, text: str) -> None:
        """Load curly text; what is tagged C(replace:) replaces what the candidate holds."""
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
        """The candidate against a committed configuration in Junos's form; empty when equal. Secrets are as stored."""
        reply = self._configure(
            f'<get-configuration compare="rollback" rollback={quoteattr(str(rollback))} format="text"/>',
            "compare the configuration",
            judge=False,
        )
        return (ET.fromstring(reply).findtext(".//configuration-output") or "").strip("\n")

    def check(self) -> None:
        """Commit check. Never while a confirmed commit is pending: Junos takes it for the confirmation."""
        self._configure("<commit-configuration><check/></commit-configuration>", "commit check", slow=True)

    def commit_confirmed(self, minutes: int, comment: str) -> None:
        """Commit what is undone after so many minutes unless confirmed.

        The native request: its C(confirm-timeout) counts minutes, that of the RFC's C(<commit>) counts seconds.
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
        self, request: str, action: str, reason: str = "rejected", *, slow: bool = False, judge: bool = True
    ) -> Reply:
        try:
            reply = self._execute(request, self.target.timeout * 3 if slow else None)
        except etree.XMLSyntaxError as error:
            # Some replies to commits have an element that is not closed: whether it was done must be asked for.
            raise SessionError(
                f"{self.target.host}: {action}: expected a reply, actual none ({error.msg}).", "lost"
            ) from None
        except ez.RpcError as error:
            said = _words(error)
            raise SessionError(
                f"{self.target.host}: {action}: expected to succeed, actual: {said}.", reason, said
            ) from None
        if judge:
            self._judge(reply, action, reason)
        return reply

    def _judge(self, reply: Reply, action: str, reason: str) -> None:
        """Keep the warnings, and find the errors that old releases hide in a reply which looks like success."""
        outcome = commit_outcome(reply)
        for warning in outcome.warnings:
            if warning.message not in self.warnings:
                self.warnings.append(warning.message)
        if outcome.state == "failed":
            said = "; ".join(" ".join(filter(None, (one.path, one.element, one.message))) for one in outcome.errors)
            raise SessionError(f"{self.target.host}: {action}: expected to succeed, actual: {said}.", reason, said)

    def _execute(self, request: str, timeout: int | None = None) -> Reply:
        host = self.target.host
        if self._device is None:
            raise SessionError(f"{host}: {_tag(request)}: expected an open session, actual closed.", "lost")
        try:
            reply = self._device.execute(
                etree.fromstring(request), ignore_warning=True, dev_timeout=timeout or self.target.timeout
            )
        except (ez.RpcTimeoutError, ez.ConnectClosedError) as error:
            raise SessionError(
                f"{host}: {_tag(request)}: expected a reply, actual none ({type(error).__name__}).", "lost"
            ) from None
        except (ez.RpcError, etree.XMLSyntaxError):
            raise
        except (OSError, EOFError, AttributeError) as error:
            # ncclient lets through whatever a dying transport raises below it.
            raise SessionError(f"{host}: {_tag(request)}: expected a reply, actual none ({error}).", "lost") from None
        if not etree.iselement(reply):
            return "<rpc-reply/>"
        root = reply.getroottree().getroot()
        return str(etree.tostring(root, encoding="unicode", with_tail=False))


def plain_data(reply: Reply) -> t.Any:
    """A reply as mappings, lists and strings, for playbooks that want what the parsers leave out."""
    return _plain(jxmlease.parse(reply))


def _plain(node: t.Any) -> t.Any:
    if isinstance(node, dict):
        return {str(name): _plain(child) for name, child in node.items()}
    if isinstance(node, list):
        return [_plain(child) for child in node]
    return str(node).strip()


def _connect_error(where: str, error: BaseException) -> SessionError:
    if isinstance(error, SSHUnknownHostError):
        return SessionError(
            f"{where}: SSH host key: expected one listed in known_hosts, actual unknown key {error.fingerprint}."
            " Compare it with the device's, then add it, for example with ssh-keyscan.",
            "host_key",
        )
    return SessionError(
        f"{where}: session: expected to open, actual {error or type(error).__name__}."
        " Check the path to the device and its SSH service.",
        "unreachable",
    )


def _tag(request: str) -> str:
    return request.lstrip("<").split(">")[0].split()[0].rstrip("/")


def _words(error: t.Any) -> str:
    """What the device said, one sentence per rpc-error: edit path, element, message."""
    sentences: list[str] = []
    for entry in error.errs or [{"message": str(error)}]:
        place = " ".join(str(entry[key]).strip() for key in ("edit_path", "bad_element") if entry.get(key))
        message = " ".join(str(entry.get("message") or "").split())
        sentence = f"{place}: {message}" if place else message
        if sentence and sentence not in sentences:
            sentences.append(sentence)
    return mask("; ".join(sentences)).rstrip(".")
