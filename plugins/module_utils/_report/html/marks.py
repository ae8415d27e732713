# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""States as a person sees them: a colour, a mark of its own shape, and a word. The colour is never alone."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.markup import Html, element, join

# The four looks of the page, and the states of tunnels, findings, hosts and runs that have them.
_LOOKS = {
    "ok": "good", "up": "good", "confirmed": "good", "unchanged": "good", "in_sync": "good",
    "failed": "bad", "down": "bad", "unreachable": "bad",
    "unknown": "open", "pending": "open", "drifted": "open",
}  # fmt: skip
_SHAPES = {
    "good": "M3.5 8.5l3 3 6-7",
    "bad": "M4 4l8 8M12 4l-8 8",
    "open": "M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M8 12.6v.4",
    "none": "M4 8h8",
}
_WORDS = {
    "ike": "IKE",
    "ike_algorithms": "IKE algorithms",
    "ipsec": "IPsec",
    "ipsec_algorithms": "IPsec algorithms",
    "next_hop_tunnels": "next-hop tunnels",
    "junos": "Junos",
    "screenos": "ScreenOS",
    "strongswan": "strongSwan",
    "generic": "third-party IPsec",
}
# A text of more characters is broken into lines.
_SHORT = 18
STATES = ("up", "down", "unknown", "not_checked")
"""The states of a tunnel, in the order of a legend."""

SYMBOLS = element(
    "svg",
    join(
        element("symbol", element("path", d=shape), id=f"m-{look}", viewBox="0 0 16 16")
        for look, shape in _SHAPES.items()
    ),
    class_="symbols", aria_hidden="true",
)  # fmt: skip
"""The shapes of the marks, once per page."""


def look(state: object) -> str:
    """Return the look of a state: good, bad, open or none."""
    return _LOOKS.get(str(state), "none")


def words(name: object) -> str:
    """Return the name of a state, a check, a stage or a platform as people write it."""
    return _WORDS.get(str(name), str(name).replace("_", " "))


def mark(of_look: str, label: str = "") -> Html:
    """Return the mark of a look. Give a label where no word stands next to it."""
    hidden: dict[str, t.Any] = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    return element("svg", element("use", href=f"#m-{of_look}"), class_=f"m {of_look}", **hidden)


def badge(state: object, of_look: str = "") -> Html:
    """Return a state as a mark and a word."""
    shown, text = of_look or look(state), words(state)
    return element("span", mark(shown), text, class_=f"s {shown}{' long' if len(text) > _SHORT else ''}")
