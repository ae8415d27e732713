# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests run the programs that enter the sandbox, and skip where the machine cannot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from tests.twin.sandbox import CANNOT

_ROOT = Path(__file__).resolve().parents[2]
# A run takes up to two minutes on two cores, and more while others work; the first one downloads packages.
_PATIENCE = 3600


def start(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module, and return how it ended."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=_ROOT, env={**os.environ, "PYTHONPATH": ".venv/dev"}, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False, timeout=_PATIENCE,
    )  # fmt: skip


def start_or_skip(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module; skip the test with the sentence that names what the machine lacks."""
    done = start(module, *arguments)
    if done.returncode == CANNOT:
        pytest.skip(done.stdout.strip())
    return done


def said_again(module: str, folder: Path) -> dict[str, t.Any]:
    """Return what daemons say when a module asks them again: the JSON object that it writes. Skip where it cannot."""
    out = folder / "said.json"
    done = start_or_skip(module, "--out", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    return t.cast("dict[str, t.Any]", json.loads(out.read_text(encoding="utf-8")))
