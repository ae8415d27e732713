# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RETURN of every module, compared with what the module returns in the lab: keys, types, and samples.

A documented key is returned when its documentation says so, and each returned key is documented, at every level. The
expectations are read from the documentation: a new field of a result has to be added there.
"""

from __future__ import annotations

import importlib
import re
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from ansible_collections.hubspoke.srx.plugins.module_utils._module_backends.operations import CHANGES, OPERATIONS

from tests.integration.conftest import ROOT, Network, document_network
from tests.integration.test_document import commit_by_hand
from tests.integration.test_modules import Deployed, Task, ask
from tests.utils.by_hand import by_hand
from tests.utils.ports import free_ports

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
# Their samples are of recorded replies; tests/unit/plugins/modules compares them with these.
OF_DEVICES = {*OPERATIONS, *CHANGES}
FLEET = "nhtb_hubs:nhtb_spokes"
JUNOS = ("corporate", "westford")

Documented = t.Mapping[str, t.Mapping[str, t.Any]]
Result = dict[str, t.Any]

TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "dict": (dict,),
    "float": (float, int),
    "int": (int,),
    "list": (list,),
    "path": (str,),
    "str": (str,),
}
# Ansible documents these for all modules, and the guide those of an error of this collection.
COMMON = {"changed", "deprecations", "diff", "exception", "failed", "invocation", "msg", "unreachable", "warnings"}
COMMON |= {"causes", "detail", "remedy"}
# The words of ``returned``, and whether they hold for a result.
WHEN: dict[str, t.Callable[[Result], bool]] = {
    "always": lambda _result: True,
    "success": lambda result: not (result.get("failed") or result.get("unreachable")),
    "failure": lambda result: bool(result.get("failed") or result.get("unreachable")),
    "when a run has begun": lambda result: "reason" not in result,
    "when no run has begun": lambda result: "run" not in result,
    "when the run has a result for the host": lambda result: "state" in result,
    "when there is something to do": lambda result: "remedy" in result,
    "when the text is longer than 120 characters": lambda result: "detail" in result,
    "when a cause lies with the host": lambda result: "causes" in result,
    "when the host has an error of its own, or the run has no result for it": lambda result: "reason" in result,
    "when the run has no result for the host": lambda result: "state" not in result,
    "never": lambda _result: False,
}
# A dictionary whose keys are names of things, so that no sample has all of them.
KEYED = re.compile(r"\bby (?:host|kind)\b|\bas plain data\b")
VARYING = (
    (re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}"), "RUN"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "TIME"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "DIGEST"),
    (re.compile(r"\S*/(?=artifacts/)"), ""),
)


def documentation(module: str) -> Documented:
    source = importlib.import_module(f"ansible_collections.hubspoke.srx.plugins.modules.{module}")
    content: Documented = yaml.safe_load(source.RETURN)
    return content


@dataclass
class Live:
    """The document's network, and each module's options and results in it."""

    network: Network
    results: dict[str, list[tuple[Result, Result]]] = field(default_factory=dict)

    def play(self, *tasks: Task, hosts: str = FLEET, **play: t.Any) -> None:
        """Run tasks of our modules in one play, and keep each result under its module."""
        named = {f"result_{number}": task for number, task in enumerate(tasks)}
        answers = Deployed(self.network).ask(named, hosts, **play)
        for name, task in named.items():
            module = next(word for word in task if str(word).startswith("hubspoke.srx."))
            results = self.results.setdefault(module.removeprefix("hubspoke.srx."), [])
            results.append((task[module], answers[name]))


def once(module: str, **options: t.Any) -> Task:
    return {**ask(module, **options), "run_once": True}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Live]:
    folder: Path = tmp_path_factory.mktemp("samples")
    password = folder / "vault-password"
    password.write_text("of-the-vault", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, document_network(folder) as network:
        patch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", str(password))
        # So that the hub is the first to print its results, which are those that are read.
        patch.setenv("ANSIBLE_FORKS", "1")
        key_file = {"nhtb_key_file": str(folder / "host_vars" / "westford" / "key.yml")}
        network.inventories.append(network.overlay("key", {"nhtb_spokes": {"hosts": {"westford": key_file}}}))
        found = Live(network)
        refused(found)
        deployed(found)
        broken(found)
        removed_and_adopted(found)
        yield found


def refused(live: Live) -> None:
    """Run every module so that it fails: with a wrong plan, without a device, with a run that is not there."""
    (port,) = free_ports(1)
    needed: dict[str, dict[str, t.Any]] = {"ping": {"destination": "10.0.0.1"}}
    needed["clear_security_associations"] = {"vpn": "westford-vpn"}
    needed["remove"] = {"all": True}
    live.play(
        *(ask(module, **needed.get(module, {})) for module in sorted(OF_DEVICES)),
        hosts="corporate",
        vars={"ansible_port": port},
    )
    others = [module for module in MODULES if module not in {*OF_DEVICES, "outcome", "report"}]
    live.network.extra["nhtb_mss"] = 1
    live.play(*(once(module, **needed.get(module, {})) for module in others))
    del live.network.extra["nhtb_mss"]
    live.play(ask("outcome", run="no-run"), once("report", run="no-run"), once("preflight", sessions=0))


def deployed(live: Live) -> None:
    """Deploy, and run the modules that need tunnels."""
    live.play(
        once("render", artifacts_dir=str(live.network.folder / "review" / "artifacts")),
        once("transaction"),
        ask("outcome", run="{{ result_1.run }}"),
        once("report", run="{{ result_1.run }}"),
        once("nhtb_verify"),
        once("drift"),
        once("troubleshoot", source="westford", destination="corporate", sample_interval=0),
        once("trace", seconds=0, negotiate=True),
        once("traceoptions", flow=False),
        ask("outcome", run="{{ result_8.run }}"),
        once("traceoptions", state="absent"),
        once("collect"),
        once("recover"),
        once("preflight"),
        once("report_formats", report="{{ result_3.path }}", report_formats=["junit"]),
    )
    live.play(
        ask("commit_info"),
        ask("ike_log_info"),
        ask("ike_security_associations_info"),
        ask("ike_security_associations_info", level="brief"),
        ask("inactive_tunnels_info"),
        ask("ipsec_security_associations_info"),
        ask("ipsec_statistics_info"),
        ask("next_hop_tunnels_info", raw=True),
        ask("ping", destination="192.168.178.1", source="10.10.10.1"),
        ask("route_info"),
        ask("storage_info"),
        ask("clear_security_associations", vpn="westford-vpn"),
        hosts="corporate",
    )
    live.play(once("rotate_keys"), hosts="westford")


def broken(live: Live) -> None:
    """Give Westford another key, diagnose that, and deploy a wrong one to Sunnyvale's tunnel."""
    network = live.network
    policy = re.search(r"set groups hubspoke (security ike policy \S+)", network.lab.show("westford", "set"))
    assert policy
    commit_by_hand(network, "westford", f"set groups hubspoke {policy[1]} pre-shared-key ascii-text other")
    # The associations outlive the commit: the next negotiation fails.
    network.lab.fault("corporate", "flap", vpn="westford-vpn")
    live.play(
        once("troubleshoot", source="westford", destination="corporate", sample_interval=0),
        once("trace", source="westford", destination="corporate", seconds=0, flow=False),
        once("drift"),
        once("nhtb_verify", verify_timeout=1),
    )
    live.play(ask("ike_log_info"), ask("inactive_tunnels_info"), hosts="corporate")
    wrong = {
        "nhtb_spokes": {"hosts": {"sunnyvale": {"nhtb_pre_shared_key": "another-key", "nhtb_operator_ready": True}}}
    }
    network.inventories.append(network.overlay("wrong", wrong))
    live.play(once("transaction"), ask("outcome", run="{{ result_0.run }}"))
    network.inventories.pop()


