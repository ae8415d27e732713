# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rendered text is valid by Juniper's own schema for every release that the planner accepts, and for no other."""

from __future__ import annotations

import importlib.util
import re
import sys
import typing as t
from functools import cache
from types import ModuleType

import pytest
import yaml
from ansible_collections.hubspoke.srx.plugins.doc_fragments._trace import ModuleDocFragment
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument, PlanError
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.scope import by_hosts
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.trace_plan import Trace, TraceOptions, trace_plans
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from tests.golden.networks import GOLDEN, NETWORKS, ROOT, inventory, plan, syntaxes, traced

VALIDATOR = ROOT.parent / "shared" / "junos-schema" / "validate_junos_config.py"
RELEASES = ("24.4R1", "20.4R1", "18.4R1", "17.4R1")
CASES = [(network, syntax) for network in NETWORKS for syntax in syntaxes(network)]

pytestmark = pytest.mark.skipif(not VALIDATOR.exists(), reason="Juniper's schema is not next to this checkout")


@cache
def validator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("validate_junos_config", VALIDATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@cache
def schema(release: str) -> t.Any:
    return validator().Schema.for_release(release)


def refusals(text: str, release: str) -> list[str]:
    # A placeholder is no number, and the key that takes its place is one.
    text = re.sub(r'hexadecimal "<[^>]*>"', 'hexadecimal "00c0ffee"', text)
    findings = validator().validate(text.encode(), release=release, form="text", schema=schema(release))
    return [str(finding) for finding in findings if finding.level == "error"]


def existing(network: str, host: str) -> str:
    """Return the configuration that a device with unmanaged parts has already."""
    path = GOLDEN / network / "existing" / f"{host}.conf"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def refused_by_planner(network: str, syntax: str, release: str) -> set[str]:
    """Return the hosts whose release lacks a feature according to the planner."""
    try:
        plan(network, syntax, nhtb_release=release)
    except PlanError as error:
        about_release = [problem for problem in error.problems if f"Junos {release} is not known" in problem.message]
        if about_release != error.problems:
            raise
        return {host for problem in about_release for host in problem.host.split(", ")}
    return set()


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(("network", "syntax"), CASES)
def test_a_release_accepts_exactly_what_the_planner_accepts_for_it(network: str, syntax: str, release: str) -> None:
    refused: dict[str, list[str]] = {}
    for device in plan(network, syntax, nhtb_release=None).devices:
        if device.site.platform == "junos":
            for grouped in (True, False):
                text = existing(network, device.host) + render(device, grouped=grouped)
                if errors := refusals(text, release):
                    refused[device.host] = errors
    assert set(refused) == refused_by_planner(network, syntax, release), refused


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("network", NETWORKS)
def test_every_release_accepts_the_traces(network: str, release: str) -> None:
    for text in traced(network).values():
        assert refusals(text, release) == []


@pytest.mark.parametrize("release", RELEASES)
def test_the_options_are_the_flags_of_the_schema(release: str) -> None:
    """Each option is a flag of the newest release; an older release has it or the planner refuses it."""
    options = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    for kind in ("ike", "flow"):
        for flag in (*options[f"{kind}_flags"]["choices"], "nonsense"):
            refused = refusals(f"security {{ {kind} {{ traceoptions {{ flag {flag}; }} }} }}", release)
            trace = Trace("trace-file", (flag,))
            asked = TraceOptions(trace if kind == "ike" else None, trace if kind == "flow" else None, "1m", 2)
            fleet = plan("document", "modern", nhtb_release=release)
            try:
                trace_plans(fleet, by_hosts(fleet, {"corporate"}), asked)
                assert bool(refused) is (flag == "nonsense"), (release, kind, flag, refused)
            except BadArgument:
                assert refused


def test_the_schema_refuses_wrong_statements() -> None:
    text = render(plan("document", "modern").hub, grouped=False)
    assert refusals(text, RELEASES[0]) == []
    assert refusals(text.replace("multipoint;", "multipont;"), RELEASES[0])
    assert refusals(text.replace("ipsec-policy vpn-policy1;", "ipsec-policy nowhere;"), RELEASES[0])


def test_one_of_the_networks_states_its_release() -> None:
    stated = {own.get("nhtb_release") for network in NETWORKS for own in inventory(network).hosts.values()}
    assert "18.4R1" in stated
