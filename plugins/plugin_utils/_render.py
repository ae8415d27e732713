# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Render plans as text with the templates of the role. Pre-shared keys are placeholders until the text is sent."""

from __future__ import annotations

import typing as t
from functools import lru_cache
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import placeholder
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, full_stop
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Identity
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rules import SERVICES
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.trace_plan import TracePlan
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import SHIPPED
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError

TEMPLATES = Path(__file__).parents[2] / "roles" / "nhtb" / "templates"


def render(plan: DevicePlan, *, grouped: bool = True) -> str:
    """Return the configuration of one device: Junos curly-brace text, or the first text for its operator.

    ``grouped`` puts Junos statements into the plan's configuration group, to be loaded with ``replace``.
    """
    if plan.site.profile.by_operator:
        return next(iter(operator_texts(plan).values()))
    return _environment(TEMPLATES).get_template(f"{plan.site.role}.conf.j2").render(plan=plan, grouped=grouped)


def operator_texts(plan: DevicePlan) -> dict[str, str]:
    """Return the texts for the operator of a third-party spoke, by the endings of their files. Raise HubspokeError."""
    profile = plan.site.profile
    environment = _environment(Path(profile.folder) / "templates")
    texts: dict[str, str] = {}
    for file in profile.files:
        try:
            texts[file.ending] = environment.get_template(file.template).render(plan=plan, profile=profile)
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            line = f", line {error.lineno}" if isinstance(error, TemplateSyntaxError) else ""
            raise HubspokeError(
                f"{plan.host}: template {file.template} of profile {profile.name}{line}: expected a text, actual"
                f" {type(error).__name__}: {full_stop(str(error))} Correct the template."
            ) from None
    return texts


def render_trace(trace: TracePlan) -> str:
    """Return the group of one device's traceoptions, to be loaded with ``replace``."""
    return _environment(TEMPLATES).get_template("trace.conf.j2").render(trace=trace)


@lru_cache
def _environment(folder: Path) -> Environment:
    environment = Environment(
        # A template of a profile may include one of another: generic/templates/parameters.json.j2.
        loader=FileSystemLoader([folder, SHIPPED]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  the output is configuration text, not HTML
    )
    environment.filters["bracketed"] = _bracketed
    environment.filters["identity"] = _identity
    environment.filters["key_placeholder"] = placeholder
    environment.filters["prefixes"] = _prefixes
    environment.filters["screenos_service"] = SERVICES.__getitem__
    return environment


def _identity(identity: Identity) -> str:
    """Return an identity as Junos prints it: a distinguished name, which has blanks, is matched as a whole."""
    if identity.kind == "distinguished-name":
        return f'{identity.kind} container "{identity.value}"'
    return f"{identity.kind} {identity.value}"


def _prefixes(names: t.Iterable[str], plan: DevicePlan) -> list[str]:
    """Return the networks that names of a device's address book stand for; ``any`` as it is."""
    book = {entry.name: entry.prefix for entry in plan.address_book}
    return [book.get(name, name) for name in names]


def _bracketed(names: t.Iterable[str]) -> str:
    """Return names as Junos prints a list of them: brackets around several, none around one."""
    names = list(names)
    return names[0] if len(names) == 1 else f"[ {' '.join(names)} ]"
