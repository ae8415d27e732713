# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Regenerate the golden files: ``python -m tests.golden``, from the root of the checkout."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.golden.networks import GOLDEN, NETWORKS, plan, rendered, syntaxes, traced


def main() -> None:
    for network in NETWORKS:
        for syntax in syntaxes(network):
            _write(GOLDEN / network / syntax, rendered(plan(network, syntax)))
        _write(GOLDEN / network / "trace", traced(network))


def _write(folder: Path, files: dict[str, str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
