# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The folder of a run: its report, and the rendered configurations, which name keys and have none."""

from __future__ import annotations

import re
import time
import typing as t
import uuid
from contextlib import suppress
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import spell
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import to_set
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import Quoting
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import (
    ARTIFACTS,
    Folder,
    check_folder,
    file_name,
    write_files,
)
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import operator_texts

LATEST = "latest"
WITH_KEYS = "files-with-keys.txt"
"""The file of a run's folder that names its files with pre-shared keys, one a line."""
_RUN = re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}")


def name_of_run() -> str:
    """Return a name for a run: its start time by the controller's clock, and six random characters."""
    return f"{time.strftime('%Y%m%dT%H%M%S')}-{uuid.uuid4().hex[:6]}"


class RunFolder:
    """The folder of one run, in the folder of all runs. Every method raises HubspokeError.

    The symbolic link ``latest`` points to the newest one, for people: nothing here reads through it.
    """

    def __init__(self, base: str, run: str) -> None:
        self._base = base
        self._run = run

    @property
    def path(self) -> Path:
        """The path of the folder, as the user has named the folder of all runs."""
        return Path(self._base) / self._run

    def check(self, *names: str) -> None:
        """Raise where texts of these names cannot be written."""
        with self._all_runs() as runs:
            runs.check_link(LATEST)
        check_folder(self._base, [f"{self._run}/{name}" for name in names])
        # It is made again with the first file: a run that is refused leaves nothing.
        with suppress(OSError):
            self.path.expanduser().rmdir()

    def write(self, files: t.Mapping[str, str | bytes]) -> list[str]:
        """Write files, and let ``latest`` point to them. Return the names of those whose content differs."""
        prefix = f"{self._run}/"
        written = write_files(self._base, {f"{prefix}{name}": content for name, content in files.items()})
        with self._all_runs() as runs:
            runs.link(LATEST, self._run)
        return [name.removeprefix(prefix) for name in written]

    def earlier(
        self, names: t.Collection[str], accept: t.Callable[[Folder], bool] = lambda folder: True
    ) -> dict[str, bytes]:
        """Return the files of these names, each of the newest earlier run that has it, and whose folder is accepted."""
        found: dict[str, bytes] = {}
        with self._all_runs() as runs:
            for run in sorted(filter(_RUN.fullmatch, runs.names()), reverse=True):
                missing = [name for name in names if name not in found] if run < self._run else []
                if missing:
                    with runs.subfolder(run) as folder:
                        read = {name: folder.read(name) for name in missing}
                        had = {name: content for name, content in read.items() if content is not None}
                        if had and accept(folder):
                            found |= had
        return found

    def write_with_keys(self, files: t.Mapping[str, str]) -> None:
        """Write files that have pre-shared keys, and their names."""
        self.write({WITH_KEYS: "".join(f"{name}\n" for name in files), **files})

    def remove_earlier_keys(self) -> None:
        """Remove the files with pre-shared keys from the folders of all other runs: only the newest are of use."""
        with self._all_runs() as runs:
            for run in set(filter(_RUN.fullmatch, runs.names())) - {self._run}:
                # As in prune, what a user has put there is no fault of this run.
                with suppress(HubspokeError), runs.subfolder(run) as folder:
                    listed = (folder.read(WITH_KEYS) or b"").decode(errors="replace").splitlines()
                    # The list last: where a file cannot be removed, the next run tries again.
                    for name in (one for one in (*listed, WITH_KEYS) if one in folder.names()):
                        folder.remove(name)

    def prune(self, keep: int) -> None:
        """Remove the folders of the oldest runs, so that ``keep`` remain, this one among them."""
        with self._all_runs() as runs:
            others = sorted(set(filter(_RUN.fullmatch, runs.names())) - {self._run})
            for run in others[: max(0, len(others) + 1 - keep)]:
                # One that cannot be removed, as a user has put a folder into it, is no fault of this run.
                with suppress(HubspokeError):
                    runs.remove_folder(run)

    def _all_runs(self) -> Folder:
        return Folder(Path(self._base).expanduser(), ARTIFACTS)


def rendered_files(
    fleet: Fleet, *, with_keys: bool = False, by_operators: bool = False, hosts: t.Collection[str] | None = None
) -> dict[str, str]:
    """Return the files by name: ``<host>.conf`` and ``<host>.set`` for Junos, those of its profile for another spoke.

    They are those of ``hosts``, by default of all. With ``by_operators`` these are only those that operators enter: no
    run pushes them.
    """
    files: dict[str, str] = {}
    for device in [one for one in fleet.devices if hosts is None or one.host in hosts]:
        profile, text = device.site.profile, fleet.texts[device.host]

        def spelt(rendered: str, quoting: Quoting = profile.key.quoting) -> str:
            return spell(rendered, fleet.keys, quoting) if with_keys else rendered

        if profile.by_operator:
            files |= {host_file(device.host, end): spelt(one) for end, one in operator_texts(device).items()}
        elif not by_operators:
            text = spelt(text)
            files[host_file(device.host, "conf")] = text
            files[host_file(device.host, "set")] = to_set(text)
    return files


def operator_files(device: DevicePlan) -> list[str]:
    """Return the names of the files for the operator of a third-party spoke."""
    return [host_file(device.host, file.ending) for file in device.site.profile.files]


def host_file(host: str, kind: str) -> str:
    """Return the name of a file of one host."""
    return f"{file_name(host)}.{kind}"
