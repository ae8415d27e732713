# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the golden files anew: C(python -m tests.golden), from the root of the checkout."""

from __future__ import annotations

import shutil

from tests.golden.networks import GOLDEN, NETWORKS, plan, rendered, syntaxes


def main() -> None:
    for network in NETWORKS:
        for syntax in syntaxes(network):
            folder = GOLDEN / network / syntax
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            for name, text in rendered(plan(network, syntax)).items():
                (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
