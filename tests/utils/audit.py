# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask for known vulnerabilities of the installed libraries: ``python -m tests.utils.audit``. Exit status 1 for any.

The libraries are those of meta/ee-requirements.txt with all that they need. Where the database (osv.dev) cannot be
reached nothing is audited, and the output says so.
"""

from __future__ import annotations

import json
import re
import sys
import typing as t
import urllib.error
import urllib.request
from importlib import metadata

from tests.utils.tree import ROOT

REQUIREMENTS = ROOT / "meta" / "ee-requirements.txt"
DATABASE = "https://api.osv.dev/v1/querybatch"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SECONDS = 20


def libraries() -> dict[str, str]:
    """Return the installed versions of the required libraries and of those that they need, by name."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    todo = [found.group() for found in map(_NAME.match, lines) if found]
    versions: dict[str, str] = {}
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in versions:
            continue
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            # Needed on other platforms, or with an extra.
            continue
        versions[name] = found.version
        todo += [need.group() for need in map(_NAME.match, found.requires or ()) if need]
    return versions


def vulnerabilities(versions: t.Mapping[str, str], database: str) -> dict[str, list[str]]:
    """Return the identifiers of the known vulnerabilities by library. Raise OSError where there is no answer."""
    queries = [
        {"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in versions.items()
    ]
    request = urllib.request.Request(  # noqa: S310  the address is a constant
        database, json.dumps({"queries": queries}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310  as above
        results = json.load(answer)["results"]
    found = {
        name: [one["id"] for one in result.get("vulns", ())] for name, result in zip(versions, results, strict=True)
    }
    return {name: ids for name, ids in found.items() if ids}


def main(database: str = DATABASE) -> int:
    """Print what is known. Return the exit status."""
    versions = libraries()
    try:
        found = vulnerabilities(versions, database)
    except (OSError, ValueError, KeyError) as error:
        # A proxy may answer with a page of its own.
        print(f"not audited: {database}: expected an answer, actual {error}")
        return 0
    for name, ids in found.items():
        print(f"{name} {versions[name]}: expected no known vulnerability, actual {', '.join(ids)}")
    print(f"{len(versions)} libraries audited, {len(found)} with known vulnerabilities")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
