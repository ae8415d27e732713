# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The files of a report: ``report.json`` and the other formats beside it, written and read again."""

from __future__ import annotations

import json
import os
import stat
import typing as t
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, full_stop, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._report.compare import Comparison, comparison_markdown
from ansible_collections.hubspoke.srx.plugins.module_utils._report.junit import junit
from ansible_collections.hubspoke.srx.plugins.module_utils._report.markdown import markdown
from ansible_collections.hubspoke.srx.plugins.module_utils._report.prometheus import prometheus
from ansible_collections.hubspoke.srx.plugins.module_utils._report.read import BadReport, read_report
from ansible_collections.hubspoke.srx.plugins.module_utils._report.schema import SCHEMA
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import ARTIFACTS, write_files

Report = t.Mapping[str, t.Any]

REPORT = "report.json"
COMPARISON = "compare.md"
FORMATS: dict[str, tuple[str, t.Callable[[Report], str]]] = {
    "junit": ("junit.xml", junit),
    "md": ("report.md", markdown),
    "prom": ("metrics.prom", prometheus),
}
"""The name of the file of each format of the option ``report_formats``, and the function that makes its text."""

# A report of thousands of devices has some ten MiB.
_MOST_BYTES = 256 * 2**20


def report_files(formats: t.Collection[str]) -> list[str]:
    """Return the names of the files of a report in these formats."""
    return [REPORT, *(name for form, (name, _make) in FORMATS.items() if form in formats)]


def write_report(folder: str, summary: Report, formats: t.Collection[str], subject: str = ARTIFACTS) -> None:
    """Write ``report.json`` and the other formats into a folder. Raise HubspokeError where one of them is missing then.

    What is in the summary besides the fields of a report, as its ``path``, is for later tasks and not written.
    """
    content = {name: summary[name] for name in SCHEMA["properties"] if name in summary}
    write_files(folder, {REPORT: json.dumps(content, indent=2) + "\n"}, subject)
    write_formats(folder, content, formats, subject)


def write_formats(
    folder: str, content: Report, formats: t.Collection[str], subject: str, found: Comparison | None = None
) -> list[str]:
    """Write the other formats of a report, and what was found by comparing it. Return the names of changed files.

    Raise HubspokeError once all that can be written are.
    """
    makers = {name: make for form, (name, make) in FORMATS.items() if form in formats}
    written, problems = [], []
    for name, make in makers.items():
        try:
            written += write_files(folder, {name: _made(name, make, content)}, subject)
        except HubspokeError as error:
            problems.append(str(error))
    if found is not None:
        written += write_files(folder, {COMPARISON: comparison_markdown(found)}, subject)
    if problems:
        raise HubspokeError(" ".join(problems))
    return written


def _made(name: str, make: t.Callable[[Report], str], content: Report) -> str:
    """Return the text of a format. Raise HubspokeError: the devices have their outcome, whatever happens here."""
    try:
        return make(content)
    except Exception as error:
        words = full_stop(f"{type(error).__name__}: {shortened(str(error) or 'no more is known')}")
        raise HubspokeError(
            f"controller: {name}: expected to be made of {REPORT}, actual {words} This is a fault of the collection:"
            f" report it with that file, and set nhtb_report_formats without this format meanwhile."
        ) from None


def read_report_file(path: str) -> dict[str, t.Any]:
    """Return the report in a file. Raise BadReport for any other file."""
    try:
        # Should it be a FIFO, opening it does not wait for a writer.
        with open(os.open(Path(path).expanduser(), os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
                raise BadReport(path, "file", f"a file of at most {_MOST_BYTES >> 20} MiB", "another kind or size")
            return read_report(file.read().decode(), path)
    except (OSError, ValueError) as error:
        words = "another encoding" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", str(error))
        raise BadReport(path, "file", "a report that can be read", str(words)) from None
