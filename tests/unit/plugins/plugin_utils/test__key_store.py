# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The place of a new key outlives the run, and has the key of the devices at each step of a rotation."""

from __future__ import annotations

import os
import typing as t
from contextlib import suppress
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._hashi_vault import KeySecret, Secret
from ansible_collections.hubspoke.srx.plugins.plugin_utils._key_file import KeyFile
from ansible_collections.hubspoke.srx.plugins.plugin_utils._key_store import lost_with_job

OLD = "of-the-past"
NEW = "of-the-future"
KEY = "nhtb_pre_shared_key"
GIVEN = "nhtb_new_pre_shared_key"

# --- files that end with a job ---


@pytest.mark.parametrize(
    ("variables", "path", "said"),
    [
        ({}, "job/project/host_vars/east/key.yml", ""),
        ({"AWX_ISOLATED_DATA_DIR": "job/artifacts/7"}, "job/project/host_vars/east/key.yml", "the folder of this job"),
        ({"AWX_ISOLATED_DATA_DIR": "job/artifacts"}, "job/project/host_vars/east/key.yml", "the folder of this job"),
        ({"AWX_ISOLATED_DATA_DIR": "job/artifacts/7"}, "job/artifacts/7/key.yml", "the folder of this job"),
        ({"AWX_ISOLATED_DATA_DIR": "elsewhere/7"}, "elsewhere/7/key.yml", "the folder of this job"),
        ({"AWX_PRIVATE_DATA_DIR": "job"}, "job/inventory/host_vars/east.yml", "the folder of this job"),
        ({"AWX_ISOLATED_DATA_DIR": "job/artifacts/7"}, "kept/key.yml", ""),
        ({"AWX_ISOLATED_DATA_DIR": "link/artifacts/7"}, "job/key.yml", "the folder of this job"),
    ],
)
def test_a_file_in_the_folder_of_a_job_is_lost(tmp_path: Path, variables: dict[str, str], path: str, said: str) -> None:
    (tmp_path / "job" / ".git").mkdir(parents=True)
    (tmp_path / "link").symlink_to("job")
    environment = {name: str(tmp_path / folder) for name, folder in variables.items()}
    found = lost_with_job(tmp_path / path, environment, marks=())
    assert said in found
    assert bool(said) == bool(found)


@pytest.mark.parametrize(
    ("environment", "mark", "mounted", "lost"),
    [
        ({"AWX_ISOLATED_DATA_DIR": "/runner/artifacts/7"}, True, False, True),
        ({"AWX_ISOLATED_DATA_DIR": "/runner/artifacts/7"}, True, True, False),
        ({"AWX_ISOLATED_DATA_DIR": "/runner/artifacts/7"}, False, False, False),
        ({}, True, False, False),
    ],
)
def test_a_file_on_no_mount_of_a_jobs_container_is_lost(
    tmp_path: Path, environment: dict[str, str], mark: bool, mounted: bool, lost: bool
) -> None:
    def device(folder: Path) -> int:
        return int(mounted and folder != Path("/"))

    marks = [tmp_path if mark else tmp_path / "none"]
    found = lost_with_job(tmp_path / "new" / "key.yml", environment, marks, device)
    assert ("is not on a mount of this container" in found) == lost


def test_a_lost_file_is_a_problem_that_names_the_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWX_ISOLATED_DATA_DIR", str(tmp_path / "artifacts" / "7"))
    (problem,) = KeyFile("east", str(tmp_path / "key.yml"), str).problems()
    for way in ("nhtb_key_file", "host_vars/east/key.yml", "nhtb_key_store to hashi_vault", GIVEN):
        assert way in str(problem)


# --- a secret at each step ---


class Killed(BaseException):
    """The end of the process."""


class Server:
    """The secret of one host, and the step at which the process ends or the server fails."""

    def __init__(self, **fields: str) -> None:
        self.versions = [fields] if fields else []
        self.at = ""
        self.raised: BaseException = Killed()
        self.lies = False

    def read(self, mount: str, path: str) -> Secret:
        assert (mount, path) == ("secret", "nhtb/east")
        self._step("read")
        return Secret(self.versions[-1] if self.versions and not self.lies else {}, len(self.versions))

    def write(self, mount: str, path: str, fields: t.Mapping[str, str], version: int) -> None:
        assert (mount, path) == ("secret", "nhtb/east")
        if version != len(self.versions):
            raise HubspokeError("east: expected the version that was read.")
        self._step("before")
        self.versions.append(dict(fields))
        self._step("after")

    def _step(self, name: str) -> None:
        if self.at == name:
            self.at = ""
            raise self.raised

    @property
    def keys(self) -> set[str]:
        newest: dict[str, str] = self.versions[-1] if self.versions else {}
        return {value for name, value in newest.items() if name in (KEY, GIVEN)}


