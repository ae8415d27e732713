# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A module's DOCUMENTATION as its argument spec, so that options are written down once."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible.parsing.plugin_docs import read_docstring
from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import add_fragments

_COLLECTION = Path(__file__).resolve().parents[2]
_SPEC_KEYS = ("type", "elements", "required", "default", "choices", "no_log", "aliases")


def argument_spec(module: str) -> dict[str, t.Any]:
    """The argument spec of a module of this collection, its documentation fragments included."""
    path = _COLLECTION / "plugins" / "modules" / f"{module}.py"
    documentation = read_docstring(str(path), verbose=False)["doc"]
    add_fragments(documentation, str(path), fragment_loader=fragment_loader)
    return _options(documentation.get("options") or {})


def _options(documented: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    spec: dict[str, t.Any] = {}
    for name, option in documented.items():
        spec[name] = {key: option[key] for key in _SPEC_KEYS if key in option}
        if "suboptions" in option:
            spec[name]["options"] = _options(option["suboptions"])
    return spec
