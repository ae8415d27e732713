# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recorded verdicts of real daemons, each with the digest of the case that it is about."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from tests.oracle.cases import Case
from tests.oracle.verdict import Verdict

RECORD = Path(__file__).parent / "verdicts.json"


def as_text(cases: t.Iterable[Case], verdicts: t.Mapping[str, Verdict]) -> str:
    """Return the record of verdicts: a line per case."""
    rows = {case.name: [case.digest, *verdicts[case.name]] for case in cases}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items())
    return f"{{\n{lines}\n}}\n"


def recorded() -> dict[str, tuple[str, Verdict]]:
    """Return the digest and the verdict of each recorded case, by its name."""
    rows = json.loads(RECORD.read_text(encoding="utf-8"))
    return {name: (digest, Verdict(*verdict)) for name, (digest, *verdict) in rows.items()}
