# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Where a new key is kept while the devices change and afterwards: a file, or a secret of HashiCorp Vault."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import Problem

GIVEN = "nhtb_new_pre_shared_key"
# What a user can do where a generated key has no place that outlives the run.
WAYS = (
    "Name a file that stays (nhtb_key_file, as host_vars/{host}/key.yml of an inventory under version control), set"
    f" nhtb_key_store to hashi_vault, or give the key as {GIVEN}"
)

# ansible-runner names the folder of a job's artifacts here, which is artifacts or artifacts/<job> in that of the job.
_ARTIFACTS = "AWX_ISOLATED_DATA_DIR"
_JOB = "AWX_PRIVATE_DATA_DIR"
_CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))


class KeyStore(t.Protocol):
    """The place of a host's key. It has the old key and the new one from ``write`` to ``install`` or ``discard``."""

    @property
    def place(self) -> str:
        """Return where the key in force is, for messages."""

    @property
    def new_place(self) -> str:
        """Return where the new key is, for messages."""

    @property
    def variable(self) -> str:
        """Return the variable that gives the place."""

    def problems(self) -> t.Iterable[Problem]:
        """Return what prevents keeping a key here, before any device is contacted. Raise HubspokeError."""

    def write(self, key: str) -> None:
        """Keep the new key next to the old one, and verify that it can be read. Raise HubspokeError."""

    def install(self) -> str:
        """Make the new key the one in force. Return the failure with its remedy, empty if none."""

    def discard(self) -> str:
        """Discard the new key: the old one stays in force. Return the failure with its remedy, empty if none."""


def lost_with_job(
    path: Path,
    environment: t.Mapping[str, str] | None = None,
    marks: t.Sequence[Path] = _CONTAINER_MARKS,
    device: t.Callable[[Path], int] = lambda folder: folder.stat().st_dev,
) -> str:
    """Return why a file ends with the job of ansible-runner (AWX, ansible-navigator), empty where it stays.

    The folder of the job is deleted with it, whatever version control it is under, and so is all that a container has
    outside of its mounts.
    """
    environment = os.environ if environment is None else environment
    folders = [Path(environment[_JOB])] if environment.get(_JOB) else []
    if environment.get(_ARTIFACTS):
        artifacts = Path(environment[_ARTIFACTS])
        within_job = (folder for folder in (artifacts, *artifacts.parents) if folder.name == "artifacts")
        folders += [artifacts, *(folder.parent for folder in within_job)]
    if not folders:
        return ""
    within = next((folder for folder in folders if folder.resolve() in path.parents), None)
    if within is not None:
        return f"is in {within}, the folder of this job, which is deleted with the job"
    present = next(folder for folder in path.parents if folder.exists())
    if any(mark.exists() for mark in marks) and device(present) == device(Path("/")):
        return "is not on a mount of this container, which is deleted with the job"
    return ""
