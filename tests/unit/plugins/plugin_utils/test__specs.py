# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of a fleet module: from its task, else from a variable as Ansible evaluates it, else the default."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path
from types import SimpleNamespace

import ansible.template
import pytest
from ansible import constants
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.action import ActionBase
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import (
    SECRETS,
    argument_spec,
    check_limits,
    fleet_options,
    variables_of,
)

MODULES = Path(__file__).parents[4] / "plugins" / "modules"
FLEET = "  - hubspoke.srx._fleet\n"
OMIT = "__omit_place_holder__0123"
_trust: t.Callable[[str], t.Any] = getattr(ansible.template, "trust_as_template", str)


def trusted(value: t.Any) -> t.Any:
    """Return a value as from an inventory: from ansible-core 2.19 on only a trusted string is a template."""
    if isinstance(value, list):
        return [trusted(one) for one in value]
    if isinstance(value, dict):
        return {name: trusted(one) for name, one in value.items()}
    return _trust(value) if isinstance(value, str) else value


class Action(ActionBase):  # type: ignore[misc]
    """An action plugin of which only the options are read."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        return {}


def options(module: str = "transaction", task: dict[str, t.Any] | None = None, **variables: t.Any) -> dict[str, t.Any]:
    """Return the options of a module whose task gives some and whose variables give others."""
    known = {**trusted(variables), "omit": OMIT}
    templar = ansible.template.Templar(loader=DataLoader(), variables=known)
    given = SimpleNamespace(action=f"hubspoke.srx.{module}", args=task or {}, async_val=0)
    action = Action(given, None, None, None, templar, None)
    action._load_name = "ansible_collections.hubspoke.srx.plugins.action.ping"
    found = fleet_options(action, argument_spec(module), known)
    check_limits(action, found)
    return found


def test_the_default_counts_least_and_the_task_most() -> None:
    assert options()["sessions"] == 30
    assert options(nhtb_sessions=7)["sessions"] == 7
    assert options(task={"sessions": 8}, nhtb_sessions=7)["sessions"] == 8


def test_a_variable_is_evaluated_and_brought_to_the_type_of_its_option() -> None:
    found = options(
        nhtb_sessions="{{ base + 1 }}",
        base=4,
        nhtb_verify_settle="0",
        nhtb_take_over="yes",
        nhtb_deploy_checks=["ike", "{{ check }}"],
        check="ipsec",
    )
    assert found["sessions"] == 5
    assert found["verify_settle"] == 0.0
    assert found["take_over"] is True
    assert found["checks"] == ["ike", "ipsec"]


def test_an_option_that_is_unknown_names_the_module_of_the_task() -> None:
    with pytest.raises(AnsibleError, match=r"^Unsupported parameters for \(hubspoke\.srx\.drift\) module: file\. "):
        options("drift", {"file": "kmd"})


@pytest.mark.parametrize("value", [None, "{{ omit }}"])
def test_a_variable_that_is_none_or_omitted_is_not_set(value: str | None) -> None:
    assert options(nhtb_sessions=value)["sessions"] == 30
    assert options(nhtb_ticket=value)["ticket"] is None


@pytest.mark.parametrize(
    ("module", "variable", "option"),
    [
        ("remove", "nhtb_deploy_checks", "checks"),
        ("nhtb_verify", "nhtb_verify_checks", "checks"),
        ("trace", "nhtb_trace_source", "source"),
        ("troubleshoot", "nhtb_trouble_source", "source"),
        ("traceoptions", "nhtb_lock_wait", "lock_wait"),
        ("adopt", "nhtb_adopt_dir", "inventory_dir"),
    ],
)
def test_some_variables_have_a_name_of_their_own(module: str, variable: str, option: str) -> None:
    assert variables_of(module, argument_spec(module))[option] == variable


def test_a_variable_about_a_spoke_is_no_option() -> None:
    assert options("traceoptions", nhtb_state="absent", nhtb_trace_state="absent")["state"] == "present"


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize("value", ["{{ not_defined }}", "a/{{ not_defined }}", ["{{ not_defined }}"]])
def test_an_undefined_template_is_refused_by_name(value: t.Any, lenient: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    # What ANSIBLE_ERROR_ON_UNDEFINED_VARS=false makes of ansible-core before 2.19.
    monkeypatch.setattr(constants, "DEFAULT_UNDEFINED_VAR_BEHAVIOR", not lenient)
    with pytest.raises(BadArgument, match=r"^controller: nhtb_artifacts_dir: expected a value, actual a template "):
        options(nhtb_artifacts_dir=value)


def test_a_template_that_nothing_reads_is_not_evaluated() -> None:
    assert options(task={"ticket": "CHG-1"}, nhtb_ticket="{{ not_defined }}")["ticket"] == "CHG-1"
    assert options(nhtb_trace_source="{{ not_defined }}")["sessions"] == 30


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("nhtb_sessions", "many", "nhtb_sessions: expected a whole number, actual 'many'"),
        ("nhtb_on_failure", "none", "nhtb_on_failure: expected one of all, site, actual 'none'"),
        ("nhtb_deploy_checks", ["ike", "x"], "nhtb_deploy_checks: expected some of ike, ike_algorithms, "),
        ("nhtb_sessions", "9" * 20, "nhtb_sessions: expected a whole number of at most 15 digits, actual '99999"),
        ("nhtb_report_formats", [], "nhtb_report_formats: expected some of html, json, junit, md, prom, actual none"),
        ("nhtb_sessions", 0, "sessions: expected 1 to 1000, actual 0"),
        ("nhtb_verify_interval", "0.05", "verify_interval: expected 0.1 to 3600, actual 0.05"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_by_its_variable(variable: str, value: t.Any, words: str) -> None:
    with pytest.raises(BadArgument) as caught:
        options(**{variable: value})
    assert str(caught.value).startswith(f"controller: {words}")
    assert caught.value.reason == "bad_argument"


def test_a_value_of_the_task_is_refused_by_its_option() -> None:
    with pytest.raises(BadArgument, match=r"^controller: sessions: expected 1 to 1000, actual 0"):
        options(task={"sessions": 0}, nhtb_sessions=7)
    with pytest.raises(AnsibleActionFail, match="sesions"):
        options(task={"sesions": 5})


@pytest.mark.parametrize("value", ["ftp://me:hidden@{{ not_defined }}/x", {"hidden": "{{ not_defined }}"}])
def test_a_secret_is_not_shown(value: t.Any) -> None:
    assert SECRETS == ("nhtb_trace_copy_to",)
    with pytest.raises(BadArgument, match=r"^controller: nhtb_trace_copy_to: ") as caught:
        options("trace", nhtb_trace_copy_to=value)
    assert "hidden@" not in str(caught.value)


@pytest.mark.parametrize("module", sorted(path.stem for path in MODULES.glob("*.py") if FLEET in path.read_text()))
def test_the_notes_name_each_variable_with_a_name_of_its_own(module: str) -> None:
    fragments = "".join(path.read_text() for path in MODULES.with_name("doc_fragments").glob("*.py"))
    notes = (MODULES / f"{module}.py").read_text() + fragments
    named = re.findall(r"C\((nhtb_\w+)\)", notes)
    for option, variable in variables_of(module, argument_spec(module)).items():
        if variable != f"nhtb_{option}":
            assert [name for name in named if variable == name or (name.endswith("_") and variable.startswith(name))]


def test_only_modules_of_the_fleet_take_options_from_variables() -> None:
    actions = MODULES.with_name("action")
    for path in MODULES.glob("*.py"):
        action = actions / path.name
        source = action.read_text() if action.exists() else ""
        bases = ("(FleetAction)", "(TraceAction)", "(TransactionAction)")
        takes = any(word in source for word in ("fleet_options(", *bases))
        assert takes == (FLEET in path.read_text()), path.stem
