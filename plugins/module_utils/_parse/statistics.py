# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show security ipsec statistics``: counters of ESP, AH and errors."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import IpsecStatistics
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import (
    Doubt,
    Rows,
    fail,
    needed,
    number,
)

# Field of IpsecStatistics: section and label in text, path in XML.
_ALWAYS = {
    "esp_encrypted_bytes": ("ESP Statistics", "Encrypted bytes", "esp-statistics/esp-encrypted-bytes"),
    "esp_decrypted_bytes": ("ESP Statistics", "Decrypted bytes", "esp-statistics/esp-decrypted-bytes"),
    "esp_encrypted_packets": ("ESP Statistics", "Encrypted packets", "esp-statistics/esp-encrypted-packets"),
    "esp_decrypted_packets": ("ESP Statistics", "Decrypted packets", "esp-statistics/esp-decrypted-packets"),
    "ah_input_bytes": ("AH Statistics", "Input bytes", "ah-statistics/ah-input-bytes"),
    "ah_output_bytes": ("AH Statistics", "Output bytes", "ah-statistics/ah-output-bytes"),
    "ah_input_packets": ("AH Statistics", "Input packets", "ah-statistics/ah-input-packets"),
    "ah_output_packets": ("AH Statistics", "Output packets", "ah-statistics/ah-output-packets"),
    "ah_authentication_failures": (
        "Errors",
        "AH authentication failures",
        "error-statistics/ah-authentication-failures",
    ),
    "replay_errors": ("Errors", "Replay errors", "error-statistics/replay-errors"),
    "esp_authentication_failures": (
        "Errors",
        "ESP authentication failures",
        "error-statistics/esp-authentication-failures",
    ),
    "esp_decryption_failures": ("Errors", "ESP decryption failures", "error-statistics/esp-decryption-failures"),
    "bad_headers": ("Errors", "Bad headers", "error-statistics/bad-headers"),
    "bad_trailers": ("Errors", "Bad trailers", "error-statistics/bad-trailers"),
}
# Only iked has these counters. No text reply with the last three is public: their labels are not known.
_SOMETIMES = {
    "invalid_spi": ("Errors", "Invalid SPI", "error-statistics/invalid-spi-errors"),
    "ts_check_failures": ("Errors", "TS check fail", "error-statistics/ts-check-fail-errors"),
    "exceeds_tunnel_mtu": ("Errors", "Exceeds tunnel MTU", "error-statistics/exceeds-tunnel-mtu"),
    "discarded": ("Errors", "Discarded", "error-statistics/discard-errors"),
    "misc_errors": ("Errors", "Misc errors", "error-statistics/misc-errors"),
    "flow_errors": ("Errors", "Flow errors", "error-statistics/flow-errors"),
    "no_sa_errors": ("Errors", "No SA errors", "error-statistics/no-sa-errors"),
}
# Elements of the schema of 24.4 that no row has.
_UNUSED = frozenset(
    (
        "multisa-statistics", "multinode-link-enc-statistics-block", "d3p-statistics", "exclude-statistics",
        "dynamic-policy-statistics", "failopen-statistics", "failclose-statistics", "pic-name", "service-set-name",
        "local-gateway", "remote-gateway", "tunnel-index",
    )
)  # fmt: skip
_COUNTER = re.compile(r"([A-Z][A-Za-z -]*[A-Za-z])\s*:\s*(\d+)")


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    found: dict[tuple[str, str], int] = {}
    notes: list[str] = []
    known = {(section, label) for section, label, _path in _fields().values()}
    section = ""
    for line in lines:
        if line.strip() in ("ESP Statistics:", "AH Statistics:", "Errors:"):
            section = line.strip().removesuffix(":")
            continue
        for piece in line.strip().split(", "):
            counter = _COUNTER.fullmatch(piece.strip())
            if counter is None or not section:
                fail("a counter of ESP, AH or errors", line)
            key = section, counter.group(1)
            if key in found:
                notes.append(Doubt(f"the counter '{key[1]}' of {section} occurs again"))
            elif key not in known:
                notes.append(f"the counter '{key[1]}' of {section} is not known")
            found.setdefault(key, number(counter.group(2), counter.group(1)))
    values = {field: found.get((part, label)) for field, (part, label, _path) in _fields().items()}
    return _rows(values, lines[0], node, notes)


def _xml(root: Element, node: str | None) -> Rows:
    return _rows({field: root.number(path) for field, (_part, _label, path) in _fields().items()}, root.tag, node, [])


def _fields() -> dict[str, tuple[str, str, str]]:
    return {**_ALWAYS, **_SOMETIMES}


def _rows(values: dict[str, int | None], where: str, node: str | None, notes: list[str]) -> Rows:
    for field in _ALWAYS:
        needed(None if values[field] is None else "present", field.replace("_", " "), where)
    counters: dict[str, t.Any] = dict(values)
    return Rows([IpsecStatistics(**counters, node=node)], notes)


COMMAND = Command(
    rpc="get-ipsec-statistics-information",
    roots=("usp-ipsec-total-statistics-information",),
    xml=_xml,
    text=_text,
    unused=_UNUSED,
)
