# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The libraries are bounded, and the oldest that are allowed are the ones that are tested."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_errors import (
    OLDEST as OLDEST_ASYNCSSH,
)
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.utils.tree import ROOT


def read_requirements(name: str) -> dict[str, SpecifierSet]:
    """Return the bounds by package that a requirements file has for this Python."""
    lines = ROOT.joinpath(name).read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith(("#", "-r "))]
    return {one.name: one.specifier for one in found if one.marker is None or one.marker.evaluate()}


RUNTIME = read_requirements("meta/ee-requirements.txt")
OLDEST = read_requirements("requirements-oldest.txt")


@pytest.mark.parametrize("package", sorted(RUNTIME))
def test_a_library_has_both_bounds_and_its_lower_one_is_tested(package: str) -> None:
    versions = {bound.operator: bound.version for bound in RUNTIME[package]}
    assert versions == {">=": versions.get(">="), "<": versions.get("<")}
    assert OLDEST.get(package) == SpecifierSet(f"=={versions['>=']}")


def test_ansible_core_has_one_lower_bound() -> None:
    runtime = yaml.safe_load(ROOT.joinpath("meta", "runtime.yml").read_text(encoding="utf-8"))
    assert SpecifierSet(runtime["requires_ansible"]) == read_requirements("requirements.txt")["ansible-core"]
    lines = ROOT.joinpath("requirements-oldest.txt").read_text(encoding="utf-8").splitlines()
    assert 'ansible-core==2.16.*; python_version < "3.13"' in lines


def test_the_session_accepts_asyncssh_from_its_lower_bound_on() -> None:
    (lowest,) = (bound.version for bound in RUNTIME["asyncssh"] if bound.operator == ">=")
    assert lowest.startswith(".".join(map(str, OLDEST_ASYNCSSH)))
