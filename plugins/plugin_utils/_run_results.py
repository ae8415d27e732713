# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Results that the action of the fleet hands to later tasks: a file per host and one for all, in Ansible's own folder.

A registered result would carry the whole fleet into the variables of every host.
"""

from __future__ import annotations

import json
import re
import shutil
import typing as t
from contextlib import suppress
from functools import partial
from pathlib import Path

from ansible import constants as C
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.table import table as preflights
from ansible_collections.hubspoke.srx.plugins.module_utils._report.table import table
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.report import table as traces
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.report import table as troubles
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import check_folder, file_name, write_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._output import show, verbosity

_TABLES: t.Mapping[str, t.Callable[[t.Mapping[str, t.Any]], str]] = {"preflight": preflights, "troubleshoot": troubles}
_TRACES = ("trace", "traceoptions")
_FLEET = "fleet.json"
_SUBJECT = "controller: ANSIBLE_LOCAL_TEMP"
_RUN = re.compile(r"[0-9A-Za-z-]{1,40}")


def store_results(run: str, hosts: t.Mapping[str, t.Any], fleet: t.Any) -> None:
    """Write the result of each host and of the fleet. Raise HubspokeError."""
    files = {_host_file(host): json.dumps(result) for host, result in hosts.items()}
    write_files(str(_folder(run)), files | {_FLEET: json.dumps(fleet)}, _SUBJECT)


def check_results(run: str) -> None:
    """Raise HubspokeError where results cannot be written."""
    check_folder(str(_folder(run)), [_FLEET], _SUBJECT)


def hand_over(
    run: str,
    hosts: t.Mapping[str, t.Any],
    summary: dict[str, t.Any],
    write: t.Callable[[], object],
    as_text: t.Callable[[dict[str, t.Any]], str],
    reasons: t.Iterable[str] = (),
) -> tuple[bool, str]:
    """Write the files of a run, then store its results; return whether they are stored, and why it failed, in lines.

    The devices are as they are, whatever happened to a folder meanwhile, and every host needs its outcome. ``write``
    writes the files, ``path`` of the summary being one of them. ``as_text`` makes the text for the screen where no
    later task can show the outcomes. ``reasons`` are those for which the run failed as a whole; a run in which no
    device took part fails with its decision: nothing done is no success.
    """
    problems = list(reasons) or ([summary["decision"]] if _is_nothing(hosts) else [])
    try:
        write()
    except HubspokeError as error:
        problems.append(str(error))
        # Where only another format of it failed, the report itself is there.
        if not (summary["path"] and Path(summary["path"]).expanduser().is_file()):
            summary["path"] = ""
    try:
        store_results(run, hosts, {**_without_rows(summary), "problem": "\n".join(problems)})
    except HubspokeError as error:
        problems.append(str(error))
        show(as_text(summary))
        return False, "\n".join(problems)
    return True, "\n".join(problems)


def _is_nothing(hosts: t.Mapping[str, t.Any]) -> bool:
    """Return whether no device took part, as where a limit names third-party spokes only."""
    return bool(hosts) and all(one["state"] == "skipped" and not one["failed"] for one in hosts.values())


def _without_rows(summary: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return a report without what only its file has: of a large fleet, findings and differences are most of it."""
    hosts = [{**one, "findings": [], "diff": ""} if "findings" in one else one for one in summary.get("hosts", ())]
    return {**summary, "hosts": hosts}


def show_run(summary: t.Mapping[str, t.Any]) -> None:
    """Show the report of a run as text, and the path of its file."""
    if summary["mode"] in _TRACES:
        show(traces(summary, verbose=verbosity() > 0))
    else:
        usual = partial(table, verbose=verbosity() > 0 or not summary["path"])
        show(_TABLES.get(summary["mode"], usual)(summary))
    if summary["path"]:
        show(f"Report: {summary['path']}")


def discard_results(run: str) -> None:
    """Remove the results of an interrupted run, which no later task will read; ``run`` is empty where it has none.

    Ansible removes its own folder when it ends, unless a signal has ended it: an empty one is removed here too.
    """
    if run:
        shutil.rmtree(_folder(run), ignore_errors=True)
    with suppress(OSError):
        Path(C.DEFAULT_LOCAL_TMP).rmdir()


def stored_host(run: str, host: str) -> dict[str, t.Any]:
    """Return the result of one host. Raise HubspokeError where the run has none for it."""
    return _read(run, _host_file(host), host)


def stored_fleet(run: str) -> dict[str, t.Any]:
    """Return the result of the fleet. Raise HubspokeError where the run has none."""
    return _read(run, _FLEET, "controller")


def _read(run: str, name: str, host: str) -> dict[str, t.Any]:
    try:
        content: dict[str, t.Any] = json.loads((_folder(run) / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise HubspokeError(
            f"{host}: run {run}: expected a result of hubspoke.srx.transaction or hubspoke.srx.nhtb_verify in this"
            " ansible-playbook run, actual none. Register the result of one of them and pass its run."
        ) from None
    return content


def _folder(run: str) -> Path:
    if not _RUN.fullmatch(run):
        raise HubspokeError(
            f"controller: run: expected the run of a registered result, actual {shortened(repr(run))}. Pass its run."
        )
    return Path(C.DEFAULT_LOCAL_TMP) / f"hubspoke-{run}"


def _host_file(host: str) -> str:
    return f"host-{file_name(host)}.json"
