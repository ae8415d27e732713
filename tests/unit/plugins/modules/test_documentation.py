# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules that query one device document their options and each field of the result, with a true sample."""

from __future__ import annotations

import importlib
import re
import types
import typing as t
from pathlib import Path
from types import NoneType

import pytest
import yaml
from ansible_collections.hubspoke.srx.plugins.module_utils._device.storage import AssessedFilesystem
from ansible_collections.hubspoke.srx.plugins.module_utils._model import device_rows, tunnel_rows
from ansible_collections.hubspoke.srx.plugins.module_utils._module_backends.operations import CHANGES, OPERATIONS, Table

ROOT = Path(__file__).parents[4]
REPLIES = Path(__file__).parents[2] / "fixtures" / "rpc"

# Of every module: the rows it returns, and the reply that its sample was taken from.
ANSWERS: dict[str, tuple[type, str]] = {
    "commit_info": (device_rows.CommitEntry, "commit-list/pending.xml"),
    "ike_security_associations_info": (tunnel_rows.IkeSa, "ike/detail-undeclared-prefix.xml"),
    "inactive_tunnels_info": (tunnel_rows.InactiveTunnel, "inactive-tunnels/one.xml"),
    "ipsec_security_associations_info": (tunnel_rows.IpsecTunnel, "ipsec/detail.xml"),
    "ipsec_statistics_info": (tunnel_rows.IpsecStatistics, "statistics/iked.xml"),
    "next_hop_tunnels_info": (tunnel_rows.NextHopTunnel, "next-hop-tunnels/static-and-auto.txt"),
    "ping": (device_rows.Ping, "ping/answered.xml"),
    "route_info": (device_rows.Route, "route/brief.xml"),
    "storage_info": (AssessedFilesystem, "storage/blocks.xml"),
}
# These send several queries, and have tests of their own.
ELSEWHERE = {"ike_log_info"}
# Options that are no words of the query, or choose among its forms.
COMMON = {"raw", "level"}
TYPES = {bool: "bool", int: "int", str: "str"}

modules = pytest.mark.parametrize("name", sorted(ANSWERS))


class Recorded:
    """A session with one reply to every query, which keeps the queries."""

    target = types.SimpleNamespace(timeout=60)

    def __init__(self, reply: str) -> None:
        self.reply = reply
        self.asked: list[str] = []

    def rpc(self, request: str, *, timeout: int = 60) -> str:
        self.asked.append(request)
        return self.reply


def answer(name: str, **options: t.Any) -> tuple[dict[str, t.Any], str]:
    """Return the result of a module, and its query, where the device sends the reply of its sample."""
    session = Recorded((REPLIES / ANSWERS[name][1]).read_text(encoding="utf-8"))
    given = {option: about.get("default") for option, about in documented(name, "DOCUMENTATION")["options"].items()}
    result = OPERATIONS[name](t.cast("t.Any", session), {**given, **options})
    return result, session.asked[0]


def documented(name: str, part: str) -> dict[str, t.Any]:
    module = importlib.import_module(f"ansible_collections.hubspoke.srx.plugins.modules.{name}")
    content: dict[str, t.Any] = yaml.safe_load(getattr(module, part))
    return content


def returned_by(name: str) -> dict[str, t.Any]:
    """Return the documentation of a result that is no failure."""
    return {key: about for key, about in documented(name, "RETURN").items() if about["returned"] != "failure"}


def rows_documented(name: str) -> dict[str, t.Any]:
    """Return the documentation of a module's fields, whatever contains them."""
    operation = OPERATIONS[name]
    returned = returned_by(name)
    if isinstance(operation, Table):
        contained: dict[str, t.Any] = returned[operation.key]["contains"]
        return contained
    return {key: about for key, about in returned.items() if key not in ("source", "notes")}


def described(row: type) -> dict[str, t.Any]:
    """Return the documentation that the fields of a dataclass need: their types, and what they contain."""
    return {name: describe(hint) for name, hint in t.get_type_hints(row).items()}


