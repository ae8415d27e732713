# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files on the controller are written whole, for their owner alone, and never through a link or over another file."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.plugin_utils import _files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import Folder, check_folder, file_name, write_files


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture(params=[0o000, 0o022, 0o277])
def umask(request: pytest.FixtureRequest) -> t.Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"hub.conf": "text", "west.tar.gz": b"\x1f\x8b\0"}
    assert write_files(str(tmp_path), files) == ["hub.conf", "west.tar.gz"]
    assert [mode(tmp_path / name) for name in files] == [0o600, 0o600]
    assert (tmp_path / "west.tar.gz").read_bytes() == b"\x1f\x8b\0"


def test_new_folders_are_private(tmp_path: Path) -> None:
    base = tmp_path / "new" / "artifacts"
    assert write_files(str(base), {"trace/run/hub/kmd": "text"}) == ["trace/run/hub/kmd"]
    folders = [base.parent, base, base / "trace", base / "trace/run", base / "trace/run/hub"]
    assert {mode(folder) for folder in folders} == {0o700}


def test_only_a_change_counts_as_written_and_a_readable_file_becomes_private(tmp_path: Path) -> None:
    path = tmp_path / "hub.conf"
    path.write_text("before", encoding="utf-8")
    path.chmod(0o644)
    assert write_files(str(tmp_path), {"hub.conf": "before"}) == []
    assert mode(path) == 0o600
    path.chmod(0o644)
    assert write_files(str(tmp_path), {"hub.conf": "after"}) == ["hub.conf"]
    assert (path.read_text(encoding="utf-8"), mode(path)) == ("after", 0o600)
    assert os.listdir(tmp_path) == ["hub.conf"]


def test_a_failed_write_keeps_the_file_and_no_temporary_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(str(tmp_path), {"hub.conf": "before"})

    def full(_descriptor: int, _mode: int) -> None:
        raise OSError(122, "Disk quota exceeded")

    monkeypatch.setattr(os, "fchmod", full)
    with pytest.raises(HubspokeError, match=r"/hub\.conf: expected to be written, actual Disk quota exceeded\. Choose"):
        write_files(str(tmp_path), {"hub.conf": "after"})
    assert os.listdir(tmp_path) == ["hub.conf"]
    assert (tmp_path / "hub.conf").read_text(encoding="utf-8") == "before"


def make_link(path: Path) -> None:
    target = path.with_name("target")
    target.write_text("of another user", encoding="utf-8")
    path.symlink_to(target)


def make_binary(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\0")


@pytest.mark.parametrize(
    ("make", "actual"),
    [
        (make_link, "a symbolic link"),
        (lambda path: path.symlink_to("/dev/null"), "a symbolic link"),
        (lambda path: path.symlink_to("missing"), "a symbolic link"),
        (Path.mkdir, "a folder"),
        (os.mkfifo, "a FIFO"),
        (make_binary, "a binary file"),
    ],
)
def test_anything_but_a_text_file_in_the_place_of_a_text_is_refused(
    tmp_path: Path, make: t.Callable[[Path], object], actual: str
) -> None:
    place = tmp_path / "hub.conf"
    make(place)
    message = (
        f"controller: nhtb_artifacts_dir {place}: expected a file or nothing, actual {actual}. Move it away, or choose"
        " another folder."
    )
    with pytest.raises(HubspokeError) as caught:
        write_files(str(tmp_path), {"hub.conf": "text"})
    assert str(caught.value) == message
    with pytest.raises(HubspokeError, match="expected a file or nothing"):
        check_folder(str(tmp_path), ["hub.conf"])
    if make is make_link:
        assert (tmp_path / "target").read_text(encoding="utf-8") == "of another user"


def test_a_device_in_the_place_of_a_file_is_refused() -> None:
    with pytest.raises(HubspokeError, match="/dev/null: expected a file or nothing, actual a device"):
        check_folder("/dev", ["null"])


@pytest.mark.parametrize("name", ["hub.conf", "trace/hub.conf"])
def test_a_link_in_the_place_of_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    base = tmp_path / "artifacts"
    if "/" in name:
        base.mkdir()
        (base / "trace").symlink_to(tmp_path / "elsewhere")
    else:
        base.symlink_to(tmp_path / "elsewhere")
    for work in (check_folder, lambda folder, names: write_files(folder, dict.fromkeys(names, "text"))):
        with pytest.raises(HubspokeError, match="expected a folder to write to, actual a symbolic link"):
            work(str(base), [name])
    assert os.listdir(tmp_path / "elsewhere") == []


def test_a_folder_that_other_users_can_write_to_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    with pytest.raises(HubspokeError) as caught:
        write_files(str(tmp_path), {"hub.conf": "text"})
    assert str(caught.value) == (
        f"controller: nhtb_artifacts_dir {tmp_path}: expected a folder that other users cannot write to, actual mode"
        " 1777. Run 'chmod o-w' on it, or choose another folder."
    )
    tmp_path.chmod(0o775)
    assert write_files(str(tmp_path), {"hub.conf": "text"}) == ["hub.conf"]


def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path.stat().st_uid
    # As another user than the owner, who is not root either.
    monkeypatch.setattr(_files, "_ROOT", own + 1)
    monkeypatch.setattr(os, "geteuid", lambda: own + 2)
    with pytest.raises(HubspokeError, match=rf"expected a folder of user {own + 2}, actual of user {own}\. Run as"):
        check_folder(str(tmp_path), ["hub.conf"])


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(
        HubspokeError, match=r"nhtb_artifacts_dir .*file: expected a folder to write to, actual Not a d"
    ):
        write_files(str(tmp_path / "file"), {"hub.conf": "text"})


def test_a_trial_leaves_no_file(tmp_path: Path) -> None:
    check_folder(str(tmp_path / "artifacts"), ["report.json", "collect/run/index.md"])
    assert os.listdir(tmp_path / "artifacts") == ["collect"]
    assert os.listdir(tmp_path / "artifacts/collect/run") == []


def test_a_new_file_never_replaces_one(tmp_path: Path) -> None:
    (tmp_path / "key.yml.new").write_text("of another run", encoding="utf-8")
    with Folder(tmp_path, "east: nhtb_key_file") as folder:
        with pytest.raises(HubspokeError, match=r"east: nhtb_key_file .*key\.yml\.new: expected .*actual File exists"):
            folder.create("key.yml.new", b"text")
        folder.remove("missing")
    assert (tmp_path / "key.yml.new").read_text(encoding="utf-8") == "of another run"


@pytest.mark.parametrize("name", ["", ".", "..", "../hub.conf", "a//hub.conf", "a/../../hub.conf", "/hub.conf", "a\0b"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(HubspokeError, match="expected the name of a file"):
        write_files(str(tmp_path / "artifacts"), {name: "text"})
    assert os.listdir(tmp_path) == ["artifacts"]


def test_names_of_hosts_become_names_of_files() -> None:
    hosts = [
        "hub-1.example.net",
        "2001:db8::1",
        "zürich",
        "a b",
        "..",
        ".",
        ".hidden",
        "a/b",
        "../../etc/x",
        "a%2Fb",
        "a\n",
    ]
    names = [file_name(host) for host in hosts]
    assert names[:4] == hosts[:4]
    assert names[4:8] == ["%2E.", "%2E", "%2Ehidden", "a%2Fb"]
    assert not any("/" in name or "\n" in name or name in (".", "..") for name in names)
    assert len(set(names)) == len(hosts)
