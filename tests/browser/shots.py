# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Take pictures of every page of a folder: ``python -m tests.browser.shots PAGES PICTURES [NAME ...]``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.browser.chromium import Browser, Page
from tests.browser.install import find

WIDTHS = (390, 1440)


def main(pages: Path, pictures: Path, names: list[str]) -> None:
    """Write a picture per page, width and colour scheme."""
    tools = find()
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(tools.program, Path(folder), tools.environment)
        for file in sorted(pages.glob("*.html")):
            if names and file.stem not in names:
                continue
            for width in WIDTHS:
                for scheme in ("light", "dark"):
                    page = Page(browser, width=width, scheme=scheme)
                    page.open(file)
                    page.screenshot(pictures / f"{file.stem}-{width}-{scheme}.png")
                    page.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
