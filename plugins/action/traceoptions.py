# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Traceoptions on, until undone or kept, or off."""

from __future__ import annotations

import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument, HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import State
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.report import host_result
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.trace_plan import TracePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.traceoptions import Switch
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render_trace
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec
from ansible_collections.hubspoke.srx.plugins.plugin_utils._trace_action import (
    Asked,
    Result,
    TraceAction,
    failed,
    terms,
    wishes,
)


class ActionModule(TraceAction):
    name = "traceoptions"
    spec = argument_spec(name)

    def check(self, arguments: t.Mapping[str, t.Any]) -> None:
        if not 1 <= arguments["minutes"] <= 65535:
            raise BadArgument(
                f"controller: minutes: expected 1 to 65535, actual {arguments['minutes']}. Junos takes nothing else;"
                " for longer use keep."
            )

    def work(self, asked: Asked, arguments: dict[str, t.Any]) -> list[Result]:
        held = terms(asked.run, int(arguments["minutes"]), wishes(arguments), arguments)
        pause = threading.Event().wait
        logins = threading.Semaphore(arguments["sessions"])

        def one(wanted: TracePlan) -> Result:
            switch = Switch(wanted.plan, wanted.group, held, asked.connect, pause)
            try:
                with logins:
                    switch.log_in()
                return self._switched(switch, wanted, arguments)
            except HubspokeError as error:
                return failed(switch, error)
            finally:
                switch.leave()

        with ThreadPoolExecutor(max_workers=max(1, len(asked.plans))) as pool:
            return list(pool.map(one, asked.plans))

    def _switched(self, switch: Switch, wanted: TracePlan, arguments: dict[str, t.Any]) -> Result:
        present, keep = arguments["state"] == "present", bool(arguments["keep"])
        state: State
        if self._task.check_mode:
            if present:
                switch.would_switch_on(render_trace(wanted))
            else:
                switch.would_switch_off()
            state = "would_change" if switch.diff else "unchanged"
        elif present:
            switch.switch_on(render_trace(wanted), keep)
            state = switch.state if switch.diff else "unchanged"
        else:
            switch.switch_off()
            state = "off" if switch.diff else "unchanged"
        return host_result(
            switch.host,
            state,
            _message(state, arguments),
            changed=state != "unchanged",
            diff=switch.diff,
            warnings=switch.warnings,
        )


def _message(state: State, arguments: t.Mapping[str, t.Any]) -> str:
    return {
        "on": f"traced; the device undoes that {arguments['minutes']} minutes after now",
        "kept": "traced until it is switched off",
        "off": "not traced any more",
        "unchanged": "nothing to change",
        "would_change": "would change",
    }[state]
