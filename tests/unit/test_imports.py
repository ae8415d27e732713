# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The imports of each layer. The core stays usable, and testable, without Ansible and without a device."""

from __future__ import annotations

import ast
import sys
import typing as t
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COLLECTION = "ansible_collections.hubspoke.srx"
CORE = f"{COLLECTION}.plugins.module_utils"
SESSION = f"{CORE}._device.session"
OPERATIONS = f"{CORE}._module_backends.operations"
DEVICE = {SESSION, OPERATIONS}
SESSION_LIBRARIES = {"jxmlease", "netutils"}
# The libraries of a channel, and the files that may know them.
CHANNELS: dict[str, set[str]] = {
    "plugins/module_utils/_device/channels/asyncssh_carrier.py": set(),
    "plugins/module_utils/_device/channels/asyncssh_errors.py": {"asyncssh"},
    "plugins/module_utils/_device/channels/asyncssh_keys.py": {"asyncssh"},
    "plugins/module_utils/_device/channels/asyncssh_login.py": {"asyncssh"},
    "plugins/module_utils/_device/channels/asyncssh_channel.py": {"asyncssh"},
    "plugins/module_utils/_device/channels/asyncssh_offered_keys.py": {"asyncssh"},
    "plugins/module_utils/_device/channels/ssh_config_without_client.py": {"asyncssh"},
    "plugins/module_utils/_device/channels/pyez_channel.py": {"jnpr", "lxml", "ncclient", "paramiko"},
    "plugins/module_utils/_device/channels/pyez_errors.py": {"jnpr", "ncclient", "paramiko"},
    "plugins/module_utils/_device/channels/pyez_login.py": {"jnpr", "paramiko"},
}
STANDARD = sys.stdlib_module_names

# The packages of module_utils that a package may import: itself and those below it. The features are on top, and no
# feature imports another.
PACKAGES: dict[str, tuple[str, ...]] = {
    "_errors": (),
    "_model": ("_errors",),
    "_config": ("_model", "_errors"),
    "_parse": ("_model", "_errors", "_config.secrets"),
    "_plan": ("_model", "_errors"),
    "_verify": ("_model", "_errors"),
    "_report": ("_model", "_errors"),
    "_device": ("_config", "_model", "_parse", "_errors"),
}
BELOW_FEATURES = ("_config", "_device", "_errors", "_model", "_parse", "_plan", "_verify")
FEATURES = ("_adopt", "_collect", "_drift", "_module_backends", "_preflight", "_trace", "_transaction", "_troubleshoot")
# Traces are switched on by a commit confirmed too: the class for it is the transaction's.
EXCEPTIONS = {("_trace", "_transaction.pending_commit")}


def imported(source: str) -> set[str]:
    """Return the dotted names of all modules that a source imports anywhere, imports for types alone excepted."""
    names: set[str] = set()
    todo: list[ast.AST] = [ast.parse(source)]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            todo += node.orelse
            continue
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
        todo += ast.iter_child_nodes(node)
    return names


def top(name: str) -> str:
    return name.partition(".")[0]


def of_core(name: str) -> bool:
    return top(name) in STANDARD or (name.startswith(f"{CORE}.") and name not in DEVICE)


def of_operations(name: str) -> bool:
    return top(name) in STANDARD or name.startswith(f"{CORE}.")


def of_session(name: str) -> bool:
    return top(name) in STANDARD | SESSION_LIBRARIES or name.startswith(f"{CORE}.")


def of_channel(libraries: set[str]) -> t.Callable[[str], bool]:
    return lambda name: top(name) in STANDARD | libraries or name.startswith(f"{CORE}.")


def of_controller(name: str) -> bool:
    return top(name) in STANDARD | {"ansible", "yaml", "jinja2"} or name.startswith(f"{COLLECTION}.")


def of_lab(name: str) -> bool:
    return top(name) in STANDARD | {"asyncssh", "lxml", "yaml"} or name.startswith("tests.lab")


