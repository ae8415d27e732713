# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files that ike_log_info reads, the events it returns, and the options it refuses."""

from __future__ import annotations

import importlib
import re
import types
import typing as t
from datetime import datetime

import pytest
import yaml
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument, ReplyRefused
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import LogEvent
from ansible_collections.hubspoke.srx.plugins.module_utils._module_backends.ike_log import ike_log
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.table import CAUSES, KINDS
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.when import date_time

HOST = "hub1"
NOW = "2026-01-02 10:00:00 CET"
FAILED = "Phase-1 [responder] failed with error(No proposal chosen) for local=unknown(any:0,[0..0]=)"


def line(time: str, peer: str) -> str:
    return f"{time} {FAILED} remote=ipv4(any:0,[0..3]={peer})\n"


def alarm(time: str, vpn: str, peer: str, state: str = "up") -> str:
    return (
        f"{time}  hub1 kmd[1]: KMD_VPN_{state.upper()}_ALARM_USER: VPN {vpn} from {peer} is {state}. vpn name: {vpn}\n"
    )


def refused(rpc: str, said: str) -> ReplyRefused:
    return ReplyRefused(f"{HOST}: {rpc}: expected a reply, actual error: {said}.", said)


class Device:
    """A session whose device has some files in its folder of logs, and may list them."""

    target = types.SimpleNamespace(host=HOST, timeout=60)

    def __init__(self, files: t.Mapping[str, str], *, lists: bool = True, now: str = NOW, denied: str = "") -> None:
        self.files, self.lists, self.now, self.denied = files, lists, now, denied
        self.asked: list[str] = []

    def rpc(self, request: str, *, timeout: int | None = None) -> str:
        self.asked.append(request)
        if "uptime" in request:
            return (
                f"<system-uptime-information><current-time><date-time>{self.now}</date-time></current-time>"
                "<system-booted-time><date-time>2025-01-01 00:00:00 CET</date-time></system-booted-time>"
                "</system-uptime-information>"
            )
        if request.startswith("<file-list>"):
            return self._list()
        found = re.search("<filename>(.*)</filename>", request)
        name = found.group(1) if found else ""
        if name == self.denied:
            raise refused("get-log", "permission denied")
        if name not in self.files:
            raise refused("get-log", f"could not resolve file: {name}")
        return f'<rpc-reply><file-content filename="{name}">\n{self.files[name]}</file-content></rpc-reply>'

    def _list(self) -> str:
        if not self.lists:
            raise refused("file-list", "permission denied")
        names = "".join(
            f"<file-information><file-name>\n{name}\n</file-name></file-information>" for name in sorted(self.files)
        )
        return f"<rpc-reply><directory-list><directory>{names}</directory></directory-list></rpc-reply>"


def asked(device: Device, **options: t.Any) -> dict[str, t.Any]:
    return ike_log(t.cast("t.Any", device), options)


def peers(result: dict[str, t.Any]) -> list[str]:
    return [event["remote_address"] for event in result["events"]]


GENERATIONS = {
    "kmd": line("Jan  2 09:00:00", "198.51.100.4"),
    "kmd.0": line("Jan  1 09:00:00", "198.51.100.3"),
    "kmd.1.gz": line("Dec 31 09:00:00", "198.51.100.2"),
    "kmd.10.gz": line("Dec 30 09:00:00", "198.51.100.1"),
    "messages": alarm("Jan  2 09:30:00", "a", "198.51.100.9"),
    "kmd-extra": "Jan  2 09:00:00 not to be read\n",
}


def test_old_files_come_first_and_the_year_from_the_device() -> None:
    result = asked(Device(GENERATIONS))
    assert result["files"] == ["kmd.10.gz", "kmd.1.gz", "kmd.0", "kmd"]
    assert peers(result) == [f"198.51.100.{number}" for number in (1, 2, 3, 4)]
    assert [event["date_time"] for event in result["events"]] == [
        "2025-12-30T09:00:00", "2025-12-31T09:00:00", "2026-01-01T09:00:00", "2026-01-02T09:00:00",
    ]  # fmt: skip
    assert (result["changed"], result["unrecognised"], result["notes"]) == (False, [], [])
    assert result["counts"] == dict.fromkeys(KINDS, 0) | {"phase1_failed": 4}


