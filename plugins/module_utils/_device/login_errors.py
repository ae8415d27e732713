# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Each way of not getting in, with a sentence of its own. The channels say which one it was, from their own errors."""

from __future__ import annotations

import errno
import os
import resource
import socket
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError

# Kind: the reason that playbooks test, the sentence after the place, and the remedy.
_SENTENCES: t.Mapping[str, tuple[str, str, str]] = {
    "refused": (
        "unreachable",
        "NETCONF over SSH: expected an answer, actual connection refused.",
        "Check ansible_host, ansible_port and 'set system services netconf ssh'.",
    ),
    "timed_out": (
        "unreachable",
        "NETCONF over SSH: expected a connection within {seconds:g} s, actual none.",
        "Check the address, the path to it and the firewalls on it.",
    ),
    "no_path": (
        "unreachable",
        "NETCONF over SSH: expected an answer, actual {words}.",
        "Check the address and the path to it.",
    ),
    "unknown_name": (
        "unreachable",
        "address: expected a name that resolves, actual {words}.",
        "Check ansible_host and the name server.",
    ),
    "silent": (
        "unreachable",
        "SSH: expected {awaited} within {seconds:g} s, actual connected and silent.",
        "Check the SSH service of the device, and what stands between: a firewall may take the connection for it.",
    ),
    "not_ssh": (
        "unreachable",
        "SSH: expected a version line, actual {words}.",
        "Another service listens there: check ansible_port.",
    ),
    "cut": (
        "unreachable",
        "SSH: expected a login, actual the other end closed the connection before it, {tries} times.",
        "Its limit of connections may be reached (Junos: connection-limit and rate-limit of 'system services netconf"
        " ssh'; OpenSSH: MaxStartups).",
    ),
    "no_algorithm": (
        "unreachable",
        "SSH {what}: expected an algorithm in common, actual none: {words}.",
        "Upgrade the older end, or allow one of its algorithms in the SSH configuration.",
    ),
    "no_subsystem": (
        "unreachable",
        "SSH subsystem netconf: expected to start, actual refused ({words}).",
        "Check 'set system services netconf ssh', and ansible_port: 830, or 22 where netconf is allowed there.",
    ),
    "no_hello": (
        "unreachable",
        "NETCONF hello: expected one, actual {words}.",
        "Check the NETCONF service of the device.",
    ),
    "login_refused": (
        "authentication",
        "login as {user}: expected to be accepted, actual refused; tried {tried}.",
        "Check ansible_user with ansible_password or ansible_ssh_private_key_file.",
    ),
    "key_missing": (
        "authentication",
        "SSH key {path}: expected a private key, actual no such file; login as {user} refused; tried {tried}.",
        "Correct ansible_ssh_private_key_file or IdentityFile.",
    ),
    "key_encrypted": (
        "authentication",
        "SSH key {path}: expected a key that can be read, actual encrypted, and {words};"
        " login as {user} refused; tried {tried}.",
        "Add the key to an agent with ssh-add, or set ansible_ssh_private_key_passphrase.",
    ),
    "key_unreadable": (
        "authentication",
        "SSH key {path}: expected a private key, actual {words}; login as {user} refused; tried {tried}.",
        "Check the file and who may read it.",
    ),
    "host_key_unknown": (
        "host_key",
        "SSH host key: expected one listed in known_hosts, actual unknown {algorithm}key {fingerprint}.",
        "Compare the fingerprint with the device's, then add the key: {add}",
    ),
    "host_key_changed": (
        "host_key",
        "SSH host key: expected {known} of {file}, actual CHANGED to {algorithm}key {fingerprint}."
        " Another device answers at this address, or the connection is intercepted. Nothing was sent.",
        "Find out why before anything else. Only if the device was replaced or its keys were made anew: compare the"
        " fingerprint on its console, remove the old key with ssh-keygen -R '{name}', then: {add}",
    ),
    "host_key_revoked": (
        "host_key",
        "SSH host key: expected a key that is trusted, actual {algorithm}key {fingerprint}, REVOKED in {file}."
        " Nothing was sent.",
        "Do not use the device until its host key is made anew and known.",
    ),
    "host_certificate": (
        "host_key",
        "SSH host certificate: expected one that a known authority signed for {name}, actual {words}.",
        "Compare it with the authority's, and its dates with the clock of this controller.",
    ),
    "bastion": (
        "unreachable",
        "bastion {bastion}: expected to carry the connection, actual: {words}.",
        "Try it by hand: ssh {bastion}",
    ),
    "proxy_command": (
        "unreachable",
        "ProxyCommand {command!r}: expected a connection, actual {words}.",
        "Run the command by hand.",
    ),
    "broken_proxy_command": (
        "controller",
        "ProxyCommand {command!r}: expected to run, actual {words}.",
        "Correct it in the SSH configuration.",
    ),
    "descriptors": (
        "controller",
        "file descriptors of this controller: expected a free one, actual all {limit} in use.",
        "Raise the limit with ulimit -n, or lower nhtb_sessions.",
    ),
    "library": (
        "missing_library",
        "Python library {library}: expected {expected}, actual {words}.",
        "Install the collection's meta/ee-requirements.txt where ansible-core runs.",
    ),
    "ssh_config": (
        "controller",
        "SSH configuration: expected to be read, actual {words}.",
        "Correct nhtb_ssh_config, or the ansible_ssh_*_args of this host.",
    ),
    "other": (
        "unreachable",
        "session: expected to open, actual {words}.",
        "Check the path to the device and its SSH service.",
    ),
}
KINDS = frozenset(_SENTENCES)
_NO_PATH = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.EADDRNOTAVAIL, errno.EACCES})
_QUOTED_BYTES = 60
_NO_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE})