def secret(server: Server) -> KeySecret:
    return KeySecret("east", t.cast(t.Any, server), "/secret/", "nhtb/east", OLD)


def test_a_secret_has_both_keys_until_one_is_settled() -> None:
    for settle, kept in (("install", NEW), ("discard", OLD)):
        server = Server(owner="us")
        store = secret(server)
        assert list(store.problems()) == []
        store.write(NEW)
        assert server.versions[-1] == {"owner": "us", KEY: OLD, GIVEN: NEW}
        assert getattr(store, settle)() == ""
        assert server.versions[-1] == {"owner": "us", KEY: kept}
        assert NEW not in repr(store.__dict__["_vault"].read("secret", "nhtb/east"))


@pytest.mark.parametrize("at", ["read", "before", "after"])
@pytest.mark.parametrize(("step", "in_force"), [("write", OLD), ("install", NEW), ("discard", OLD)])
def test_a_killed_process_leaves_the_key_in_force(step: str, in_force: str, at: str) -> None:
    server = Server(**{KEY: OLD})
    store = secret(server)
    if step != "write":
        store.write(NEW)
    server.at = at
    with pytest.raises(Killed):
        store.write(NEW) if step == "write" else getattr(store, step)()
    assert in_force in server.keys


@pytest.mark.parametrize("at", ["before", "after"])
def test_a_failed_write_is_taken_back_and_a_failed_settlement_is_told(at: str) -> None:
    server = Server(**{KEY: OLD})
    server.at, server.raised = at, HubspokeError("east: no reply.")
    with pytest.raises(HubspokeError, match="no reply"):
        secret(server).write(NEW)
    assert server.keys == {OLD}
    store = secret(server)
    store.write(NEW)
    server.at = at
    told = store.install()
    assert told.startswith("east: no reply. The new key is in force: make it nhtb_pre_shared_key in secret/nhtb/east")
    assert NEW in server.keys
    assert NEW not in told


def test_a_write_that_cannot_be_read_back_fails() -> None:
    server = Server()
    server.lies = True
    with pytest.raises(HubspokeError, match="expected what was just written, actual something else"):
        secret(server).write(NEW)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({KEY: "of-another-user"}, "has another nhtb_pre_shared_key than the inventory"),
        ({KEY: OLD, GIVEN: NEW}, "nhtb_new_pre_shared_key remains there from a run whose end is not known"),
    ],
)
def test_a_secret_of_another_run_or_another_inventory_is_refused(fields: dict[str, str], said: str) -> None:
    (problem,) = secret(Server(**fields)).problems()
    assert said in str(problem)
    assert not {OLD, NEW, "of-another-user"} & set(str(problem).split())
    if GIVEN in fields:
        with pytest.raises(HubspokeError, match="expected no nhtb_new_pre_shared_key, actual there"):
            secret(Server(**fields)).write(NEW)


# --- a file at each step ---


@pytest.mark.parametrize(("step", "in_force"), [("write", OLD), ("install", NEW), ("discard", OLD)])
@pytest.mark.parametrize("call", ["open", "fsync", "replace", "unlink"])
def test_a_file_has_the_key_in_force_whatever_ends_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, in_force: str, call: str
) -> None:
    """The process ends after the first system call of a kind."""
    path = tmp_path / "key.yml"
    path.write_text(OLD, encoding="utf-8")
    path.chmod(0o600)
    store = KeyFile("east", str(path), str)
    if step != "write":
        store.write(NEW)

    def ended(*arguments: t.Any, **keywords: t.Any) -> t.Any:
        real(*arguments, **keywords)
        raise Killed

    with monkeypatch.context() as patch:
        real = getattr(os, call)
        patch.setattr(os, call, ended)
        with suppress(Killed):
            store.write(NEW) if step == "write" else getattr(store, step)()
    kept = [one.read_text(encoding="utf-8") for one in (path, store.new) if one.exists()]
    assert in_force in kept
