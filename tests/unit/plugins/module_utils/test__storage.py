# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The states of a device's file systems, and the space for traces."""

from __future__ import annotations

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.storage import (
    MIB,
    assess,
    bytes_of,
    filesystem_of,
    require_space,
    written_by_commits,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import Filesystem
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import parse

# The rows that a device of the document's time has, with our own numbers.
OLD = """\
Filesystem              Size       Used      Avail  Capacity   Mounted on
/dev/ad0s1a             430M       300M        96M       76%  /
devfs                   1.0K       1.0K         0B      100%  /dev
devfs                   1.0K       1.0K         0B      100%  /dev/
/dev/md0                520M       520M         0B      100%  /junos
/cf                     430M       300M        96M       76%  /junos/cf
devfs                   1.0K       1.0K         0B      100%  /junos/dev/
procfs                  4.0K       4.0K         0B      100%  /proc
/dev/bo0s1e              24M        13K        24M        0%  /config
/dev/md1                168M       160M       1.0M       99%  /mfs
/dev/md2                 58M        38K        53M        0%  /jail/tmp
"""
NEW = """\
Filesystem              Size       Used      Avail  Capacity   Mounted on
/dev/gpt/junos           12G       2.0G       9.0G       18%  /.mount
/dev/gpt/config         700M        90K       640M        0%  /.mount/config
/dev/gpt/var            6.0G       5.9G        13M       99%  /.mount/var
tmpfs                   3.0G       200K       3.0G        0%  /.mount/tmp
/var/jails/rest-api      12G        12G         0B      100%  /.mount/packages/mnt/runtime/web-api/var
"""


def rows(text: str) -> tuple[Filesystem, ...]:
    return parse("show system storage", text).items


def states(text: str, **limits: int) -> dict[str, str]:
    return {one.mounted_on: one.state for one in assess(rows(text), **limits)}


def test_images_and_device_trees_are_skipped() -> None:
    assert states(OLD) == {
        "/": "ok",
        "/dev": "skipped",
        "/dev/": "skipped",
        "/junos": "skipped",
        "/junos/cf": "skipped",
        "/junos/dev/": "skipped",
        "/proc": "skipped",
        "/config": "ok",
        "/mfs": "failed",
        "/jail/tmp": "ok",
    }
    assert states(OLD, max_used_percent=70)["/"] == "failed"


def test_file_systems_of_commits_need_free_space() -> None:
    assert states(NEW)["/.mount/var"] == "failed"
    assert states(NEW, max_used_percent=100)["/.mount/var"] == "ok"
    assert states(NEW, max_used_percent=100, min_free=20 * MIB)["/.mount/var"] == "failed"
    assert states(NEW)["/.mount/packages/mnt/runtime/web-api/var"] == "skipped"
    reasons = {one.mounted_on: one.reason for one in assess(rows(NEW))}
    assert reasons["/.mount/var"].startswith("99% used, expected at most 90%: logs and commits need it")
    assert [one.mounted_on for one in rows(NEW) if written_by_commits(one)] == ["/.mount/config", "/.mount/var"]


@pytest.mark.parametrize(("text", "mount"), [(OLD, "/"), (NEW, "/.mount/var")])
def test_logs_are_on_the_nearest_file_system(text: str, mount: str) -> None:
    found = filesystem_of("/var/log", rows(text))
    assert found is not None
    assert found.mounted_on == mount


def test_sizes_as_printed_are_bytes() -> None:
    assert bytes_of("1.5K") == 1536
    assert bytes_of("75M") == 75 * MIB
    assert bytes_of("0B") == 0
    assert bytes_of("-2M") == -2 * MIB
    assert bytes_of("2") == 1024
    assert bytes_of("much") is None


def test_traces_need_space_and_a_margin() -> None:
    require_space("hub", 6 * MIB, 90 * MIB, Answer("ok", rows(OLD)))
    with pytest.raises(SessionError, match=r"storage of /: expected 97 MiB free, 7.0 MiB for .* actual 96 MiB"):
        require_space("hub", 7 * MIB, 90 * MIB, Answer("ok", rows(OLD)))


def test_each_node_of_a_cluster_needs_space() -> None:
    one, other = rows(OLD)[0], rows(NEW)[2]
    both = [Filesystem(**{**vars(one), "node": "node0"}), Filesystem(**{**vars(other), "node": "node1"})]
    with pytest.raises(SessionError, match=r"storage of node1 /\.mount/var"):
        require_space("hub", 6 * MIB, 20 * MIB, Answer("ok", tuple(both)))


@pytest.mark.parametrize(
    "answer", [Answer("refused", reason="permission denied"), Answer("ok"), Answer("ok", rows(OLD)[1:2])]
)
def test_a_device_that_does_not_tell_its_free_space_is_refused(answer: Answer[Filesystem]) -> None:
    with pytest.raises(SessionError, match="expected the free space of the file system with /var/log, actual"):
        require_space("hub", 0, 0, answer)
