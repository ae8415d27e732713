# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules that ask one device document what they do: their options, each field they answer, and a true sample."""

from __future__ import annotations

import importlib
import types
import typing as t
from pathlib import Path
from types import NoneType

import pytest
import yaml
from ansible_collections.hubspoke.srx.plugins.module_utils._device.storage import AssessedFilesystem
from ansible_collections.hubspoke.srx.plugins.module_utils._model import observed as model
from ansible_collections.hubspoke.srx.plugins.module_utils._module_backends.operations import CHANGES, OPERATIONS, Table

ROOT = Path(__file__).parents[4]
REPLIES = Path(__file__).parents[2] / "fixtures" / "rpc"

# Of every module: the rows it answers, and the reply its sample was taken from.
ANSWERS: dict[str, tuple[type, str]] = {
    "commit_info": (model.CommitEntry, "commit-list/pending.xml"),
    "ike_security_associations_info": (model.IkeSa, "ike/detail-undeclared-prefix.xml"),
    "inactive_tunnels_info": (model.InactiveTunnel, "inactive-tunnels/one.xml"),
    "ipsec_security_associations_info": (model.IpsecTunnel, "ipsec/detail.xml"),
    "ipsec_statistics_info": (model.IpsecStatistics, "statistics/iked.xml"),
    "next_hop_tunnels_info": (model.NextHopTunnel, "next-hop-tunnels/static-and-auto.txt"),
    "ping": (model.Ping, "ping/answered.xml"),
    "route_info": (model.Route, "route/brief.xml"),
    "storage_info": (AssessedFilesystem, "storage/blocks.xml"),
}
# These put several questions, and have tests of their own.
ELSEWHERE = {"ike_log_info"}
# Options that are no words of the question, or choose among its forms.
COMMON = {"raw", "level"}
TYPES = {bool: "bool", int: "int", str: "str"}

modules = pytest.mark.parametrize("name", sorted(ANSWERS))


class Recorded:
    """A session whose device gives one reply to everything, and that remembers what it was asked."""

    target = types.SimpleNamespace(timeout=60)

    def __init__(self, reply: str) -> None:
        self.reply = reply
        self.asked: list[str] = []

    def rpc(self, request: str, *, timeout: int = 60) -> str:
        self.asked.append(request)
        return self.reply


def answer(name: str, **options: t.Any) -> tuple[dict[str, t.Any], str]:
    """The result of a module, and what it asked, where the device gives the reply of its sample."""
    session = Recorded((REPLIES / ANSWERS[name][1]).read_text(encoding="utf-8"))
    given = {option: about.get("default") for option, about in documented(name, "DOCUMENTATION")["options"].items()}
    result = OPERATIONS[name](t.cast("t.Any", session), {**given, **options})
    return result, session.asked[0]


def documented(name: str, part: str) -> dict[str, t.Any]:
    module = importlib.import_module(f"ansible_collections.hubspoke.srx.plugins.modules.{name}")
    content: dict[str, t.Any] = yaml.safe_load(getattr(module, part))
    return content


def rows_documented(name: str) -> dict[str, t.Any]:
    """The documentation of a module's fields, wherever they stand."""
    operation = OPERATIONS[name]
    returned = documented(name, "RETURN")
    if isinstance(operation, Table):
        contained: dict[str, t.Any] = returned[operation.key]["contains"]
        return contained
    return {key: about for key, about in returned.items() if key not in ("source", "notes")}


def described(row: type) -> dict[str, t.Any]:
    """What the documentation must say of the fields of a dataclass: their types, and what they contain."""
    return {name: describe(hint) for name, hint in t.get_type_hints(row).items()}


def describe(hint: t.Any) -> dict[str, t.Any]:
    if t.get_origin(hint) is tuple:
        return {"type": "list", "elements": "dict", "contains": described(t.get_args(hint)[0])}
    if t.get_origin(hint) is t.Literal:
        return {"type": TYPES[type(t.get_args(hint)[0])]}
    present = [one for one in t.get_args(hint) or (hint,) if one is not NoneType]
    return {"type": TYPES[present[0]]}


def without_words(fields: dict[str, t.Any]) -> dict[str, t.Any]:
    """Documented fields less what describes them to people."""
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
def test_the_sample_is_what_the_module_answers(name: str) -> None:
    returned = documented(name, "RETURN")
    result, _asked = answer(name)
    assert result.pop("changed") is False
    assert result == {key: about["sample"] for key, about in returned.items() if key != "raw"}


@modules
def test_each_word_of_the_question_is_an_option(name: str) -> None:
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


def test_what_is_asked_is_escaped() -> None:
    assert "<destination>a&lt;b&amp;c</destination>" in answer("route_info", destination="a<b&c")[1]


def test_every_module_is_routed_and_in_the_group() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    routed = {name: rule["action_plugin"] for name, rule in runtime["plugin_routing"]["modules"].items()}
    assert routed == {name: "hubspoke.srx.ping" for name in (*OPERATIONS, *CHANGES) if name != "ping"}
    assert {*OPERATIONS, *CHANGES} <= set(runtime["action_groups"]["srx"])
    assert runtime["action_groups"]["srx"] == sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