# The rule for a file is the first one whose folder has it: it returns whether a name may be imported.
RULES: tuple[tuple[str, t.Callable[[str], bool]], ...] = (
    ("plugins/module_utils/_device/session.py", of_session),
    *((file, of_channel(libraries)) for file, libraries in CHANNELS.items()),
    ("plugins/module_utils/_module_backends/operations.py", of_operations),
    ("plugins/module_utils", of_core),
    ("plugins/modules", lambda name: name == "__future__"),
    ("plugins", of_controller),
    ("tests/lab", of_lab),
)


def files() -> list[str]:
    found = [*ROOT.joinpath("plugins").rglob("*.py"), *ROOT.joinpath("tests", "lab").rglob("*.py")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


@pytest.mark.parametrize("name", files())
def test_imports_only_what_its_layer_may(name: str) -> None:
    allowed = next(rule for folder, rule in RULES if name == folder or name.startswith(f"{folder}/"))
    source = ROOT.joinpath(name).read_text(encoding="utf-8")
    assert {module for module in imported(source) if not allowed(module)} == set()


def package_of(name: str) -> str:
    return name.removeprefix("plugins/module_utils/").partition("/")[0].removesuffix(".py")


def may_import(package: str, name: str) -> bool:
    """Return whether a package of module_utils may import a module of it."""
    if not name.startswith(f"{CORE}."):
        return True
    module = name.removeprefix(f"{CORE}.")
    allowed = (package, *PACKAGES.get(package, BELOW_FEATURES))
    if any(module == one or module.startswith(f"{one}.") for one in allowed):
        return True
    return any(package == one and module.startswith(other) for one, other in EXCEPTIONS)


@pytest.mark.parametrize("name", [name for name in files() if name.startswith("plugins/module_utils/_")])
def test_a_package_imports_only_those_below_it(name: str) -> None:
    package, source = package_of(name), ROOT.joinpath(name).read_text(encoding="utf-8")
    assert package in {*PACKAGES, *FEATURES}, "add the package to PACKAGES or FEATURES"
    assert {module for module in imported(source) if not may_import(package, module)} == set()


@pytest.mark.parametrize(
    ("package", "module", "allowed"),
    [
        ("_parse", "_config.secrets", True),
        ("_parse", "_config.conflicts", False),
        ("_device", "_plan.fleet", False),
        ("_device", "_adopt.takeover", False),
        ("_trace", "_transaction.pending_commit", True),
        ("_trace", "_transaction.transaction", False),
        ("_troubleshoot", "_trace.capture", False),
        ("_model", "_verify.verify", False),
    ],
)
def test_the_rules_of_the_packages(package: str, module: str, allowed: bool) -> None:
    assert may_import(package, f"{CORE}.{module}") is allowed


def test_an_import_is_found_anywhere_in_a_source() -> None:
    source = """
import a.b as c
def f():
    from d import e
if t.TYPE_CHECKING:
    from only.a import type
else:
    from . import g
    from .h import i
"""
    assert imported(source) == {".", ".h", "a.b", "d"}


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        (
            of_core,
            ["ansible.errors", "jnpr.junos", "lxml", "yaml", SESSION, "tests.lab", f"{COLLECTION}.plugins.action"],
        ),
        (of_operations, ["ansible.errors", "jnpr.junos", "lxml"]),
        (of_session, ["ansible.errors", "asyncssh", "jnpr.junos", "yaml"]),
        (of_channel({"asyncssh"}), ["ansible.errors", "jnpr.junos", "paramiko"]),
        (of_controller, ["jnpr.junos", "ncclient", "tests.lab"]),
        (of_lab, ["ansible.errors", f"{CORE}._model", "jnpr.junos", "tests.unit"]),
    ],
)
def test_a_layer_refuses_what_is_above_it_or_foreign(rule: t.Callable[[str], bool], refused: list[str]) -> None:
    assert [name for name in refused if rule(name)] == []


def test_no_shipped_file_knows_the_lab() -> None:
    shipped = [path for folder in ("plugins", "roles", "playbooks") for path in ROOT.joinpath(folder).rglob("*.*")]
    texts = {path: path.read_text(encoding="utf-8") for path in shipped if path.suffix != ".pyc" and path.is_file()}
    assert [
        str(path.relative_to(ROOT)) for path, text in texts.items() if "tests.lab" in text or "tests/lab" in text
    ] == []
