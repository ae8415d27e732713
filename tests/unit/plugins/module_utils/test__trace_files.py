# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of traces: their names in effect, and how they are fetched, copied and deleted."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood, ReplyRefused
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.files import (
    copy_to,
    delete,
    fetch,
    names_in_effect,
    shown,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.report import host_result, report, table
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.trace_plan import Trace, TraceOptions

WANTED: t.Any = SimpleNamespace(
    options=TraceOptions(Trace("trace-ike", ("ike",)), Trace("trace-flow", ("basic-datapath",)), "1m", 3)
)


class Device:
    """A device that answers RPCs from a table by their beginning, and notes every request."""

    def __init__(self, answers: t.Mapping[str, str] | None = None, statements: t.Sequence[str] = ()) -> None:
        self.answers = dict(answers or {})
        self.asked: list[str] = []
        self._statements = list(statements)

    def effective(self) -> list[str]:
        return self._statements

    def rpc(self, request: str, *, timeout: int | None = None) -> str:
        self.asked.append(request)
        for start, reply in self.answers.items():
            if request.startswith(start):
                return reply
        raise ReplyRefused(f"hub: {request}: expected a reply, actual error: no such file.")


class Silent(Device):
    """A device that refuses every RPC without a reason."""

    def rpc(self, request: str, *, timeout: int | None = None) -> str:
        raise ReplyRefused("hub: no.")


def session(*arguments: t.Any) -> t.Any:
    return Device(*arguments)


def test_a_file_outside_the_group_overrides_the_groups() -> None:
    device = session(
        {},
        [
            "set security ike traceoptions file size 1m",
            "set security ike traceoptions file own-trace",
            "set security flow traceoptions file trace-flow",
        ],
    )
    assert names_in_effect(device, WANTED) == {"trace-ike": "own-trace", "trace-flow": "trace-flow"}


def test_rotated_files_come_first_and_missing_ones_are_skipped() -> None:
    def content(text: str) -> str:
        return f"<rpc-reply><file-content>\n{text}\n</file-content></rpc-reply>"

    device = session({
        "<get-log><filename>a.0<": content("older"),
        "<get-log><filename>a<": content("set ascii-text $9$secretsecret"),
    })  # fmt: skip
    found = fetch(device, ["a", "b"], 3, mask)
    assert [(one.name, one.text, one.lines) for one in found] == [
        ("a.0", "older\n", 1),
        ("a", "set ascii-text (masked)\n", 1),
    ]


def test_a_file_that_no_xml_can_have_is_named() -> None:
    device = session()

    def rpc(request: str, *, timeout: int | None = None) -> str:
        if "<filename>a<" in request:
            raise ReplyNotUnderstood("hub: get-log: expected well-formed XML, actual no such character.")
        raise ReplyRefused("hub: get-log: no such file.")

    device.rpc = rpc
    [found] = fetch(device, ["a"], 2, mask)
    assert found.unread.endswith("actual no such character. Let the device copy a to a server.")


def test_only_an_error_fails_a_copy_and_no_password_is_shown() -> None:
    url = "ftp://reader:word@192.0.2.1/denied/"
    good = session({"<file-copy>": "<rpc-reply><output>ftp://x 100% of 35 kB</output></rpc-reply>"})
    assert copy_to(good, ["a"], url, "hub", 60) == []
    assert "<destination>ftp://reader:word@192.0.2.1/denied/hub-a</destination>" in good.asked[0]
    bad = session({"<file-copy>": f"<rpc-reply><output>error: {url} timed out</output></rpc-reply>"})
    [said] = copy_to(bad, ["a"], url, "hub", 60)
    assert said == (
        "hub: file copy /var/log/a ftp://reader:(masked)@192.0.2.1/denied/hub-a: expected to succeed, actual"
        " error: ftp://reader:(masked)@192.0.2.1/denied/ timed out."
    )
    # A refusal is a failure whatever its words are.
    assert len(copy_to(t.cast(t.Any, Silent()), ["a"], url, "hub", 60)) == 1
    assert shown("scp://host/path and ftp://a:b@c") == "scp://host/path and ftp://a:(masked)@c"
    assert shown("ftp://a:p@ss/word@c/in") == "ftp://a:(masked)@c/in"


def test_the_devices_own_logs_are_never_deleted() -> None:
    device = session({"<file-delete>": "<rpc-reply/>"})
    assert delete(device, ["kmd", "kmd.0", "messages", "trace-ike.0"]) == []
    assert device.asked == ["<file-delete><path>/var/log/trace-ike.0</path></file-delete>"]
    assert len(delete(session(), ["trace-ike"])) == 1


def test_the_decision_counts_the_devices_by_state() -> None:
    captured, skipped = host_result("hub", "captured", "done"), host_result("oslo", "skipped", "not touched: a reason")
    assert report("a-run", "trace", None, [captured, skipped])["decision"] == (
        "Traces: 1 captured, and not traced any more, 1 not touched."
    )
    assert report("a-run", "trace", None, [skipped])["decision"] == (
        "Nothing was traced: no Junos device of these tunnels is in the play; 1 not touched."
    )


def test_the_table_has_the_newest_failure_of_each_cause_with_its_remedy() -> None:
    found = [
        {"line": line, "remedy": "Set the same key.", "cause": "invalid_payload", "remote_address": "192.0.2.9"}
        for line in ("an older try", "the newest try")
    ]
    failed = host_result("hub", "captured", "captured", failures=found)
    assert table(report("a-run", "trace", None, [failed])).splitlines()[:3] == [
        "hub: captured",
        "  the newest try",
        "    Set the same key.",
    ]


def test_a_device_that_the_run_does_not_concern_is_counted_alone() -> None:
    hosts = [
        host_result("oslo", "skipped", "not touched: outside --limit"),
        host_result("lima", "skipped", "not touched: it runs ScreenOS"),
    ]
    content = report("a-run", "trace", None, hosts)
    assert table(content).splitlines()[0] == "lima: not touched: it runs ScreenOS"
    assert "2 not touched" in content["decision"]
    assert table(content, verbose=True).startswith("oslo: not touched: outside --limit\n")
    assert table(report("a-run", "trace", None, hosts[:1])).startswith("Nothing was traced")


def test_a_difference_commands_no_terminal() -> None:
    """Hold it for the results of all runs: those of a trace and those of a transaction are made in one place."""
    diff = '[edit]\n+\tdescription "\x1b[31mred\x9b0m\u202e\x07";\n'
    expected = '[edit]\n+\tdescription "?[31mred?0m??";\n'
    deployed = DeployOutcome(host="hub", state="would_change", message="would change", diff=diff)
    assert deployed.as_data()["diff"] == expected
    assert host_result("hub", "would_change", "would be traced", diff=diff)["diff"] == expected
