# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep failed negotiations: ``python -m tests.conversations --record``.

Without an option the lab's lines and the table in the documentation are made anew. ``--record`` lets real daemons
negotiate before that, and keeps what they say; ``--out`` writes it to a file.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import typing as t
from pathlib import Path

from tests.conversations import emulated, page
from tests.conversations.daemons import converse
from tests.conversations.facts import Fact
from tests.conversations.record import RECORD, failures, keep, kept
from tests.twin import sandbox


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conversations", description=__doc__)
    parser.add_argument("--record", action="store_true", help="let daemons negotiate, and keep what they say")
    parser.add_argument("--out", help="let daemons negotiate, and write what they say as JSON to this file")
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not (options.record or options.out):
        _keep({name: one.daemons for name, one in kept().items()})
        return 0
    if not sandbox.is_inside():
        more = ["--record"] if options.record else []
        more += ["--out", options.out] if options.out else []
        return sandbox.run("tests.conversations", more)
    began = time.monotonic()
    known = {name: one.daemons for name, one in kept().items()} if RECORD.exists() else {}
    facts = converse(failures(), known, Path(options.folder))
    print(f"{len(facts)} conversations in {time.monotonic() - began:.0f} s")
    if options.record:
        _keep(facts)
    if options.out:
        texts = {name: list(map(str, of_case)) for name, of_case in facts.items()}
        Path(options.out).write_text(json.dumps(texts), encoding="utf-8")
    return 0


def _keep(facts: t.Mapping[str, t.Iterable[Fact]]) -> None:
    keep(facts, {case.name: emulated.lines(case) for case in failures()})
    page.write()


if __name__ == "__main__":
    sys.exit(main())
