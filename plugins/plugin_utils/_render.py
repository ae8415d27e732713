# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Plans to text, through the templates of the role. Pre-shared keys are placeholders, filled by who sends the text."""

from __future__ import annotations

import typing as t
from functools import lru_cache
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import placeholder
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.trace_plan import TracePlan
from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parents[2] / "roles" / "nhtb" / "templates"


def render(plan: DevicePlan, *, grouped: bool = True) -> str:
    """The configuration of one device as text: Junos curly-brace text, or ScreenOS commands.

    C(grouped) puts Junos statements into the plan's configuration group, to be loaded with C(replace).
    """
    name = "spoke.screenos.j2" if plan.site.platform == "screenos" else f"{plan.site.role}.conf.j2"
    return _environment().get_template(name).render(plan=plan, grouped=grouped)


def render_trace(trace: TracePlan) -> str:
    """The group of one device's traceoptions, to be loaded with C(replace)."""
    return _environment().get_template("trace.conf.j2").render(trace=trace)


@lru_cache
def _environment() -> Environment:
    # The output is configuration text, not HTML.
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["bracketed"] = _bracketed
    environment.filters["key_placeholder"] = placeholder
    return environment


def _bracketed(names: t.Sequence[str]) -> str:
    """Names as Junos prints a list of them: brackets around several, none around one."""
    return names[0] if len(names) == 1 else f"[ {' '.join(names)} ]"
