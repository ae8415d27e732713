# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The files of a report: ``report.json`` and the other formats of it, written and read again."""

from __future__ import annotations

import json
import os
import stat
import typing as t
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, full_stop, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.page import page
from ansible_collections.hubspoke.srx.plugins.module_utils._report.junit import junit
from ansible_collections.hubspoke.srx.plugins.module_utils._report.markdown import markdown
from ansible_collections.hubspoke.srx.plugins.module_utils._report.prometheus import prometheus
from ansible_collections.hubspoke.srx.plugins.module_utils._report.read import BadReport, read_report

Report = t.Mapping[str, t.Any]
# Writes files by name, and returns the names of those whose content differs. Raises HubspokeError.
Writer = t.Callable[[t.Mapping[str, str]], list[str]]

REPORT = "report.json"
FORMATS: dict[str, tuple[str, t.Callable[[Report], str]]] = {
    "html": ("report.html", page),
    "junit": ("junit.xml", junit),
    "md": ("report.md", markdown),
    "prom": ("metrics.prom", prometheus),
}
"""The name of the file of each format of the option ``report_formats``, and the function that makes its text."""

# A report of thousands of devices has some ten MiB.
_MOST_BYTES = 256 * 2**20


def formats_of(arguments: t.Mapping[str, t.Any]) -> list[str]:
    """Return the formats besides JSON that the options of a module ask for; none where it has no such option."""
    return [form for form in FORMATS if form in arguments.get("report_formats", ())]


def report_files(arguments: t.Mapping[str, t.Any]) -> list[str]:
    """Return the names of the files of a report in these formats."""
    return [REPORT, *(FORMATS[form][0] for form in formats_of(arguments))]


def write_report(write: Writer, name: str, content: Report, formats: t.Iterable[str]) -> None:
    """Write the JSON file of a report, and its other formats. Raise HubspokeError once all that can be written are.

    ``path`` tells later tasks where the report is, and is no part of it.
    """
    content = {field: value for field, value in content.items() if field != "path"}
    write({name: json.dumps(content, indent=2) + "\n"})
    write_formats(write, content, formats)


def write_formats(write: Writer, content: Report, formats: t.Iterable[str]) -> list[str]:
    """Write the other formats of a report, and return the names of the files whose content differs.

    Raise HubspokeError once all that can be written are.
    """
    written: list[str] = []
    problems: list[str] = []
    for name, make in (FORMATS[form] for form in formats):
        try:
            written += write({name: _made(name, make, content)})
        except HubspokeError as error:
            problems.append(str(error))
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
        with open(
            Path(path).expanduser(), "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)
        ) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
                raise BadReport(path, "file", f"a file of at most {_MOST_BYTES >> 20} MiB", "another kind or size")
            return read_report(file.read().decode(), path)
    except (OSError, ValueError) as error:
        words = "another encoding" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", str(error))
        raise BadReport(path, "file", "a report that can be read", str(words)) from None