def test_a_device_that_does_not_list_its_files_is_asked_for_their_names() -> None:
    files = {name: text for name, text in GENERATIONS.items() if name != "kmd.10.gz"}
    result = asked(Device(files, lists=False))
    assert result["files"] == ["kmd.1.gz", "kmd.0", "kmd"]
    assert peers(result) == [f"198.51.100.{number}" for number in (2, 3, 4)]


def test_both_daemons_are_read_in_the_order_of_time() -> None:
    iked = "Jan  1 12:00:00  hub1 iked[7]: KMD_DPD_PEER_DOWN: DPD detected peer 198.51.100.8 is dead\n"
    result = asked(Device(GENERATIONS | {"iked": iked}))
    assert peers(result)[2:] == ["198.51.100.3", "198.51.100.8", "198.51.100.4"]


def test_the_log_of_the_system_stands_in_for_an_empty_one() -> None:
    other = "Jan  2 09:29:59  hub1 mgd[5]: UI_COMMIT_COMPLETED: commit complete\n"
    result = asked(Device({"kmd": "", "messages": other + GENERATIONS["messages"]}))
    assert result["files"] == ["kmd", "messages"]
    assert peers(result) == ["198.51.100.9"]
    assert result["notes"] == []


def test_no_log_is_an_answer() -> None:
    result = asked(Device({}))
    assert (result["events"], result["unrecognised"], result["files"]) == ([], [], [])
    assert result["notes"] == ["no file of kmd, iked or messages in /var/log"]
    empty = asked(Device({"kmd": "", "messages": "Jan  2 09:00:00  hub1 mgd[5]: UI_COMMIT: nothing of ours\n"}))
    assert empty["notes"] == ["no message of kmd or iked in kmd, messages"]


def test_named_files_are_read_and_no_others() -> None:
    device = Device(GENERATIONS)
    assert peers(asked(device, files=["/var/log/kmd.0"])) == ["198.51.100.3"]
    assert not any("file-list" in request for request in device.asked)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"since": "2026-01-01 09:00:00"}, [3, 4]),
        ({"until": "2025-12-31T09:00:00"}, [1, 2]),
        ({"since": "2025-12-31", "until": "2026-01-01 10:00:00"}, [2, 3]),
        ({"last": 3600}, [4]),
        ({"last": 3599}, []),
        ({"limit": 2}, [3, 4]),
        ({"peer_address": "198.51.100.2"}, [2]),
        ({"peer_address": "198.51.100"}, []),
        ({"kinds": ["vpn_up"]}, []),
        ({"kinds": ["vpn_up", "phase1_failed"]}, [1, 2, 3, 4]),
    ],
)
def test_options_select_events(options: dict[str, t.Any], expected: list[int]) -> None:
    assert peers(asked(Device(GENERATIONS), **options)) == [f"198.51.100.{number}" for number in expected]


def test_a_vpn_selects_the_lines_of_a_trace_about_its_peer() -> None:
    kmd = alarm("Jan  2 09:00:00", "one", "198.51.100.1") + alarm("Jan  2 09:00:01", "two", "198.51.100.2")
    kmd += line("Jan  2 09:00:02", "198.51.100.1") + line("Jan  2 09:00:03", "198.51.100.2")
    result = asked(Device({"kmd": kmd}), vpn="two")
    assert [event["kind"] for event in result["events"]] == ["vpn_up", "phase1_failed"]
    assert set(peers(result)) == {"198.51.100.2"}


def test_unrecognised_lines_are_returned_and_counted() -> None:
    kmd = 'Jan  2 09:00:00 new: ascii-text "not-to-be-seen"\n' * 3 + line("Jan  2 09:00:01", "198.51.100.1")
    result = asked(Device({"kmd": kmd}), limit=2, kinds=["phase1_failed"])
    assert result["unrecognised"] == ["Jan 2 09:00:00 new: ascii-text (masked)"] * 2
    assert result["counts"]["unrecognised"] == 3
    assert asked(Device({"kmd": kmd}), until="2026-01-02 08:00:00")["unrecognised"] == []


def test_entries_without_a_date_are_included_with_a_note() -> None:
    kmd = "10:00:00  KMD_DPD_PEER_DOWN: DPD detected peer 198.51.100.8 is dead\n"
    result = asked(Device({"kmd": kmd}), last=60)
    assert peers(result) == ["198.51.100.8"]
    assert result["notes"] == ["1 entries have no date and are included, whatever the time range"]


