# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.
"""The time of a log entry. Junos prints no year unless it is configured to."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SYSLOG = re.compile(r"(?P<month>\w{3}) (?P<day>\d{1,2}) (?P<clock>\d\d:\d\d:\d\d)(?:\.\d+)?(?: (?P<year>\d{4}))?")
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d).*")
# A clock may have been set back, and the log is read after the device's time.
_AHEAD = timedelta(days=1)
# 29 February recurs within eight years.
_YEARS = 9


def date_time(time: str | None, now: datetime | None = None) -> str | None:
    """Return a printed time in ISO form without zone; ``None`` without a date, or without both a year and ``now``.

    ``now`` is the device's own time: an entry that would be more than a day later is from an earlier year.
    """
    if time is None:
        return None
    if iso := _ISO.fullmatch(time):
        return _valid(f"{iso.group(1)}T{iso.group(2)}")
    found = _SYSLOG.fullmatch(time)
    if found is None or found.group("month") not in _MONTHS:
        return None
    month = _MONTHS.index(found.group("month")) + 1
    rest = f"{month:02d}-{int(found.group('day')):02d}T{found.group('clock')}"
    if year := found.group("year"):
        return _valid(f"{year}-{rest}")
    for year in range(now.year + 1, now.year - _YEARS, -1) if now else ():
        moment = _valid(f"{year:04d}-{rest}")
        if moment and now and datetime.fromisoformat(moment) <= now + _AHEAD:
            return moment
    return None


def _valid(iso: str) -> str | None:
    try:
        return datetime.fromisoformat(iso).isoformat()
    except ValueError:
        return None