def removed_and_adopted(live: Live) -> None:
    """Remove the VPN, configure it by hand, and adopt it from there, knowing only the connections."""
    network = live.network
    live.play(once("remove", all=True), ask("outcome", run="{{ result_0.run }}"))
    for host in JUNOS:
        lines = by_hand(network.folder / "review" / "artifacts" / "latest", host, {})
        # A policy on the tunnel's zone that is none of the plan's would stay at the top level.
        commit_by_hand(network, host, *(line for line in lines if "from-zone vpn to-zone untrust" not in line))
    known = yaml.safe_load((network.inventories[0] / "host_vars" / "sunnyvale.yml").read_text(encoding="utf-8"))
    devices = network.lab.status()["devices"]
    where = {host: {"ansible_host": devices[host]["address"], "ansible_port": devices[host]["port"]} for host in JUNOS}
    groups = {
        "nhtb_hubs": {"hosts": {"corporate": where["corporate"]}},
        "nhtb_spokes": {"hosts": {"westford": where["westford"], "sunnyvale": known}},
    }
    content = {"nhtb": {"children": groups, "vars": {"ansible_user": "hubspoke"}}}
    network.inventories = [network.overlay("known", content)]
    live.play(once("adopt", inventory_dir=str(network.folder / "adopted")))


