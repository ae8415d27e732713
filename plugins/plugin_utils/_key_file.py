# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The file of a host's new key: its requirements, and its two names while the devices change."""

from __future__ import annotations

import typing as t
from contextlib import suppress
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, Problem
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import Folder
from ansible_collections.hubspoke.srx.plugins.plugin_utils._key_store import WAYS, lost_with_job
from ansible_collections.hubspoke.srx.plugins.plugin_utils._vault import KEY, variables_in

_READ_BY_ANSIBLE = ("", ".yml", ".yaml", ".json")


class KeyFile:
    """The file of one host. ``path`` has the key in force; ``new`` in the same folder has its successor meanwhile."""

    variable = "nhtb_key_file"

    def __init__(
        self,
        host: str,
        path: str,
        content: t.Callable[[str], str],
        others: t.Sequence[Path] = (),
        secrets: t.Sequence[tuple[str, t.Any]] = (),
    ) -> None:
        """``content`` makes the text of a file that gives a key.

        ``others`` are all variable files of the host, and ``secrets`` the vault secrets that read them.
        """
        self.host = host
        self._content = content
        self._others = others
        self._secrets = secrets
        given = Path(path).expanduser()
        # Not a link that is the file itself: it is refused.
        self.path = given.parent.resolve() / given.name
        self.new = self.path.with_name(f"{self.path.name}.new")
        self._made_folder = False

    @property
    def place(self) -> str:
        """Where the key in force is."""
        return str(self.path)

    @property
    def new_place(self) -> str:
        """Where the new key is meanwhile."""
        return str(self.new)

    # --- before any device is contacted ---

    def problems(self) -> t.Iterator[Problem]:
        """Yield what prevents writing this file, or reading it later."""
        lost = lost_with_job(self.path)
        if lost:
            yield self._problem(lost, WAYS.format(host=self.host))
        if self.new.exists() or self.new.is_symlink():
            yield self._problem(
                f"{self.new.name} remains from a run whose end is not known",
                f"Run hubspoke.srx.recover, then hubspoke.srx.drift: where {self.host} has no difference its old key"
                f" is in force, so remove {self.new}; otherwise rename it to {self.path.name}",
            )
        yield from self._content_problems()
        folder = self.path.parent
        for other in self._others:
            if other == self.path:
                continue
            if folder.name == self.host and not folder.exists() and other.parent == folder.parent:
                yield self._problem(
                    f"Ansible would read the folder {folder.name} instead of {other.name}",
                    f"Move {other} to {folder / 'main.yml'} first",
                )
            elif KEY in (variables_in(other, self._secrets) or {}):
                yield self._problem(f"{other} has {KEY} too", "Remove it there, so that the new key in this file holds")

    def _content_problems(self) -> t.Iterator[Problem]:
        if self.path.is_symlink():
            yield self._problem("is a symbolic link, and would be replaced", f"Name the file {self.path.resolve()}")
            return
        if self.path.exists() and not self.path.is_file():
            yield self._problem("is not a file", "Name another file")
            return
        present = variables_in(self.path, self._secrets)
        if present is None:
            yield self._problem("cannot be read as variables, and would be lost", "Name another file")
        elif set(present) - {KEY}:
            more = ", ".join(sorted(set(present) - {KEY})[:3])
            yield self._problem(f"would be replaced, and has more than the key: {more}", "Name a file of its own")

    def is_read(self, folders: t.Iterable[Path]) -> bool:
        """Return whether Ansible reads variables of the host from this file, by ``host_vars`` in these folders."""
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

    def write(self, key: str) -> None:
        """Write the new key to its file next to the old one, and to the disk.

        Raise HubspokeError, also where that file exists: it belongs to another run.
        """
        content = self._content(key)
        self._made_folder = not self.path.parent.exists()
        with self._folder() as folder:
            folder.create(self.new.name, content.encode(), sync=True)
        if self.new.read_bytes() != content.encode():
            raise HubspokeError(
                f"{self.host}: nhtb_key_file {self.new}: expected what was just written, actual something else."
                " Choose another folder."
            )

    def install(self) -> str:
        """Replace the old key by the new one, which is in force. Return the failure with its remedy, empty if none."""
        try:
            with self._folder() as folder:
                folder.rename(self.new.name, self.path.name, sync=True)
        except HubspokeError as error:
            return f"{error} The new key in {self.new} is in force: rename it to {self.path}"
        return ""

    def discard(self) -> str:
        """Remove the new key: the old one stays in force. Return the failure with its remedy, empty if none."""
        try:
            with self._folder() as folder:
                folder.remove(self.new.name)
        except HubspokeError as error:
            return f"{error} The old key in {self.path} is in force"
        if self._made_folder:
            with suppress(OSError):
                self.path.parent.rmdir()
        return ""

    def _folder(self) -> Folder:
        return Folder(self.path.parent, f"{self.host}: nhtb_key_file")
