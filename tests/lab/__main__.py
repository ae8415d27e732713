# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's command line: ``python -m tests.lab up INVENTORY``."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import typing as t
from pathlib import Path

from tests.lab.client import READY_TIMEOUT, Lab
from tests.lab.errors import LabError
from tests.lab.faults import OTHER_FAULTS, RPC_FAULTS
from tests.lab.inventory import load
from tests.lab.state import StateDir

_REACHABLE = """Tell whether a host in a LAN gets an answer from an address, and if not, why.

A line for each tunnel on the way, as 'HOST VPN -> PEER VPN-OF-THE-PEER', then the answer. Without one it
names the device where the packet ends, and why: no route, a policy, a tunnel that is down, or out in clear;
the exit status is then 1. No packet is sent: no tunnel comes up by it, and no counter changes."""


def main(arguments: t.Sequence[str] | None = None) -> int:
    """Run one command. Return 0, or 1 with a message on standard error if it failed."""
    options = parser().parse_args(arguments)
    try:
        options.run(options)
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _up(options: argparse.Namespace) -> None:
    if options.background:
        arguments = [flag for flag in ("--busy", "--free-ports") if getattr(options, flag[2:].replace("-", "_"))]
        for name in ("screenos_dir", "vault_password_file"):
            if getattr(options, name):
                arguments += [f"--{name.replace('_', '-')}", os.path.abspath(getattr(options, name))]
        lab = Lab.start(
            *options.inventory,
            state_dir=options.state_dir,
            arguments=arguments,
            ready_timeout=options.ready_timeout,
            tied=False,
        )
        _say(_summary(lab.status(), options.state_dir))
        return
    state = StateDir(options.state_dir)
    state.claim()
    try:
        _run_here(options, state)
    finally:
        if options.ready_fd is None:
            state.clean()


def _run_here(options: argparse.Namespace, state: StateDir) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    inventory = load(options.inventory, options.vault_password_file, options.free_ports)
    # Only the lab's own process needs the SSH server and the configuration engine.
    from tests.lab.running import RunningLab

    screenos_dir = Path(options.screenos_dir) if options.screenos_dir else None
    lab = RunningLab(inventory, state, screenos_dir, options.busy)

    def ready() -> None:
        if options.ready_fd is None:
            _say(
                f"{len(lab.devices)} devices listen; stop them with Ctrl-C, "
                f"or: python -m tests.lab down --state-dir {state.path}"
            )
            return
        os.write(options.ready_fd, b"ready\n")
        os.close(options.ready_fd)

    asyncio.run(lab.run(ready, options.tied))
    if lab.abandoned:
        state.clean()


def _down(options: argparse.Namespace) -> None:
    lab = Lab(options.state_dir)
    running = lab.state.pid()
    lab.stop()
    _say(f"lab {options.state_dir} is down" if running else f"no lab was running in {options.state_dir}")


def _status(options: argparse.Namespace) -> None:
    status = Lab(options.state_dir).status()
    _say(json.dumps(status, indent=2) if options.json else _summary(status, options.state_dir))


def _show(options: argparse.Namespace) -> None:
    lab = Lab(options.state_dir)
    sys.stdout.write(lab.show(options.host, options.format, options.effective, options.candidate).rstrip("\n") + "\n")


def _log(options: argparse.Namespace) -> None:
    sys.stdout.write(Lab(options.state_dir).log(options.host, options.file))


def _reachable(options: argparse.Namespace) -> None:
    verdict = Lab(options.state_dir).reachable(options.source, options.destination)
    for hop in verdict["hops"]:
        _say(f"{hop['host']} {hop['vpn']} -> {hop['peer']} {hop['peer_vpn']}")
    if not verdict["ok"]:
        raise LabError(f"{options.source} does not reach {options.destination}: {verdict['failure']}")
    _say(f"{options.source} reaches {options.destination}")


def _screenos(options: argparse.Namespace) -> None:
    try:
        text = "".join(Path(file).read_text(encoding="utf-8") for file in options.files)
    except OSError as error:
        raise LabError(f"{error.filename}: cannot be read: {error.strerror}") from error
    Lab(options.state_dir).screenos(options.host, text)


def _tunnel(options: argparse.Namespace) -> None:
    details = {name: getattr(options, name) for name in ("code", "cookies", "spis", "peer_starts")}
    Lab(options.state_dir).tunnel(options.host, options.vpn, options.outcome, **details)


def _time(options: argparse.Namespace) -> None:
    now = Lab(options.state_dir).time(options.speed, options.advance, options.lateness)
    _say(f"{now['stamp']}, {now['speed']:g} times the wall clock")


