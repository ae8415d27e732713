# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The conditions for trusting a host key, and the errors where it does not meet them."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import known_hosts
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import login_error, lower_first
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.regular_files import require_regular
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.revoked_keys import is_revoked
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_config import SSH_PORT, SshSettings
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError, shortened

Verdict = t.Literal["known", "unknown", "changed", "revoked"]


class HostKeys:
    """The keys that the files of known hosts list for a host. ``checking`` off trusts any key."""

    def __init__(self, settings: SshSettings, *, checking: bool) -> None:
        self.settings = settings
        self.checking = checking
        if checking:
            for path in settings.known_hosts:
                require_regular("file of known hosts", path)
            require_regular("RevokedHostKeys", settings.revoked_keys or os.devnull)
        without_port = None
        if settings.key_alias is None and settings.port != SSH_PORT:
            without_port = settings.hostname.lower()
        self.listed = known_hosts.keys_of(settings.known_hosts, settings.known_as) if checking else ()
        # As for ssh, an entry without a port makes a key known, and never one that has changed.
        self._without_port = (
            known_hosts.keys_of(settings.known_hosts, without_port)
            if checking and without_port is not None and not self._of("key", "cert-authority")
            else ()
        )

        # A key that is known and revoked is revoked.
        every = (*self.listed, *self._without_port)
        self.trusted = [key for key in every if key.kind == "key"]
        self.authorities = [key for key in every if key.kind == "cert-authority"]
        self.revoked = [key for key in every if key.kind == "revoked" or self._is_revoked(key.text)]

    def verdict(self, algorithm: str, data: bytes) -> Verdict:
        """Return what a host's key is."""
        if any(key.data == data for key in self.revoked) or self._is_revoked(known_hosts.text_of(algorithm, data)):
            return "revoked"
        if any(key.data == data for key in self.trusted):
            return "known"
        return "changed" if any(key.algorithm == algorithm for key in self._of("key")) else "unknown"

    def accepts(self, algorithm: str, data: bytes) -> bool:
        """Whether ssh would go on, and list a new key where StrictHostKeyChecking has it so."""
        if not self.checking:
            return True
        verdict = self.verdict(algorithm, data)
        if verdict == "unknown" and self.settings.strict in ("no", "accept-new"):
            self._add(known_hosts.text_of(algorithm, data))
            return True
        return verdict == "known" or (verdict != "unknown" and self.settings.strict == "no")

    def error(self, where: str, algorithm: str, data: bytes) -> SessionError:
        """Return the error of a key that is not accepted."""
        return self.error_of(where, self.verdict(algorithm, data), algorithm, known_hosts.fingerprint(data))

    def error_of(self, where: str, verdict: Verdict, algorithm: str, fingerprint: str) -> SessionError:
        """Return the error of a key of which no more than the fingerprint is known."""
        kind = f"{algorithm.upper().removeprefix('SSH-')} " if algorithm else ""
        # Where any new key is taken, ssh does not mind.
        unread = known_hosts.unread(self.settings.known_hosts) if self.settings.strict != "no" else None
        if verdict == "unknown" and unread is not None:
            file, words = unread
            return login_error(
                where,
                "known_hosts_unread",
                # A long path would hide the reason in a message of few characters.
                name=shortened("/".join(Path(file).parts[-2:])),
                file=file,
                words=lower_first(words),
                algorithm=kind,
                fingerprint=fingerprint,
            )
        found = self.revoked if verdict == "revoked" else self._of("key") or self.trusted
        same = next((key for key in found if key.algorithm == algorithm), found[0] if found else None)
        return login_error(
            where,
            f"host_key_{verdict}",
            algorithm=kind,
            fingerprint=fingerprint,
            known=same.fingerprint if same else "another",
            file=same.place if same else "known_hosts",
            name=self.settings.known_as,
            add=self._how_to_add(),
        )

    def _is_revoked(self, text: str) -> bool:
        file = self.settings.revoked_keys
        return self.checking and file is not None and is_revoked(file, text)

    def _of(self, *kinds: known_hosts.Kind) -> list[known_hosts.KnownKey]:
        return [key for key in self.listed if key.kind in kinds]

    def _how_to_add(self) -> str:
        settings = self.settings
        file = settings.known_hosts[0] if settings.known_hosts else "~/.ssh/known_hosts"
        if settings.jump is None and settings.proxy_command is None and settings.key_alias is None:
            return f"ssh-keyscan -p {settings.port} {settings.hostname} >> {file}"
        return f"ssh -p {settings.port} {settings.name}, which asks and adds it to {file}"

    def _add(self, text: str) -> None:
        if not self.settings.known_hosts:
            return
        try:
            known_hosts.add(self.settings.known_hosts[0], self.settings.known_as, text)
        except OSError:
            # ssh goes on too.
            return
