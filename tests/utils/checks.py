# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the checks of the project, two at a time: ``python -m tests.utils.checks [NAME ...]``, all without a name.

The output of a check is printed when the check ends, and kept in .cache/logs. Exit status 1 if any check failed.
"""

from __future__ import annotations

import ast
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Lock

from tests.utils.tree import ROOT, tree_files

CACHE = ROOT / ".cache"
HOME = CACHE / "home"
LOGS = CACHE / "logs"
BUILD = CACHE / "build"
# A copy of the checkout, with nothing installed in it. ansible-test works in a folder of this name only, and resolves
# links; ansible-lint must pass in a checkout that is fresh.
TREE = CACHE / "tree" / "ansible_collections" / "hubspoke" / "srx"
TOOLS = Path(sys.executable).parent
# The Makefile makes this environment from requirements-oldest.txt.
OLDEST = CACHE / "oldest" / "bin"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
SECONDS_PER_CHECK = 4500
AT_ONCE = 2
# The lab in .lab, on the ports of inventories/document. The labs of pytest have folders and ports of their own.
LAB = "lab"


@dataclass(frozen=True)
class Check:
    """One command, its folder, the folder of its tools, and a text that its output has if it tested anything.

    Of the checks that name the same ``resource`` one runs at a time.
    """

    name: str
    command: tuple[str, ...]
    folder: Path = ROOT
    tools: Path = TOOLS
    says: str = ""
    resource: str = ""


@dataclass(frozen=True)
class Outcome:
    """The end of a check."""

    check: Check
    seconds: float
    status: int


def ansible_test(command: str, says: str, tools: Path = TOOLS) -> Check:
    """Return the check that runs a command of ansible-test."""
    name = f"ansible-test {command}" + (" (oldest)" if tools == OLDEST else "")
    # Without anything to test it succeeds.
    return Check(
        name, ("ansible-test", command, "--local", "--python", PYTHON, "--color", "no"), TREE, tools, says, "tree"
    )


def molecule(scenario: str) -> Check:
    """Return the check that runs a Molecule scenario."""
    return Check(f"molecule {scenario}", ("molecule", "test", "--scenario-name", scenario), resource=LAB)


PASSED = " passed"
# tests/conftest.py says which files are the first.
PYTEST = ("pytest", "--dist", "loadfile", "--no-loadscope-reorder")
SANITY = 'Running sanity test "validate-modules"'
# What the libraries can change: the session with a device, and whole deployments.
SESSION_TESTS = (
    "tests/integration/test_session.py",
    "tests/integration/test_document.py",
    "tests/integration/test_ends.py",
    "tests/integration/test_no_hosts.py",
    "tests/integration/test_no_key_leaks.py",
    "tests/integration/test_callbacks.py",
    "tests/integration/test_terminal.py",
    "tests/integration/test_progress.py",
    "tests/integration/test_folders.py",
    "tests/integration/test_rpc_log.py",
    "tests/property/test_hostile_connection.py",
    "tests/property/test_hostile_options.py",
    "tests/property/test_hostile_plan.py",
    "tests/lab_tests/netconf/test_client_pyez.py",
    "tests/lab_tests/netconf/test_ssh.py",
    "tests/ssh/test_channel.py",
)
# The longest first, so that no core idles at the end.
CHECKS: tuple[Check, ...] = (
    # Playbooks wait for devices more than they compute. Coverage is that of this process and its workers: the
    # playbooks that the tests start are processes of their own and not measured.
    Check("pytest", (*PYTEST, "--numprocesses", "4", "--cov", "--cov-report=term:skip-covered")),
    Check(
        "pytest (oldest)",
        (*PYTEST, "--numprocesses", "2", *SESSION_TESTS),
        tools=OLDEST,
        says=PASSED,
    ),
    ansible_test("sanity", SANITY),
    ansible_test("sanity", SANITY, OLDEST),
    ansible_test("units", PASSED),
    ansible_test("units", PASSED, OLDEST),
    molecule("add_remove"),
    molecule("interrupted"),
    molecule("default"),
    molecule("rollback"),
    molecule("partial_failure"),
    molecule("adopt"),
    molecule("drift"),
    molecule("trace"),
    Check("demo (oldest)", ("python", "-m", "tests.demo"), tools=OLDEST, resource=LAB),
    Check("ansible-lint", ("ansible-lint",), TREE, resource="tree"),
    Check("galaxy-importer", (sys.executable, "-m", "tests.utils.importer", str(BUILD / "importer"))),
    Check("artifact", (sys.executable, "-m", "tests.utils.artifact", str(BUILD / "artifact"))),
    Check("mypy", ("mypy",)),
    Check("docs", ("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=all", ".")),
    Check("docs site", (sys.executable, "-m", "tests.utils.docs", str(CACHE / "docs"))),
    Check("licences", ("reuse", "lint", "--lines")),
    Check("yamllint", ("yamllint", "--strict", ".")),
    Check("words", (sys.executable, "-m", "tests.utils.words")),
    Check("audit", (sys.executable, "-m", "tests.utils.audit"), says="audited"),
    Check("changelog", ("antsibull-changelog", "lint")),
    Check(
        "workflows", ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", ".github/workflows/test.yml")
    ),
    Check("format", ("ruff", "format", "--check", ".")),
    Check("ruff", ("ruff", "check", ".")),
)


def copy_tree() -> None:
    """Copy the files of the checkout to ``TREE``, as a repository: ansible-test and ansible-lint ask git for files."""
    shutil.rmtree(TREE, ignore_errors=True)
    for name in tree_files():
        target = TREE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target, follow_symlinks=False)
    subprocess.run(["git", "init", "--quiet"], cwd=TREE, check=True)


def prepare_home() -> None:
    """Make the home folder of the checks, with pip's settings and the script that ansible-test would download."""
    # ansible-test gives pip neither the environment nor the user's home: the settings of both are written here.
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True
    ).stdout
    found = dict(re.findall(r"^(?:global|install|:env:)\.([\w-]+)=(.*)$", listing, re.MULTILINE))
    settings = "".join(f"{name} = {' '.join(ast.literal_eval(value).split())}\n" for name, value in found.items())
    config = HOME / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.touch(mode=0o600)
    config.write_text(f"[global]\n{settings}quiet = 1\n", encoding="utf-8")

    scripts = HOME / ".ansible" / "test" / "cache"
    scripts.mkdir(parents=True, exist_ok=True)
    for tools in (TOOLS, OLDEST):
        (source,) = tools.parent.glob("lib/python*/site-packages/ansible_test/_internal/python_requirements.py")
        for version in re.findall(r"\bpip='([\d.]+)'", source.read_text(encoding="utf-8")):
            shutil.copy2(ROOT / "tests" / "utils" / "get_pip.py", scripts / f"get_pip_{version.replace('.', '_')}.py")


