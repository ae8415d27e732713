# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The style and the script of the page, and the policy that lets a browser apply these two and nothing else."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.markup import Html, element

_FOLDER = Path(__file__).parent
_CSS = _FOLDER.joinpath("page.css").read_text(encoding="utf-8")
_SCRIPT = _FOLDER.joinpath("page.js").read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# Texts of devices are escaped. If one were not, the browser would still not run it, load from it or send to it.
_POLICY = (
    f"default-src 'none'; style-src {_hash(_CSS)}; script-src {_hash(_SCRIPT)}; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)

POLICY = element("meta", http_equiv="Content-Security-Policy", content=_POLICY)
STYLE = Html(f"<style>{_CSS}</style>")
SCRIPT = Html(f"<script>{_SCRIPT}</script>")
