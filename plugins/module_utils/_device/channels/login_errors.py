# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Each way of not getting in, with a sentence of its own. The channels say which one it was, from their own errors."""

from __future__ import annotations

import errno
import os
import re
import resource
import socket
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError, full_stop

# Kind: the reason that playbooks test, the sentence after the place, and the remedy.
_SENTENCES: t.Mapping[str, tuple[str, str, str]] = {
    "refused": (
        "unreachable",
        "{service}: expected an answer, actual connection refused.",
        "Check ansible_host, ansible_port and 'set system services netconf ssh'.",
    ),
    "timed_out": (
        "unreachable",
        "{service}: expected a connection within {seconds:g} s, actual none.",
        "Check the address, the path to it and the firewalls on it.",
    ),
    "no_path": (
        "unreachable",
        "{service}: expected an answer, actual {words}.",
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
        "SSH: expected a login, actual the other end closed the connection before it, {times}.",
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
    "known_hosts_unread": (
        "controller",
        "known hosts {name}: expected readable, actual {words}; no other file lists the {algorithm}key {fingerprint}.",
        "Let the user of this run read {file}, or name another file with UserKnownHostsFile.",
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
        "{remedy}Try it by hand: {by_hand}",
    ),
    "proxy_command": (
        "unreachable",
        "ProxyCommand {program!r}: expected a connection, actual {words}.",
        "Run it by hand: 'ssh -G' shows it with its arguments.",
    ),
    "broken_proxy_command": (
        "controller",
        "ProxyCommand {program!r}: expected to run, actual {words}.",
        "Correct it in the SSH configuration.",
    ),
    "agent": (
        "controller",
        "SSH agent {path}: expected an answer within {seconds:g} s, actual none.",
        "Restart the agent, or do without it: IdentityAgent none.",
    ),
    "descriptors": (
        "controller",
        "file descriptors of this controller: expected a free one, actual all {limit} in use.",
        "Raise the limit before the run with ulimit -n: a session takes 2 with nhtb_transport asyncssh, 6 with pyez.",
    ),
    "too_few_descriptors": (
        "controller",
        "file descriptors: expected {needed} for {count} devices with {transport} ({cost} each), actual limit {limit}.",
        "{ways}.",
    ),
    "too_few_threads": (
        "controller",
        "threads: expected {needed} for {count} devices with {transport}, actual {free} free of the {name}'s {limit}.",
        "{ways}.",
    ),
    "library": (
        "missing_library",
        "Python library {library}: expected {expected}, actual {words}.",
        "Install the collection's meta/ee-requirements.txt where ansible-core runs.",
    ),
    "file": (
        "controller",
        "{option} {path}: expected a regular file, actual {words}.",
        "Correct the SSH configuration, or the variables of this host.",
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
# OpenSSH says so in clear and hangs up; so does a ProxyCommand that is one.
_BUSY = re.compile(
    rb"Exceeded MaxStartups|Not allowed at this time|kex_exchange_identification|banner exchange|Connection reset"
    rb"|Connection closed by"
)
# Kinds whose remedy is as good for a bastion.
_FOR_ANY_HOST = frozenset({"cut", "no_algorithm", "key_missing", "key_encrypted", "key_unreadable"})
_NO_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE})


def reason_of(kind: str) -> str:
    """Return the reason that playbooks test."""
    return _SENTENCES[kind][0]


class CutShort(Exception):
    """Raised where the other end closed the connection before the login, which another try may get past.

    ``by_device``: a bastion carried the words of the device, so the bastion is not the one that is busy.
    """

    def __init__(self, *, by_device: bool = False) -> None:
        self.by_device = by_device
        super().__init__()


class LoginError(SessionError):
    """A way of not getting in. ``kind`` is its name, ``words`` the sentence without host and remedy."""

    def __init__(self, where: str, kind: str, facts: t.Mapping[str, t.Any], service: str = "NETCONF over SSH") -> None:
        reason, sentence, remedy = _SENTENCES[kind]
        self.kind = kind
        self.facts = facts
        self.words = sentence.format(service=service, **facts)
        self.remedy = remedy.format(**facts)
        super().__init__(f"{where}: {self.words} {self.remedy}", reason)


def login_error(where: str, kind: str, **facts: t.Any) -> LoginError:
    """Return the error of one way of not getting in. ``where`` names the host and its address."""
    return LoginError(where, kind, facts)


def cut_error(where: str, tries: int) -> LoginError:
    """Return the error of a login that the other end cut at each of so many tries."""
    return login_error(where, "cut", times="once" if tries == 1 else f"{tries} times")


def bastion_error(where: str, bastion: str, by_hand: str, cause: SessionError) -> LoginError:
    """Return the error of a device whose bastion cannot be logged in to. ``by_hand`` is a command to try it."""
    if not isinstance(cause, LoginError):
        return login_error(where, "bastion", bastion=bastion, words=lower_first(str(cause)), remedy="", by_hand=by_hand)
    if cause.kind == "bastion":
        # Of a bastion before this one, which it names.
        error = LoginError(where, cause.kind, cause.facts)
    else:
        words = LoginError(where, cause.kind, cause.facts, service="SSH").words
        # What to check about ansible_host and ansible_user is about the device.
        is_about_bastion = cause.reason not in ("unreachable", "authentication") or cause.kind in _FOR_ANY_HOST
        error = login_error(where, "bastion", bastion=bastion, words=lower_first(words), by_hand=by_hand,
                            remedy=f"{full_stop(cause.remedy)} " if is_about_bastion else "")  # fmt: skip
    # A host key that is not trusted is never an unreachable device.
    error.reason = "unreachable" if cause.reason == "authentication" else cause.reason
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
    if isinstance(error, OSError) and error.errno is not None:
        return socket_error(where, error, 0)
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


def is_busy(said: bytes) -> bool:
    """Whether a server, or a command in front of it, says that it takes no more logins at this moment."""
    return bool(_BUSY.search(said))


def lower_first(words: str) -> str:
    """Return words of a library so that they fit into a sentence, without its full stop."""
    words = " ".join(words.split()).rstrip(".")
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def quoted(data: bytes) -> str:
    """Return the first line of what another service says, made printable."""
    lines = data.lstrip().splitlines() or [data]
    text = "".join(sign if sign.isprintable() else "?" for sign in lines[0][:_QUOTED_BYTES].decode("latin-1"))
    return f"'{text}'"
