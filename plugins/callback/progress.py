# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Standard output for people who want nothing but the lines of this collection."""

from __future__ import annotations

DOCUMENTATION = """
name: progress
type: stdout
author: The hubspoke.srx authors (@hubspoke)
version_added: 1.0.0
short_description: Only the lines of this collection on the screen
description:
  - Prints what the modules of this collection print by themselves, a line per stage, the causes of a failure and the
    path of the report. It prints no heading of a play or task, and no result of a task that succeeds.
  - Each failure of a host in any task is one line, also that of a task of another role. A task with a loop has one line
    for all of its items. A failure that C(ignore_errors) lets pass is one line that says so. Of more than three hosts
    with the same failure, three have a line, and one line counts the others. Below a failure of a task of this
    collection is what to do about it, once in a task, unless other lines of the run tell it.
  - The recap has the hosts that have changed, have failed or are unreachable, more than five with the same in one line.
  - With C(-v) each host of each task has a line too, with C(--diff) each difference has the name of its host above it.
requirements:
  - Set C(ANSIBLE_STDOUT_CALLBACK=hubspoke.srx.progress), or C(stdout_callback=hubspoke.srx.progress) in the section
    C(defaults) of C(ansible.cfg).
"""

import re
import textwrap
import typing as t
from collections import Counter

from ansible import constants as C
from ansible.plugins.callback import CallbackBase
from ansible_collections.hubspoke.srx.plugins.module_utils._report.columns import WIDTH
from ansible_collections.hubspoke.srx.plugins.module_utils._report.stage_lines import cut, recap_lines

_OURS = "hubspoke.srx."
# Hosts with the same failure in a task that have a line each.
_FEW = 3
_FIX = "    fix  "
_REFERENCE = re.compile(r"See \S+\.")
_COLORS = {"ok": C.COLOR_OK, "changed": C.COLOR_CHANGED, "failed": C.COLOR_ERROR}


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Print failures, warnings and a short recap."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "hubspoke.srx.progress"

    def __init__(self) -> None:
        super().__init__()
        # The failures of the task that runs, by their reason.
        self._same = Counter[str]()
        # What it has already told to do.
        self._told = set[str]()

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:  # noqa: FBT001,FBT002  Ansible
        self._warn(result)
        if ignore_errors:
            self._line("ignored", result, C.COLOR_SKIP, _reason(_data(result)))
        else:
            self._fatal(result)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._warn(result)
        self._line("unreachable", result, C.COLOR_UNREACHABLE, _reason(_data(result)))
        self._show_fix(result)

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._warn(result)
        is_changed = bool(_data(result).get("changed"))
        self._line_if_verbose("changed" if is_changed else "ok", result, C.COLOR_CHANGED if is_changed else C.COLOR_OK)

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        self._warn(result)
        self._line_if_verbose("skipping", result, C.COLOR_SKIP)

    def v2_runner_item_on_ok(self, result: t.Any) -> None:
        self._warn(result)

    def v2_runner_item_on_failed(self, result: t.Any) -> None:
        self._warn(result)

    def v2_on_file_diff(self, result: t.Any) -> None:
        data, host = _data(result), _host(result)
        for one in _items(data) or [data]:
            if one.get("diff") and one.get("changed") and (diff := self._get_diff(one["diff"])):
                self._display.display(diff if diff.startswith(f"{host}:\n") else f"{host}:\n{diff}")

    def v2_playbook_on_no_hosts_matched(self) -> None:
        self._display.display("no hosts matched", color=C.COLOR_SKIP)

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        self._show_more()
        for line in recap_lines({host: stats.summarize(host) for host in sorted(stats.processed)}):
            self._display.display(line.text, color=_COLORS[line.tone])

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:  # noqa: FBT001  Ansible
        self._show_more()

    def v2_playbook_on_handler_task_start(self, task: t.Any) -> None:
        self._show_more()

    def v2_playbook_on_play_start(self, play: t.Any) -> None:
        self._show_more()

    def _fatal(self, result: t.Any) -> None:
        """Show a failure; of many hosts with the same one, a task shows a few, and then how many more there are."""
        reason = _reason(_data(result))
        self._same[reason] += 1
        if self._same[reason] <= _FEW:
            self._line("fatal", result, C.COLOR_ERROR, reason)
            self._show_fix(result)

    def _show_fix(self, result: t.Any) -> None:
        """Show what a task of this collection says to do, once in a task.

        The report tells the remedy of each cause, and a host may refer to the cause of another one.
        """
        data = _data(result)
        remedy = " ".join(str(data.get("remedy") or "").split())
        is_told = data.get("causes") or _REFERENCE.fullmatch(remedy) or remedy in self._told
        if remedy and _is_ours(result) and not is_told:
            self._told.add(remedy)
            for line in textwrap.wrap(
                remedy, WIDTH, initial_indent=_FIX, subsequent_indent=" " * len(_FIX), break_on_hyphens=False
            ):
                self._display.display(line, color=C.COLOR_ERROR)

    def _show_more(self) -> None:
        for reason, number in self._same.items():
            if number > _FEW:
                self._display.display(cut(f"  fatal: {number - _FEW} more  {reason}"), color=C.COLOR_ERROR)
        self._same.clear()
        self._told.clear()

    def _line(self, word: str, result: t.Any, color: str, reason: str = "") -> None:
        is_ours = _is_ours(result) and bool(reason)
        name = "" if is_ours else str(_task(result).get_name())
        text = f"  {word}: [{_host(result)}]  {': '.join(filter(None, (name, reason)))}"
        # Without causes there is no report that tells the rest.
        is_whole = is_ours and not _data(result).get("causes")
        wrapped = textwrap.wrap(text, WIDTH, subsequent_indent=" " * len(_FIX), break_on_hyphens=False)
        for line in wrapped if is_whole else [cut(text)]:
            self._display.display(line, color=color)

    def _line_if_verbose(self, word: str, result: t.Any, color: str) -> None:
        if self._display.verbosity:
            self._line(word, result, color)

    def _warn(self, result: t.Any) -> None:
        self._handle_warnings(_data(result))


# ansible-core before 2.19 has the attributes with an underscore only.
def _data(result: t.Any) -> dict[str, t.Any]:
    data: dict[str, t.Any] = getattr(result, "result", None) or result._result
    return data


def _host(result: t.Any) -> str:
    return str((getattr(result, "host", None) or result._host).get_name())


def _task(result: t.Any) -> t.Any:
    return getattr(result, "task", None) or result._task


def _is_ours(result: t.Any) -> bool:
    return str(_task(result).action).startswith(_OURS)


def _items(data: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    results = data.get("results")
    return [one for one in results if isinstance(one, dict)] if isinstance(results, list) else []


def _reason(data: t.Mapping[str, t.Any]) -> str:
    """Return why a task failed, in one line; of a loop the first item that failed, and how many did."""
    items = _items(data)
    failed = [item for item in items if item.get("failed") or item.get("unreachable")]
    if failed:
        label = failed[0].get("_ansible_item_label", failed[0].get(failed[0].get("ansible_loop_var", "item"), ""))
        return f"{len(failed)} of {len(items)} items failed, the first: {label}: {_reason(failed[0])}"
    found = next((data[name] for name in ("msg", "reason", "stderr", "stdout", "censored") if data.get(name)), "failed")
    return " ".join(str(found).split())