def test_without_the_time_of_the_device_there_is_no_year() -> None:
    result = asked(Device({"kmd": GENERATIONS["kmd"]}, now="soon"))
    assert result["events"][0]["date_time"] is None
    assert result["notes"] == ["the device's time is not known: entries without a year have no date_time"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"files": ["/etc/passwd"]}, "hub1: files: expected names of files in /var/log, actual '/etc/passwd'"),
        ({"files": ["../run/kmd"]}, "expected names of files in /var/log, actual '../run/kmd'"),
        ({"files": ["a b"]}, "actual 'a b'"),
        (
            {"files": ["ikd"]},
            "hub1: files: expected ikd in /var/log, actual no such file. Choose one .*device: kmd, kmd-ex",
        ),
        ({"since": "yesterday"}, "hub1: since: expected the device's own time as YYYY-MM-DD .*, actual 'yesterday'"),
        ({"until": "2026-01-01 09:00:00+01:00"}, "until: expected .*, actual '.*01:00'. Give it without a time zone."),
        (
            {"since": "2026-01-02", "until": "2026-01-01"},
            "since: expected a time before until, 2026-01-01 00:00:00, act",
        ),
        ({"last": 0}, "last: expected a number of seconds above 0, actual 0"),
        ({"last": 60, "since": "2026-01-01"}, "last: expected without since, actual since 2026-01-01 00:00:00. Give"),
    ],
)
def test_an_impossible_option_is_refused(options: dict[str, t.Any], words: str) -> None:
    with pytest.raises(BadArgument, match=words) as caught:
        asked(Device(GENERATIONS), **options)
    assert caught.value.reason == "bad_argument"


def test_last_needs_a_clock() -> None:
    with pytest.raises(BadArgument, match="last: expected the device's time from 'show system uptime', actual none"):
        asked(Device(GENERATIONS, now="soon"), last=60)


def test_a_file_that_the_user_may_not_read_is_an_error() -> None:
    with pytest.raises(ReplyRefused, match=r"permission denied.*allow the user to run 'show log kmd'"):
        asked(Device(GENERATIONS, denied="kmd"))


@pytest.mark.parametrize(
    ("time", "now", "expected"),
    [
        ("Jan 2 09:00:00", "2026-01-02T08:00:00", "2026-01-02T09:00:00"),
        ("Jan 3 08:00:00", "2026-01-02T08:00:00", "2026-01-03T08:00:00"),
        ("Jan 3 08:00:01", "2026-01-02T08:00:00", "2025-01-03T08:00:01"),
        ("Jan 1 00:10:00", "2025-12-31T23:59:00", "2026-01-01T00:10:00"),
        ("Feb 29 08:00:00", "2026-01-02T08:00:00", "2024-02-29T08:00:00"),
        ("Feb 30 08:00:00", "2026-01-02T08:00:00", None),
        ("Mai 1 08:00:00", "2026-01-02T08:00:00", None),
        ("08:00:00", "2026-01-02T08:00:00", None),
        ("Jan 2 09:00:00", None, None),
        ("Jan 2 09:00:00.123 2020", None, "2020-01-02T09:00:00"),
        ("2020-01-02T09:00:00.123Z", None, "2020-01-02T09:00:00"),
        (None, "2026-01-02T08:00:00", None),
    ],
)
def test_the_year(time: str | None, now: str | None, expected: str | None) -> None:
    assert date_time(time, datetime.fromisoformat(now) if now else None) == expected


def test_the_documentation_has_every_field_kind_and_cause_and_a_true_sample() -> None:
    module = importlib.import_module("ansible_collections.hubspoke.srx.plugins.modules.ike_log_info")
    options = yaml.safe_load(module.DOCUMENTATION)["options"]
    returned = yaml.safe_load(module.RETURN)
    fields = returned["events"]["contains"]
    assert set(fields) == set(LogEvent.__dataclass_fields__)
    kinds = set(KINDS) - {"unrecognised"}
    assert set(options["kinds"]["choices"]) == kinds
    assert {kind for kind in kinds if f"V({kind})" in " ".join(fields["kind"]["description"])} == kinds
    assert all(f"V({cause})" in " ".join(fields["cause"]["description"]) for cause in CAUSES)
    [sample] = returned["events"]["sample"]
    device = Device({"kmd": f"{sample['line']}\n"}, now="2026-03-13 00:00:00 UTC")
    result = asked(device)
    # A failure has its reason besides; tests/integration/test_samples.py compares failures.
    assert {*result, "reason"} == {"changed", *returned}
    assert {key: result["events"][0][key] for key in sample} == sample
