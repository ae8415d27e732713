# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Load the profiles of third-party spokes: those of the collection, and those of folders next to an inventory."""

from __future__ import annotations

import re
import typing as t
from functools import lru_cache
from pathlib import Path

import yaml
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import PlanError, Problem, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import DeviceProfile
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.profiles import FILE, Profiles, read_profile
from ansible_collections.hubspoke.srx.plugins.plugin_utils._vault import variable_folders

SHIPPED = Path(__file__).parents[2] / "roles" / "nhtb" / "profiles"
FOLDER = "profiles"
# A profile of more is none, and must not fill the memory.
_MOST_BYTES = 100_000
_CORRECT = "Correct it; yamllint shows the line"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


@lru_cache
def shipped() -> Profiles:
    """Return the profiles of the collection, by name."""
    return _load({path.parent.name: path.parent for path in SHIPPED.glob(f"*/{FILE}")})


def profiles_of(hosts: t.Mapping[str, t.Mapping[str, t.Any]], task_vars: t.Mapping[str, t.Any]) -> Profiles:
    """Return the profiles of the collection, and those that hosts name of a folder ``profiles``.

    It is next to the inventory, next to its folder, or next to the playbook; the first that has the name counts, before
    that of the collection. Raise PlanError with each problem of a profile's file.
    """
    named = {str(own["nhtb_profile"]) for own in hosts.values() if isinstance(own.get("nhtb_profile"), str)}
    wanted = {name for name in named if _NAME.fullmatch(name) and name != "junos"}
    found: dict[str, Path] = {}
    for folder in _folders(task_vars) if wanted else ():
        for name in wanted:
            if (folder / name / FILE).is_file():
                found.setdefault(name, folder / name)
    return {**shipped(), **_load(found)}


def third_party(variables: t.Mapping[str, t.Any], profiles: Profiles | None = None) -> str:
    """Return the product of a host that its operator configures, empty for a Junos device; by its variables alone."""
    name = str(variables.get("nhtb_profile") or variables.get("nhtb_platform") or "junos")
    profile = {**shipped(), **(profiles or {})}.get(name)
    return "" if name == "junos" else profile.title if profile else name


def _folders(task_vars: t.Mapping[str, t.Any]) -> list[Path]:
    """Return the folders of profiles. Ansible reads each file of an inventory's folder: there they may be above it."""
    *inventories, playbook = variable_folders(task_vars)
    return [one / FOLDER for folder in inventories for one in (folder, folder.parent)] + [playbook / FOLDER]


def _load(folders: t.Mapping[str, Path]) -> Profiles:
    problems, loaded = Problems(), dict[str, DeviceProfile | None]()
    for name, folder in sorted(folders.items()):
        shown = f"{FOLDER}/{name}/{FILE}"
        try:
            with (folder / FILE).open(encoding="utf-8") as file:
                data = yaml.safe_load(file.read(_MOST_BYTES))
        except (OSError, ValueError, yaml.YAMLError) as error:
            words = " ".join(str(error).split())
            raise PlanError([Problem(shown, "YAML", shortened(words), "the file cannot be read", _CORRECT)]) from None
        templates = {path.name for path in (folder / "templates").glob("*.j2")}
        loaded[name] = read_profile(name, data, shown, templates, str(folder), problems)
    problems.raise_if_any()
    return {name: profile for name, profile in loaded.items() if profile is not None}