def differences(place: str, documented: Documented, result: Result, *, lacks: bool = False) -> t.Iterator[str]:
    """Yield each mismatch of documentation and result. With ``lacks`` any value may be none."""
    for key, about in documented.items():
        expected = WHEN[about.get("returned", "always")](result)
        if expected != (key in result):
            yield f"{place}.{key}: expected {'a value' if expected else 'no value'}, actual {result}"
        elif key in result:
            yield from differences_of_value(f"{place}.{key}", about, result[key], lacks=lacks)
    undocumented = set(result) - set(documented) - (set() if "." in place else COMMON)
    yield from (f"{place}.{key}: expected in RETURN, actual undocumented" for key in undocumented)


def differences_of_value(place: str, about: t.Mapping[str, t.Any], value: t.Any, *, lacks: bool) -> t.Iterator[str]:
    """Yield each mismatch of one value and of its contents."""
    words = "".join(about["description"])
    lacks = lacks or bool(re.search(r"\bnone\b", words))
    if value is None:
        if not lacks:
            yield f"{place}: expected {about['type']}, actual none, which no description names"
        return
    if not isinstance(value, TYPES[about["type"]]) or (about["type"] != "bool" and isinstance(value, bool)):
        yield f"{place}: expected {about['type']}, actual {value!r}"
        return
    rows: list[t.Any] = value if isinstance(value, list) else [value]
    if about["type"] == "list" and not all(isinstance(row, TYPES[about["elements"]]) for row in rows):
        yield f"{place}: expected a list of {about['elements']}, actual {value!r}"
    elif contained := contents(about):
        # An empty dictionary is none of them.
        yield from (one for row in rows if row for one in differences(place, contained, row, lacks=lacks))
    elif "dict" in (about["type"], about.get("elements")) and not KEYED.search(words):
        yield from (f"{place}: {one}" for row in rows for one in unlike(about["sample"], row, keys_only=True))


def asked(documented: Documented, options: Result) -> Documented:
    """Return documentation whose keys that depend on an option are returned on success, or never."""
    found = {}
    for key, about in documented.items():
        option = re.fullmatch(r"when O\((\w+)=(\w+)\)", about["returned"])
        returned = "success" if option and options.get(option[1]) == yaml.safe_load(option[2]) else "never"
        found[key] = {**about, "returned": returned} if option else about
    return found


def contents(about: t.Mapping[str, t.Any]) -> Documented:
    """Return what is documented of a value's contents, there or where its description refers to."""
    refers = re.search(r"as RV\(hubspoke\.srx\.(\w+)#module:(\w+)\)", "".join(about["description"]))
    found: Documented = documentation(refers[1])[refers[2]].get("contains", {}) if refers else about.get("contains", {})
    return found


def unlike(sample: t.Any, value: t.Any, *, keys_only: bool) -> t.Iterator[str]:
    """Yield each mismatch of a value and its sample: of their keys, or of the values of the sample's keys."""
    if isinstance(sample, dict) and isinstance(value, dict):
        yield from (f"{key}: expected in the sample" for key in set(value) ^ set(sample) if keys_only)
        for key in set(value) & set(sample):
            yield from (f"{key}: {one}" for one in unlike(sample[key], value[key], keys_only=keys_only))
    elif keys_only:
        return
    elif isinstance(sample, list) and isinstance(value, list):
        if not sample and value:
            yield f"expected a sample of {value!r}"
        for one in sample:
            if not any(not list(unlike(one, other, keys_only=False)) for other in value):
                yield f"expected one of {value!r}, actual {one!r}"
    elif stable(sample) != stable(value):
        yield f"expected {value!r}, actual {sample!r}"


def stable(value: t.Any) -> t.Any:
    """Return a value without what differs from run to run: names, times, sums and paths; sizes altogether."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value < 20 else "SIZE"
    for pattern, word in VARYING if isinstance(value, str) else ():
        value = pattern.sub(word, value)
    return value


@pytest.mark.parametrize("module", MODULES)
def test_what_is_returned_is_documented_and_what_is_documented_is_returned(live: Live, module: str) -> None:
    documented = documentation(module)
    results = live.results[module]
    assert {WHEN["success"](result) for _options, result in results} == {True, False}
    found = [differences(module, asked(documented, options), result) for options, result in results]
    assert [one for some in found for one in some] == []


@pytest.mark.parametrize("module", sorted(set(MODULES) - OF_DEVICES))
def test_each_sample_is_of_a_result(live: Live, module: str) -> None:
    for key, about in documentation(module).items():
        values = [result[key] for _options, result in live.results[module] if key in result]
        found = [list(unlike(about["sample"], value, keys_only=False)) for value in values]
        assert [] in found, (key, found)