def environment(check: Check) -> dict[str, str]:
    """Return the caller's environment for a check: no settings of Ansible and Python, a home inside the checkout."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON", "MOLECULE"))
    }
    return kept | {
        "ANSIBLE_CONFIG": str(check.folder / "ansible.cfg"),
        "HOME": str(HOME),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "PATH": f"{check.tools}{os.pathsep}{os.environ['PATH']}",
    }


class Runner:
    """Runs checks, a few at a time, and prints their output, one check at a time."""

    def __init__(self, checks: t.Iterable[Check]) -> None:
        self._waiting = list(checks)
        self._in_use: set[str] = set()
        self._changed = Condition()
        self._printing = Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def work(self) -> list[Outcome]:
        """Run waiting checks, one after the other, until none waits. Return their outcomes."""
        outcomes = []
        while check := self._take():
            try:
                outcomes.append(self._run(check))
            finally:
                with self._changed:
                    self._in_use.discard(check.resource)
                    self._changed.notify_all()
        return outcomes

    def _take(self) -> Check | None:
        """Return the first waiting check whose resource is free, once there is one. None if no check waits."""
        with self._changed:
            while self._waiting and not self._stopped:
                for check in self._waiting:
                    if check.resource not in self._in_use:
                        self._waiting.remove(check)
                        self._in_use |= {check.resource} - {""}
                        return check
                self._changed.wait()
            return None

    def stop(self) -> None:
        """End the running checks, with every process that they started."""
        self._stopped = True
        for process in tuple(self._running):
            os.killpg(process.pid, signal.SIGTERM)

    def _run(self, check: Check) -> Outcome:
        log = LOGS / f"{check.name.replace(' ', '-')}.log"
        started = time.monotonic()
        with log.open("wb") as output:
            process = subprocess.Popen(
                check.command, cwd=check.folder, env=environment(check),
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            self._running.add(process)
            try:
                status = process.wait(SECONDS_PER_CHECK)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()
                output.write(f"ended after {SECONDS_PER_CHECK} s\n".encode())
                status = 1
            self._running.discard(process)
        said = log.read_text(encoding="utf-8", errors="replace").rstrip()
        if status == 0 and check.says not in said:
            said += f"\n{check.name}: output: expected {check.says!r}, actual none: it tested nothing"
            status = 1
        outcome = Outcome(check, time.monotonic() - started, status)
        with self._printing:
            print(f"\n=== {check.name}: {' '.join(check.command)}")
            print(said)
            print(f"=== {describe(outcome)}", flush=True)
        return outcome


def describe(outcome: Outcome) -> str:
    """Return the line of the summary for a check."""
    verdict = "ok" if outcome.status == 0 else f"FAILED with status {outcome.status}"
    return f"{outcome.check.name}: {verdict}, {outcome.seconds:.0f} s"


def main(names: t.Sequence[str]) -> int:
    """Run the named checks, or all. Return the exit status."""
    known = [check.name for check in CHECKS]
    if unknown := set(names) - set(known):
        raise SystemExit(f"checks: expected {', '.join(known)}, actual {', '.join(sorted(unknown))}")
    if " " in str(ROOT):
        raise SystemExit(f"{ROOT}: path: expected no space, which ansible-test refuses, actual a space. Move it.")
    LOGS.mkdir(parents=True, exist_ok=True)
    with (CACHE / "checks.lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SystemExit(f"{ROOT}: checks: expected none running, actual others. Wait for their end.") from None
        return run(names)


def run(names: t.Sequence[str]) -> int:
    """Prepare the folders of the checks, run the checks, print the summary. Return the exit status."""
    copy_tree()
    prepare_home()
    started = time.monotonic()
    # The checks have sessions of their own and survive this process, unless it ends them.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    runner = Runner(check for check in CHECKS if not names or check.name in names)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures = [pool.submit(runner.work) for _one in range(AT_ONCE)]
        try:
            outcomes = [outcome for future in futures for outcome in future.result()]
        except KeyboardInterrupt:
            runner.stop()
            raise SystemExit(130) from None
    failed = sum(outcome.status != 0 for outcome in outcomes)
    print("\n=== summary")
    for outcome in outcomes:
        print(describe(outcome))
    print(f"{time.monotonic() - started:.0f} s in all, logs in {LOGS.relative_to(ROOT)}")
    print(f"checks: {len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
