# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One data file for each inventory under ``inventories/``: what to break there, and the finding that names it.

README.md in this folder has the fields. ``tests/integration/test_shapes.py`` deploys, breaks and adopts each shape;
``tests/golden/test_shapes_schema.py`` holds its rendered text to Juniper's schema.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path

import yaml

from tests.golden.networks import Inventory, read_inventory

SHAPES = Path(__file__).parent
INVENTORIES = SHAPES.parents[1] / "inventories"


@dataclass(frozen=True)
class Cause:
    """A cause in the report of a run. ``words`` stand in its expected value, actual value or remedies."""

    host: str
    check: str
    object: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Diagnosis:
    """What ``troubleshoot`` says: the first layer that fails, the device and the statement, or a note."""

    layer: str = ""
    device: str = ""
    statement: str = ""
    note: str = ""


@dataclass(frozen=True)
class Break:
    """Statements that another user commits on one device, and what ``verify`` and ``troubleshoot`` say of them.

    With ``renew`` the tunnels of the device are negotiated anew, so that the change takes effect.
    """

    name: str
    host: str
    statements: tuple[str, ...]
    causes: tuple[Cause, ...]
    troubleshoot: Diagnosis | None = None
    renew: bool = True
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deployment:
    """A deployment that is not verified: variables of hosts, and statements that another user has committed before."""

    name: str
    variables: t.Mapping[str, t.Mapping[str, t.Any]]
    causes: tuple[Cause, ...]
    statements: t.Mapping[str, t.Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Adoption:
    """What the inventory of ``adopt`` knows apart from the connections, other names on the devices, and consents."""

    known: t.Mapping[str, t.Mapping[str, t.Any]] = field(default_factory=dict)
    names: t.Mapping[str, str] = field(default_factory=dict)
    render: t.Mapping[str, t.Any] = field(default_factory=dict)
    accept: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shape:
    """The data of one inventory."""

    name: str
    reaches: tuple[tuple[str, str], ...]
    breaks: tuple[Break, ...]
    adopt: Adoption | None
    adopt_not: str
    releases: tuple[str, ...]
    refused: t.Mapping[str, str] = field(default_factory=dict)
    before: t.Mapping[str, t.Sequence[str]] = field(default_factory=dict)
    outside: tuple[tuple[str, str], ...] = ()
    deployments: tuple[Deployment, ...] = ()

    @property
    def inventory(self) -> Path:
        return INVENTORIES / self.name

    def variables(self) -> Inventory:
        """Return the inventory with the collection's and the lab's variables only, as plain data.

        A key from a lookup is another one here.
        """
        hosts, hubs, spokes = read_inventory(str(self.inventory / "hosts.yml"))
        ours = {
            host: {name: value for name, value in own.items() if name.startswith(("nhtb_", "lab_"))}
            for host, own in hosts.items()
        }
        for host, own in ours.items():
            own.pop("nhtb_ssh_config", None)
            if "{{" in own.get("nhtb_pre_shared_key", ""):
                # Letters of hexadecimal digits alone, so that it suits either format.
                own["nhtb_pre_shared_key"] = f"key-of-{host}-in-the-lab".encode().hex()
        return Inventory(*json.loads(json.dumps([ours, hubs, spokes])))


def names() -> list[str]:
    """Return the names of all shapes."""
    return sorted(path.stem for path in SHAPES.glob("*.yml"))


def load(name: str) -> Shape:
    """Return the data of a shape. Raise ``ValueError`` for a field that is unknown or missing."""
    data = yaml.safe_load((SHAPES / f"{name}.yml").read_text(encoding="utf-8"))
    adopt = data.pop("adopt", {})
    return _made(
        Shape,
        {
            **data,
            "name": name,
            "reaches": tuple(tuple(pair) for pair in data.get("reaches", ())),
            "outside": tuple(tuple(pair) for pair in data.get("outside", ())),
            "breaks": tuple(_break(one) for one in data.get("breaks", ())),
            "deployments": tuple(_caused(Deployment, one) for one in data.get("deployments", ())),
            "releases": tuple(data.get("releases", ())),
            "adopt": None if isinstance(adopt, str) else _made(Adoption, adopt),
            "adopt_not": adopt if isinstance(adopt, str) else "",
        },
        name,
    )


def _break(data: dict[str, t.Any]) -> Break:
    diagnosis = data.get("troubleshoot")
    return _caused(Break, {**data, "troubleshoot": diagnosis and _made(Diagnosis, diagnosis)})


T = t.TypeVar("T")


def _caused(kind: type[T], data: dict[str, t.Any]) -> T:
    return _made(kind, {**data, "causes": tuple(_made(Cause, one) for one in data.get("causes", ()))})


def _made(kind: type[T], data: dict[str, t.Any], where: str = "") -> T:
    known = {one.name: one for one in fields(t.cast(t.Any, kind))}
    needed = {name for name, one in known.items() if one.default is MISSING and one.default_factory is MISSING}
    if (wrong := set(data) - set(known)) or (wrong := needed - set(data)):
        place = f"{where} {kind.__name__} {data.get('name', '')}".strip()
        raise ValueError(f"{place}: expected {', '.join(known)}, actual {', '.join(data)}: see {', '.join(wrong)}")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in data.items()})
