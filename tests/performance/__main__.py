# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure this collection and its peers against the lab, write the record and the page: ``make bench``.

docs/docsite/rst/performance.rst describes what is measured.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import typing as t
from pathlib import Path

from tests.performance import bench, page, scale
from tests.performance.contestants import CONTESTANTS, WORKS

ROUNDS = {10: 2, 50: 3, 200: 1, 1000: 1}
SCALE = (1000, 5000)


def _rounds(text: str) -> dict[int, int]:
    return {int(size): int(count) for size, _sign, count in (part.partition("=") for part in text.split(","))}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(prog="python -m tests.performance", description=__doc__)
    made.add_argument(
        "--rounds",
        type=_rounds,
        default=ROUNDS,
        metavar="SIZE=ROUNDS,...",
        help="spokes and rounds (default 10=2,50=3,200=1,1000=1)",
    )
    made.add_argument("--peers", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS), help="default: all")
    made.add_argument("--works", nargs="+", choices=WORKS, default=list(WORKS), help="default: all, deploy always")
    made.add_argument("--slow-rounds", type=int, default=1, help="most rounds of what takes minutes (default 1)")
    made.add_argument("--beyond", action="store_true", help="run the peers at all sizes, also where they take long")
    made.add_argument("--forks", type=int, default=10, help="forks of Ansible (default 10)")
    made.add_argument("--juniper-device", type=Path, help="a checkout of the collection juniper.device")
    made.add_argument(
        "--scale", type=int, nargs="*", default=SCALE, help="fleets to plan and render (default 1000 5000)"
    )
    made.add_argument("--install", action="store_true", help="only install the peers")
    made.add_argument("--record", type=Path, default=page.RECORD, help="where to write the record")
    return made


def main(arguments: t.Sequence[str] | None = None) -> int:
    """Run the bench. Return 0, also where a peer cannot be installed or fails: its row says so."""
    options = parser().parse_args(arguments)
    # A socket for each device, in the client and in the lab; PyEZ takes three.
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    plan = bench.Plan(
        options.rounds, options.peers, options.works, options.forks, options.beyond, options.slow_rounds,
        options.juniper_device,
    )  # fmt: skip
    if options.install:
        for name, reason in bench.install(plan).items():
            _say(f"{name}: {reason}")
        return 0

    def save(record: bench.Record) -> None:
        options.record.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")

    record = bench.run(plan, _say, save)
    save(record | {"scale": [scale.measure(size) for size in options.scale]})
    if options.record == page.RECORD:
        page.write()
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