def describe(hint: t.Any) -> dict[str, t.Any]:
    if t.get_origin(hint) is tuple:
        return {"type": "list", "elements": "dict", "contains": described(t.get_args(hint)[0])}
    if t.get_origin(hint) is t.Literal:
        return {"type": TYPES[type(t.get_args(hint)[0])]}
    present = [one for one in t.get_args(hint) or (hint,) if one is not NoneType]
    return {"type": TYPES[present[0]]}


def without_words(fields: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return documented fields without descriptions and samples."""
    return {
        name: {
            key: without_words(value) if key == "contains" else value
            for key, value in about.items()
            if key not in ("description", "returned", "sample")
        }
        for name, about in fields.items()
    }


def test_this_table_knows_every_module() -> None:
    assert set(ANSWERS) == set(OPERATIONS) - ELSEWHERE


@modules
def test_each_field_is_documented_with_its_type(name: str) -> None:
    assert without_words(rows_documented(name)) == described(ANSWERS[name][0])


@modules
def test_the_sample_is_the_result_for_its_reply(name: str) -> None:
    returned = returned_by(name)
    result, _asked = answer(name)
    assert result.pop("changed") is False
    assert result == {key: about["sample"] for key, about in returned.items() if key != "raw"}


@modules
def test_each_word_of_the_query_is_an_option(name: str) -> None:
    options = documented(name, "DOCUMENTATION")["options"]
    operation = OPERATIONS[name]
    if isinstance(operation, Table):
        assert set(options) - COMMON == {*operation.options, *operation.own}
        assert options["raw"]["default"] is False
    words = {option: 7 if about["type"] == "int" else f"some-{option}" for option, about in options.items()}
    own = operation.own if isinstance(operation, Table) else ()
    given = {option: word for option, word in words.items() if option not in {*COMMON, *own}}
    _result, asked = answer(name, **given)
    assert [word for word in given.values() if f">{word}<" not in asked] == []


def test_a_level_is_an_empty_word() -> None:
    for name in ("ike_security_associations_info", "ipsec_security_associations_info"):
        assert "<detail/>" in answer(name)[1]
        assert "<brief/>" in answer(name, level="brief")[1]


def test_counters_of_one_tunnel_say_which() -> None:
    result, asked = answer("ipsec_statistics_info", tunnel_index=131073)
    assert "<show-index-ipsec-statistics>131073</show-index-ipsec-statistics>" in asked
    assert [row["tunnel_index"] for row in result["statistics"]] == [131073]


def test_words_of_a_query_are_escaped() -> None:
    assert "<destination>a&lt;b&amp;c</destination>" in answer("route_info", destination="a<b&c")[1]


def test_every_module_is_routed_and_in_the_group() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    routed = {name: rule["action_plugin"] for name, rule in runtime["plugin_routing"]["modules"].items()}
    assert routed == {name: "hubspoke.srx.ping" for name in (*OPERATIONS, *CHANGES) if name != "ping"}
    assert {*OPERATIONS, *CHANGES} <= set(runtime["action_groups"]["srx"])
    assert runtime["action_groups"]["srx"] == sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))


@pytest.mark.parametrize("path", sorted((ROOT / "plugins" / "modules").glob("*.py")), ids=lambda path: path.stem)
def test_a_module_names_the_files_that_do_its_work(path: Path) -> None:
    (line,) = re.findall(r"^# Done by (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    files = re.findall(r"plugins/[\w/]+\.py", line)
    action = "ping" if path.stem in {*OPERATIONS, *CHANGES} else path.stem
    assert files[0] == f"plugins/action/{action}.py"
    assert [file for file in files if not (ROOT / file).exists()] == []
    backends = "plugins.module_utils._module_backends."
    work: object = OPERATIONS.get(path.stem) or CHANGES.get(path.stem)
    named = [file.replace("/", ".").removesuffix(".py") for file in files[1:]]
    module = getattr(work, "__module__", "") if not isinstance(work, Table) else f"{backends}operations"
    assert named == ([module[module.index(backends) :]] if work else [])
