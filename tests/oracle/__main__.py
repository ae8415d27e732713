# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Let real daemons negotiate the cases, and compare them with their records: ``python -m tests.oracle``.

``--record`` compares them with the lab, and keeps the verdicts.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path

from tests.oracle.cases import cases
from tests.oracle.computed import compute
from tests.oracle.daemons import negotiate_all
from tests.oracle.record import RECORD, as_text, recorded
from tests.twin import sandbox


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--record", action="store_true", help="keep the verdicts")
    parser.add_argument("--out", help="write the verdicts as JSON to this file")
    parser.add_argument(
        "--only", default="", help="negotiate the cases whose names match this pattern, and record nothing"
    )
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if sandbox.is_inside():
        return _negotiate(options)
    more = ["--record"] if options.record else []
    more += ["--out", options.out] if options.out else []
    more += ["--only", options.only] if options.only else []
    return sandbox.run("tests.oracle", more)


def _negotiate(options: argparse.Namespace) -> int:
    began, all_cases = time.monotonic(), [case for case in cases() if re.search(options.only, case.name)]
    if options.record or options.only:
        expected = {case.name: compute(case) for case in all_cases}
    else:
        expected = {name: verdict for name, (_digest, verdict) in recorded().items()}
    verdicts = negotiate_all(all_cases, expected, Path(options.folder))
    for name, found in verdicts.items():
        if found != expected.get(name):
            print(f"{name}: daemons {found}; expected {expected.get(name)}")
    print(f"{len(all_cases)} cases in {time.monotonic() - began:.0f} s")
    if options.record and not options.only:
        RECORD.write_text(as_text(all_cases, verdicts), encoding="utf-8")
    if options.out:
        Path(options.out).write_text(json.dumps(verdicts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
