# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small changes of a reply, each at one line or at one element, and the parts of a reply that have no fact.

The list of such parts is written by hand from the replies and from the fields of the rows. It repeats nothing of the
parsers, so that a parser which ignores a fact is found.
"""

from __future__ import annotations

import copy
import re
import typing as t
import xml.etree.ElementTree as ET
from dataclasses import dataclass

ADDED = "xyzzy"


@dataclass(frozen=True)
class Mutation:
    """A changed reply. ``place`` is the changed line, or the changed element by its name."""

    kind: str
    place: str
    reply: str

    def __str__(self) -> str:
        return f"{self.kind} {self.place!r}"


def of_text(text: str) -> t.Iterator[Mutation]:
    """Yield every line of a text deleted, doubled, and decorated in three ways."""
    lines = text.splitlines()
    for place, line in enumerate(lines):
        if not line.strip():
            continue
        for kind, new in (
            ("delete", []),
            ("double", [line, line]),
            ("append", [f"{line} {ADDED}"]),
            ("prepend", [f"{ADDED} {line.strip()}"]),
            ("continue", [f"{line}, {ADDED}"]),
        ):
            yield Mutation(kind, line.strip(), "\n".join([*lines[:place], *new, *lines[place + 1 :]]) + "\n")


def of_xml(root: ET.Element) -> t.Iterator[Mutation]:
    """Yield every element below the root deleted, doubled, renamed, and with other text or another child in it."""
    for place in range(1, len(list(root.iter()))):
        for kind, change in _CHANGES.items():
            changed = copy.deepcopy(root)
            element = list(changed.iter())[place]
            (parent,) = (one for one in changed.iter() if element in list(one))
            tag = element.tag
            change(parent, element)
            yield Mutation(kind, tag, ET.tostring(changed, encoding="unicode"))


def _rename(_parent: ET.Element, element: ET.Element) -> None:
    element.tag += ADDED


def _double(parent: ET.Element, element: ET.Element) -> None:
    parent.insert(list(parent).index(element), copy.deepcopy(element))


def _append(_parent: ET.Element, element: ET.Element) -> None:
    element.text = f"{element.text or ''} {ADDED}"


def _adopt(_parent: ET.Element, element: ET.Element) -> None:
    ET.SubElement(element, ADDED).text = ADDED


_CHANGES: t.Mapping[str, t.Callable[[ET.Element, ET.Element], None]] = {
    "delete": lambda parent, element: parent.remove(element),
    "double": _double,
    "rename": _rename,
    "append": _append,
    "adopt": _adopt,
}

# Lines of the CLI around a reply, headings and legends: a table says the same without them, or with them twice.
AROUND = (
    r"-{10,}", r"\{[\w:]+\}", r"\[edit\]", r"(?:\S+@\S+|hub1)[>#].*", r"#show .*", r"show .*", r"ping \S+ count \d",
    r"\^C", r"---\(more.*\)---", r"node\d:",
)  # fmt: skip
# By the folder of a reply: lines, and elements, without a fact that a row has.
LINES: t.Mapping[str, t.Sequence[str]] = {
    "ike": (
        r"Reauth Lifetime:.*", r"IKE Fragmentation:.*", r"Remote Access Client Info:.*", r"Peer ike-id:.*",
        r"AAA assigned IP:.*", r"Algorithms:", r"Flags:.*", r"Traffic statistics:", r"(?:In|Out)put .*",
        r"IPSec security associations:.*", r"Phase 2 negotiations in progress:.*", r"Negotiation type:.*",
        r"Local identity:.*", r"Remote identity:.*", r"Local: (?:192.0.2.99|X.X.X.X):.*",
    ),
    "ipsec": (
        r"TS Type:.*", r"Quantum Secured:.*", r"Hardware Offloaded:.*", r"Passive mode tunneling:.*", r"DF-bit: clear",
        r"Multi-sa,.*", r"Tunnel events:", r"Location:.*", r"Anchorship:.*", r"Distribution-Profile:.*",
        r"Lifesize Remaining:.*", r"Anti-replay service:.*", r"Extended-Sequence-Number:.*",
        r"tunnel-establishment:.*", r"IKE SA Index:.*",
        # The number of none, and a count that the document's release prints above each tunnel.
        r"Total active tunnels: 0 .*", r"total configured sa: 2",
    ),
    "inactive-tunnels": (r"Total inactive tunnels with establish immediately:.*", r"Total inactive tunnels: 0"),
    "next-hop-tunnels": (r"10\.1\.255\.3 .* lima\.example\.net",),
    "route": (r"[+] = Active Route.*", r"AS path:.*", r"Limit/Threshold:.*"),
    "interfaces": (r"inet6 .*",),
    "ping": (r"--- \S+ ping statistics ---", r"ping: sendto: No route to host"),
    "uptime": (r"Time Source:.*", r"Protocols started:.*", r".* load averages: .*"),
    # Told twice: "Junos: 21.2R3-S4.8".
    "software": (r"JUNOS Software Release \[.*", r"Junos: .*"),
    "policy-match": (r"Sequence number:.*",),
    "log": (r"<28>1 .* UI_COMMIT_PROGRESS.*", r".* mgd\[902\]: .*", r".* a line of a card",),
}  # fmt: skip
# The heading of a table may be there twice; a table without rows says the same without it.
HEADINGS = (
    r"Index .*", r"ID .*", r"Next-hop gateway .*", r"Filesystem .*", r"Interface .*", r"(?:ESP|AH) Statistics:",
    r"Errors:", r"Total (?:in)?active tunnels: .*",
)  # fmt: skip
ELEMENTS: t.Mapping[str, t.Collection[str]] = {
    "any": ("cli", "banner", "error-severity", "error-type", "re-name"),
    "ike": ("ike-sa-reauthlifetime", "ike-sa-ike-frag", "ike-sa-frag-size"),
    "ipsec": (
        "sa-aux-spi", "sa-df-bit", "sa-lifesize-remaining", "sa-nego-num", "sa-policy-name", "sa-virtual-system",
        "sa-traffic-selector-name", "rpc-error", "error-message", "multi-routing-engine-item",
    ),
    "inactive-tunnels": ("total-inactive-tunnels-with-establish-immediately",),
    "next-hop-tunnels": ("total", "row", "a", "b", "c", "d"),
    "route": ("age", "destination-count", "last-active", "selected-next-hop"),
    "interfaces": ("filter-information",),
    "ping": (
        "ip-address", "packet-size", "probe-failure", "probe-index", "response-size", "rtt", "sequence-number",
        "time-to-live",
    ),
    "software": ("name", "comment", "package-information"),
    "policy-match": ("policy-identifier", "policy-state"),
    # What is added comes to the last line, which another process has written.
    "log": ("file-content",),
}  # fmt: skip
# Told twice, in two associations or in two elements, so that one may be missing.
TWICE = ("sa-port", "sa-remote-gateway", "ike-sa-remote-address", "active-tag", "current-active")
# Deleted with its row, or empty already.
EMPTY = (
    "multi-routing-engine-item", "ike-security-associations-information", "address-family", "interface-address",
    "ifa-local", "sa-soft-lifetime", "total-ipsec-sas",
)  # fmt: skip


def has_no_fact(folder: str, mutation: Mutation) -> bool:
    """Return whether the change concerns nothing that a row of this command has."""
    if mutation.reply.lstrip().startswith("<"):
        named = mutation.place in (*ELEMENTS["any"], *ELEMENTS.get(folder, ()))
        return named or (mutation.kind == "delete" and mutation.place in (*TWICE, *EMPTY)) or _of_inet6(mutation)
    patterns = [*AROUND, *LINES.get(folder, ())]
    if mutation.kind in ("delete", "double"):
        patterns += HEADINGS
    return any(re.fullmatch(pattern, mutation.place) for pattern in patterns)


def _of_inet6(mutation: Mutation) -> bool:
    """Return whether the change concerns an address of a family other than inet."""
    return mutation.kind in ("double", "append") and mutation.place in (
        "address-family",
        "interface-address",
        "ifa-local",
    )
