# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The releases that a run is made with, and its times as a report has them."""

from __future__ import annotations

import json
import platform
import time
from pathlib import Path

import yaml
from ansible.release import __version__ as ansible_core

_ROOT = Path(__file__).resolve().parents[2]


def releases() -> dict[str, str]:
    """Return the releases of this collection, of ansible-core and of Python."""
    return {"hubspoke.srx": _own(), "ansible-core": ansible_core, "python": platform.python_version()}


def utc(seconds: float) -> str:
    """Return a time since the epoch as UTC (``2026-11-26T13:00:00Z``)."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _own() -> str:
    """Return the release of this collection: of its manifest where it is installed, else of the checkout."""
    try:
        installed = json.loads((_ROOT / "MANIFEST.json").read_text(encoding="utf-8"))
        return str(installed["collection_info"]["version"])
    except (OSError, ValueError, LookupError):
        pass
    try:
        return str(yaml.safe_load((_ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, LookupError, yaml.YAMLError):
        return ""
