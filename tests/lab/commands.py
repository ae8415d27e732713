# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of the control channel. Requests and answers are plain data."""

from __future__ import annotations

import os
import typing as t

from tests.lab.clock import stamp
from tests.lab.config import setform, text, xmlform
from tests.lab.config.tree import Node
from tests.lab.errors import LabError
from tests.lab.network.told import Told

if t.TYPE_CHECKING:
    from tests.lab.running import RunningLab

Request = dict[str, t.Any]


def run(lab: RunningLab, request: Request) -> t.Any:
    """Execute one request. Raise ``LabError`` if the request is wrong."""
    do = request.get("do")
    if do not in _COMMANDS:
        raise LabError(f"{do}: no such command; there are {', '.join(_COMMANDS)}")
    try:
        return _COMMANDS[do](lab, request)
    except KeyError as error:
        raise LabError(f"{do}: {error.args[0]} is missing from the request") from error


def _status(lab: RunningLab, request: Request) -> t.Any:
    return {
        "pid": os.getpid(),
        "time": lab.clock.now(),
        "stamp": stamp(lab.clock.now()),
        "speed": lab.clock.speed,
        "devices": {name: device.describe() for name, device in lab.devices.items()},
        "screenos": {name: {"has_text": peer.operator_text() is not None} for name, peer in lab.peers.items()},
    }


def _stop(lab: RunningLab, request: Request) -> t.Any:
    lab.stopping.set()
    return "stopping"


def _show(lab: RunningLab, request: Request) -> str:
    name = request["host"]
    if name in lab.peers:
        return lab.peers[name].shown()
    database = lab.device(name).database
    if request.get("effective"):
        node = database.effective()
    elif request.get("candidate"):
        node = database.candidate
    else:
        node = database.committed
    form = request.get("format") or "text"
    if form not in _FORMS:
        raise LabError(f"{form}: not a format; there are {', '.join(_FORMS)}")
    return _FORMS[form](node)


def _log(lab: RunningLab, request: Request) -> str:
    return "".join(f"{line}\n" for line in lab.device(request["host"]).log_lines(request.get("file") or "messages"))


def _screenos(lab: RunningLab, request: Request) -> str:
    name = request["host"]
    if name not in lab.peers:
        raise LabError(f"{name}: not a third-party host of this lab; there are {', '.join(lab.peers) or 'none'}")
    lab.peers[name].enter(request["text"])
    lab.network.changed()
    return f"{name}: text taken"


def _reachable(lab: RunningLab, request: Request) -> t.Any:
    try:
        verdict = lab.network.reachable(request["source"], request["destination"])
    except ValueError as error:
        raise LabError(f"reachable: expected two IPv4 addresses, actual: {error}") from error
    return {
        "ok": verdict.ok,
        "failure": None if verdict.failure is None else str(verdict.failure),
        "hops": [vars(hop) for hop in verdict.hops],
    }


def _tunnel(lab: RunningLab, request: Request) -> str:
    host, vpn = lab.device(request["host"]).host, request["vpn"]
    try:
        failure = lab.network.tell(host, vpn, Told.of(request))
    except (TypeError, ValueError) as error:
        raise LabError(str(error)) from error
    if failure is not None:
        raise LabError(f"{host}: {vpn}: told to be up, computed to be down: {failure}")
    return f"{host}: {vpn} is {request['outcome']}"


def _time(lab: RunningLab, request: Request) -> t.Any:
    try:
        if request.get("speed") is not None:
            lab.clock.set_speed(float(request["speed"]))
        if request.get("advance") is not None:
            lab.clock.advance(float(request["advance"]))
    except ValueError as error:
        raise LabError(str(error)) from error
    if request.get("lateness") is not None:
        for device in lab.devices.values():
            device.rollback_lateness = float(request["lateness"])
    return {"time": lab.clock.now(), "stamp": stamp(lab.clock.now()), "speed": lab.clock.speed}


def _fault(lab: RunningLab, request: Request) -> t.Any:
    name, kind = request["host"], request["kind"]
    devices = list(lab.devices.values()) if name == "all" else [lab.device(name)]
    details = {key: value for key, value in request.items() if key not in ("do", "host", "kind")}
    if kind == "list":
        return {device.host: device.faults.listed() for device in devices}
    for device in devices:
        if kind == "clear":
            device.clear_faults()
        else:
            device.fault(kind, details)
    return f"{kind}: {', '.join(device.host for device in devices)}"


def _xml(node: Node) -> str:
    return xmlform.to_text(xmlform.render(node))


_FORMS: dict[str, t.Callable[..., str]] = {"text": text.render, "set": setform.render, "xml": _xml}

_COMMANDS: dict[t.Any, t.Callable[[RunningLab, Request], t.Any]] = {
    "status": _status,
    "stop": _stop,
    "show": _show,
    "log": _log,
    "screenos": _screenos,
    "reachable": _reachable,
    "tunnel": _tunnel,
    "time": _time,
    "fault": _fault,
}