def _fault(options: argparse.Namespace) -> None:
    names = ("count", "rpc", "seconds", "message", "path", "element", "user", "statement", "percent", "vpn")
    details = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    answer = Lab(options.state_dir).fault(options.host, options.kind, **details)
    _say(answer if isinstance(answer, str) else json.dumps(answer, indent=2))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _summary(status: dict[str, t.Any], state_dir: str) -> str:
    lines = [
        f"lab in {state_dir}: process {status['pid']}, {status['stamp']}, {status['speed']:g} times the wall clock"
    ]
    for name, device in status["devices"].items():
        lines.append(
            f"  {name}: {device['address']}:{device['port']}, {device['sessions']} sessions, {device['state']}"
        )
    for name, peer in status["screenos"].items():
        lines.append(f"  {name}: third-party, {'has its text' if peer['has_text'] else 'has no text yet'}")
    return "\n".join(lines)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.lab",
        description="Emulated SRX devices for the hosts of an Ansible inventory. "
        "Not a vSRX: see the lab's page in the documentation.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: t.Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name, help=text.partition("\n")[0], description=text, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        sub.add_argument("--state-dir", default=".lab", help="where the running lab keeps its files (default: .lab)")
        sub.set_defaults(run=run)
        return sub

    up = command("up", _up, "Start one device per host of the groups nhtb_hubs and nhtb_spokes.")
    up.add_argument("inventory", nargs="+", help="an inventory file or folder, as for ansible-playbook -i")
    up.add_argument("--background", action="store_true", help="return once every port listens")
    up.add_argument(
        "--free-ports",
        action="store_true",
        help="listen on free ports of 127.0.0.1; add -i STATE_DIR/inventory.yml to the playbook's inventories",
    )
    up.add_argument(
        "--screenos-dir",
        help="folder with the texts that third-party hosts start with: HOST.screenos, HOST.swanctl.conf and so on",
    )
    up.add_argument(
        "--busy", action="store_true", help="hosts in the LANs send traffic all the time, so on-traffic VPNs come up"
    )
    up.add_argument("--vault-password-file", help="decrypts vaulted variables, as for ansible-playbook")
    up.add_argument(
        "--ready-timeout", type=float, default=READY_TIMEOUT, help="seconds to wait with --background (default: 300)"
    )
    up.add_argument("--ready-fd", type=int, help=argparse.SUPPRESS)
    up.add_argument("--tied", action="store_true", help=argparse.SUPPRESS)
    command("down", _down, "Stop the lab and remove its files.")
    command("status", _status, "List the devices of the running lab.").add_argument(
        "--json", action="store_true", help="as data"
    )
    show = command("show", _show, "Print a device's configuration.")
    show.add_argument("host", help="a host of the inventory")
    show.add_argument("--format", choices=("text", "set", "xml"), default="text", help="of Junos (default: text)")
    which = show.add_mutually_exclusive_group()
    which.add_argument(
        "--effective", action="store_true", help="what is committed, groups applied, inactive parts removed"
    )
    which.add_argument("--candidate", action="store_true", help="the shared candidate instead of what is committed")
    log = command("log", _log, "Print a device's log file.")
    log.add_argument("host", help="a Junos host of the inventory")
    log.add_argument("file", nargs="?", default="messages", help="its name, or a URL of a copy (default: messages)")
    reachable = command("reachable", _reachable, _REACHABLE)
    reachable.add_argument("source", help="an address in a LAN, such as 10.10.10.5; a device's own counts too")
    reachable.add_argument("destination", help="the address that is to answer, in another LAN or in the Internet")
    screenos = command(
        "screenos",
        _screenos,
        "Enter a text on a third-party host. The inventory's key replaces <pre-shared-key of HOST> in it.",
    )
    screenos.add_argument("host", help="a third-party host of the inventory")
    screenos.add_argument("files", nargs="+", metavar="file", help="its text; all files of its profile together")
    _tunnel_parser(command)
    clock = command("time", _time, "Show the devices' time, or change it.")
    clock.add_argument("--speed", type=float, help="device seconds per wall-clock second")
    clock.add_argument("--advance", type=float, help="jump forward by this many device seconds")
    clock.add_argument(
        "--lateness", type=float, help="device seconds between the end of a confirm window and the rollback"
    )
    _fault_parser(command)
    return parser


def _tunnel_parser(command: t.Callable[..., argparse.ArgumentParser]) -> None:
    tunnel = command(
        "tunnel", _tunnel, "Tell the state of a VPN from another source, such as a real IKE daemon; computed ends that."
    )
    tunnel.add_argument("host", help="a host with an end of the tunnel")
    tunnel.add_argument("vpn", help="its name on this host, such as corp-vpn")
    tunnel.add_argument("outcome", choices=("up", "down", "computed"), help="its state, or what the lab computes")
    tunnel.add_argument("--code", help="why it is down, such as key or no-such-peer; a wrong one shows all")
    tunnel.add_argument("--cookies", nargs=2, metavar=("INITIATOR", "RESPONDER"), help="of phase 1")
    tunnel.add_argument("--spis", nargs=2, metavar=("INBOUND", "OUTBOUND"), help="of phase 2")
    tunnel.add_argument("--peer-starts", action="store_true", help="the peer is the initiator")


def _fault_parser(command: t.Callable[..., argparse.ArgumentParser]) -> None:
    kinds = {**RPC_FAULTS, **OTHER_FAULTS, "clear": "clear every fault", "list": "show the active faults"}
    fault = command(
        "fault", _fault, "Ask for a fault.\n\n" + "\n".join(f"  {kind:18}{text}" for kind, text in kinds.items())
    )
    fault.add_argument("host", help="a host, or all")
    fault.add_argument("kind", choices=sorted(kinds), metavar="KIND", help="one of the list above")
    fault.add_argument("--count", type=int, help="how often (default: until cleared)")
    fault.add_argument("--rpc", help="an RPC's name, or commit, confirmed, confirm, check (default: every RPC)")
    fault.add_argument("--seconds", type=float, help="how long, for delay and reboot")
    fault.add_argument("--message", help="the words of the device, for refuse, decorate and fail-check")
    fault.add_argument("--path", help="the hierarchy that fail-check names")
    fault.add_argument("--element", help="the statement that fail-check names, or the element that decorate adds")
    fault.add_argument("--user", help="the other user, for hold-lock, dirty and commit")
    fault.add_argument("--statement", help="set commands, one a line, for dirty and commit")
    fault.add_argument("--percent", type=int, help="of the file systems, for fill-storage")
    fault.add_argument("--vpn", help="the name of a VPN on the host, for flap")


if __name__ == "__main__":
    sys.exit(main())
