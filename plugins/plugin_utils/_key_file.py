# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The file that a host's new key goes to: what must be true of it, and its two names while the devices change."""

from __future__ import annotations

import os
import typing as t
from contextlib import suppress
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, Problem
from ansible_collections.hubspoke.srx.plugins.plugin_utils._vault import KEY, variables_in

_READ_BY_ANSIBLE = ("", ".yml", ".yaml", ".json")


class KeyFile:
    """``path`` has the key that holds; ``new`` beside it has the one that is about to."""

    def __init__(self, host: str, path: str) -> None:
        self.host = host
        self.path = Path(path).expanduser().resolve()
        self.new = self.path.with_name(f"{self.path.name}.new")
        self._made_folder = False

    # --- before any device is spoken to ---

    def problems(self, others: t.Sequence[Path], secrets: t.Sequence[tuple[str, t.Any]]) -> t.Iterator[Problem]:
        """What keeps this file from being written, or from being heeded. ``others`` are all files of the host."""
        if self.new.exists():
            yield self._problem(
                f"{self.new.name} is left from a run whose end is not known",
                f"Run hubspoke.srx.recover, then hubspoke.srx.drift: where {self.host} has no difference its old key"
                f" holds, so remove {self.new}; otherwise rename it to {self.path.name}",
            )
        there = variables_in(self.path, secrets)
        if there is None:
            yield self._problem("cannot be read as variables, and would be lost", "Name another file")
        elif set(there) - {KEY}:
            more = ", ".join(sorted(set(there) - {KEY})[:3])
            yield self._problem(f"would be replaced, and has more than the key: {more}", "Name a file of its own")
        folder = self.path.parent
        for other in others:
            if other == self.path:
                continue
            if folder.name == self.host and not folder.exists() and other.parent == folder.parent:
                yield self._problem(
                    f"Ansible would read the folder {folder.name} instead of {other.name}",
                    f"Move {other} to {folder / 'main.yml'} first",
                )
            elif KEY in (variables_in(other, secrets) or {}):
                yield self._problem(f"{other} has {KEY} too", "Take it away there, so that the file's new key holds")

    def is_read(self, folders: t.Iterable[Path]) -> bool:
        """Whether Ansible takes variables of the host from this file, where C(folders) hold its C(host_vars)."""
        for folder in folders:
            home = folder / "host_vars" / self.host
            if self.path in [home.with_name(home.name + suffix) for suffix in _READ_BY_ANSIBLE]:
                return True
            if home in self.path.parents and self.path.suffix in _READ_BY_ANSIBLE:
                return True
        return False

    def _problem(self, message: str, remedy: str) -> Problem:
        return Problem(self.host, "nhtb_key_file", str(self.path), message, remedy)

    # --- while the devices change ---

    def write(self, content: str) -> None:
        """Put the new key beside the old one, for the owner alone, and onto the disk. Raises HubspokeError."""
        try:
            if not self.path.parent.exists():
                self.path.parent.mkdir(parents=True)
                self._made_folder = True
            # Never into a file that is there: it would be another run's.
            descriptor = os.open(self.new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            self._sync_folder()
        except OSError as error:
            raise HubspokeError(
                f"{self.host}: nhtb_key_file {self.new}: expected to be written, actual {error.strerror or error}."
                " No device was spoken to. Name a file that can be written."
            ) from None

    def install(self) -> str:
        """The new key holds. Answers what went wrong, in words that say what to do."""
        try:
            os.replace(self.new, self.path)
            self._sync_folder()
        except OSError as error:
            return f"the new key holds, but {self.new} was not renamed ({error.strerror}): rename it to {self.path}"
        return ""

    def discard(self) -> str:
        """The old key holds. Answers as C(install) does."""
        try:
            self.new.unlink(missing_ok=True)
            if self._made_folder:
                with suppress(OSError):
                    self.path.parent.rmdir()
        except OSError as error:
            return f"the old key holds, but {self.new} was not removed ({error.strerror}): remove it"
        return ""

    def _sync_folder(self) -> None:
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