def reason_of(kind: str) -> str:
    """Return the reason that playbooks test."""
    return _SENTENCES[kind][0]


class LoginError(SessionError):
    """A way of not getting in. ``kind`` is its name, ``words`` the sentence without host and remedy."""

    def __init__(self, where: str, kind: str, facts: t.Mapping[str, t.Any]) -> None:
        reason, sentence, remedy = _SENTENCES[kind]
        self.kind = kind
        self.words = sentence.format(**facts)
        self.remedy = remedy.format(**facts)
        super().__init__(f"{where}: {self.words} {self.remedy}", reason)


def login_error(where: str, kind: str, **facts: t.Any) -> LoginError:
    """Return the error of one way of not getting in. ``where`` names the host and its address."""
    return LoginError(where, kind, facts)


def bastion_error(where: str, bastion: str, cause: SessionError) -> LoginError:
    """Return the error of a device whose bastion cannot be logged in to."""
    words = cause.words if isinstance(cause, LoginError) else str(cause)
    remedy = cause.remedy if isinstance(cause, LoginError) else ""
    if cause.reason in ("unreachable", "authentication"):
        return login_error(where, "bastion", bastion=bastion, words=lower_first(words))
    # A host key that is not trusted is never an unreachable device.
    error = login_error(where, "bastion", bastion=bastion, words=f"{lower_first(words)}. {remedy}".rstrip("."))
    error.reason = cause.reason
    return error


def socket_error(where: str, error: OSError, seconds: float) -> LoginError:
    """Return the error of a connection that was not established within so many seconds."""
    if error.errno in _NO_DESCRIPTORS:
        return login_error(where, "descriptors", limit=resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    if isinstance(error, socket.gaierror):
        return login_error(where, "unknown_name", words=lower_first(error.strerror or str(error)))
    if isinstance(error, TimeoutError) or error.errno == errno.ETIMEDOUT:
        return login_error(where, "timed_out", seconds=seconds)
    if isinstance(error, ConnectionRefusedError):
        return login_error(where, "refused")
    words = lower_first(os.strerror(error.errno) if error.errno else str(error) or type(error).__name__)
    return login_error(where, "no_path" if error.errno in _NO_PATH else "other", words=words)


def unforeseen(where: str, error: Exception) -> SessionError:
    """Return the error of an exception that a library raised about something else than it was asked."""
    if isinstance(error, SessionError):
        return error
    if not _has_descriptors():
        # Whoever needed one tells of it in words of its own: that no key, no user and no module is there.
        return socket_error(where, OSError(errno.EMFILE, ""), 0)
    return login_error(where, "other", words=lower_first(str(error) or type(error).__name__))


def _has_descriptors() -> bool:
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno not in _NO_DESCRIPTORS
    return True


def lower_first(words: str) -> str:
    """Return words of a library so that they fit into a sentence, without its full stop."""
    words = " ".join(words.split()).rstrip(".")
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def quoted(data: bytes) -> str:
    """Return the first line of what another service says, made printable."""
    lines = data.lstrip().splitlines() or [data]
    text = "".join(sign if sign.isprintable() else "?" for sign in lines[0][:_QUOTED_BYTES].decode("latin-1"))
    return f"'{text}'"
