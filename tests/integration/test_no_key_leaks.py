# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No playbook tells a key: not on its output, in Ansible's log or in any file, with all debugging on, also on failure.

The oldest ansible-core runs these too.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import ALPHABET, LENGTH, spell
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import KeyCodec9

from tests.integration.conftest import Network, document_network, environment
from tests.integration.test_document import commit_by_hand

# Characters that XML, JSON, YAML, Junos or a shell write differently, as far as both platforms accept them.
SHARED = "Sh4red-<Key>&'of\\all%s{x}"
OF_WESTFORD = 'W3stford\'s "own" <key> & more'
KEYS = {"westford": OF_WESTFORD, "corporate": SHARED, "sunnyvale": SHARED}
NEXT = "N3xt-Key-Of-Westford-4711"
VAULT = "of-the-vault-4711"
COPY = "C0py-passw0rd-4711"
PLAYBOOKS = (
    "render", "deploy", "verify", "drift", "troubleshoot", "trace", "collect", "rotate_keys", "recover", "remove",
    "adopt", "preflight",
)  # fmt: skip
# Callbacks of ansible-core, and the two that write files.
STDOUT = ("default", "minimal", "oneline")
TOLD = {
    "ANSIBLE_DEBUG": "1",
    "ANSIBLE_KEEP_REMOTE_FILES": "1",
    "ANSIBLE_VERBOSE_TO_STDERR": "1",
    "ANSIBLE_CALLBACKS_ENABLED": "junit,tree",
    "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
    "ANSIBLE_DIFF_ALWAYS": "1",
}
_ENCODED = re.compile(rb"\$9\$[A-Za-z0-9./-]+")
_PATIENCE = 300


@pytest.fixture(scope="module", params=["asyncssh", "pyez"])
def network(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    folder = tmp_path_factory.mktemp("leaks")
    (folder / "vault-password").write_text(VAULT, encoding="utf-8")
    # As variables of hosts, which the group_vars of the document's inventory do not override.
    given = {"nhtb": {"hosts": {host: {"nhtb_pre_shared_key": key} for host, key in KEYS.items()}}}
    keys = folder / "keys"
    keys.mkdir()
    (keys / "1-keys.yml").write_text(yaml.safe_dump(given), encoding="utf-8")
    with document_network(folder, before=[keys], nhtb_transport=request.param) as network:
        yield network


def run(network: Network, playbook: str, stdout: str, *arguments: str, **variables: t.Any) -> int:
    """Run a playbook with everything that makes Ansible tell more; keep its output in the folder of the run."""
    folder = network.folder / "told"
    folder.mkdir(exist_ok=True)
    more = {
        **TOLD,
        "ANSIBLE_LOG_PATH": str(folder / "ansible.log"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "local-temp"),
        "ANSIBLE_CALLBACK_TREE_DIR": str(folder / "tree"),
        "JUNIT_OUTPUT_DIR": str(folder / "junit"),
        "ANSIBLE_STDOUT_CALLBACK": stdout,
        "TMPDIR": str(folder),
    }
    password = ["--vault-password-file", str(network.folder / "vault-password")]
    with open(folder / f"{playbook}.out", "wb") as output:
        process = subprocess.run(
            network.command(playbook, "-vvvvv", *password, *arguments, **variables),
            cwd=network.folder, env={**environment(network.folder), **more}, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, timeout=_PATIENCE, check=False,
        )  # fmt: skip
    return process.returncode


def told(network: Network, playbook: str) -> str:
    """Return what the last run of a playbook told of its result."""
    text = (network.folder / "told" / f"{playbook}.out").read_text(encoding="utf-8", errors="replace")
    return "\n".join(line for line in text.splitlines() if not re.match(r"\s*\d+ \d+\.\d+: ", line))[-6000:]


def leaks(network: Network, *secrets: str) -> list[str]:
    """Return where a secret is told, in any form: the file and the text around it. The given files are no leak."""
    aside = {
        network.folder / "keys",
        network.folder / "keys-aside",
        network.folder / "vault-password",
        network.lab.state.path,
    }
    found = []
    for path in sorted(network.folder.rglob("*")):
        if aside & {path, *path.parents} or path.is_symlink() or not path.is_file():
            continue
        content = path.read_bytes()
        hits = [form for secret in secrets for form in forms(secret) if form in content]
        hits += [encoded for encoded in set(_ENCODED.findall(content)) if is_key(encoded.decode(), secrets)]
        for hit in hits:
            place = content.index(hit)
            found.append(f"{path.relative_to(network.folder)}: {content[max(0, place - 100) : place + 100]!r}")
    return found


def forms(secret: str) -> set[bytes]:
    """Return a secret as a log could have it: plain, escaped, in hexadecimal, in base64 at each of three offsets."""
    plain = secret.encode()
    escaped = {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], secret.replace("'", "''")}
    escaped |= {_xml(one) for one in escaped} | {one.replace("\\", "\\\\").replace('"', '\\"') for one in escaped}
    encoded = {base64.b64encode(b"\0" * offset + plain)[(offset * 4 + 2) // 3 + offset % 2 : -4] for offset in range(3)}
    return {one.encode() for one in escaped} | {plain.hex().encode(), plain.hex().upper().encode()} | encoded


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def is_key(encoded: str, secrets: t.Collection[str]) -> bool:
    """Return whether a text that begins as an encoded key is one of the secrets."""
    try:
        return KeyCodec9().decode(encoded.rstrip(".")) in secrets
    except (ValueError, KeyError, IndexError):
        return False


def test_the_search_finds_each_form(tmp_path: Path) -> None:
    network = Network([], tmp_path, t.cast("t.Any", _NoLab(tmp_path / "lab")))
    told = [
        SHARED, json.dumps(SHARED), repr(SHARED), _xml(SHARED), SHARED.encode().hex(), KeyCodec9().encode(SHARED),
        *(base64.b64encode(before + SHARED.encode() + b"after").decode() for before in (b"", b"x", b"xy")),
    ]  # fmt: skip
    for number, text in enumerate(told):
        (tmp_path / str(number)).write_text(f'{{"a": "{text}"}}\n', encoding="utf-8")
    assert {line.partition(":")[0] for line in leaks(network, SHARED)} == {str(number) for number in range(len(told))}
    assert leaks(network, "Another-Key") == []


class _NoLab:
    def __init__(self, path: Path) -> None:
        self.state = self
        self.path = path


def vaulted(network: Network, host: str) -> str:
    """Return the key in a vaulted file of a host."""
    text = (network.folder / "host_vars" / host / "key.yml").read_text(encoding="utf-8")
    envelope = "\n".join(line.strip() for line in text.partition("!vault |\n")[2].splitlines())
    program = Path(sys.executable).parent / "ansible-vault"
    found = subprocess.run(
        [program, "decrypt", "--vault-password-file", network.folder / "vault-password", "--output", "-"],
        input=envelope, env=environment(network.folder), text=True, capture_output=True, timeout=600, check=True,
    )  # fmt: skip
    return found.stdout


def overlay(network: Network, name: str, hosts: t.Mapping[str, t.Any]) -> list[str]:
    """Write an inventory with secrets aside; return the arguments that add it to a run."""
    aside = network.folder / "keys-aside"
    aside.mkdir(exist_ok=True)
    path = aside / f"{name}.yml"
    path.write_text(yaml.safe_dump({"nhtb": {"hosts": dict(hosts)}}), encoding="utf-8")
    return ["-i", str(path)]


def test_no_playbook_that_succeeds_tells_a_key(network: Network) -> None:
    secrets = [SHARED, OF_WESTFORD, NEXT, VAULT]
    by_hand = {
        host: spell((network.artifacts / f"{host}.set").read_text(encoding="utf-8"), KEYS, "backslash")
        for host in ("corporate", "westford")
    }
    key_file = network.folder / "host_vars" / "westford" / "key.yml"
    special: dict[str, dict[str, t.Any]] = {
        "verify": {"nhtb_verify_checks": ["ike", "ipsec", "next_hop_tunnels", "routes", "pings", "configuration"]},
        "adopt": {"nhtb_adopt_dir": str(network.folder / "adopted")},
        "trace": {"nhtb_trace_seconds": 0},
        "rotate_keys": {"nhtb_key_file": str(key_file)},
        "remove": {"nhtb_remove_all": True},
    }
    arguments = {
        "collect": overlay(network, "next", {"westford": {"nhtb_new_pre_shared_key": NEXT}}),
        "rotate_keys": ["--limit", "westford"],
    }
    for number, playbook in enumerate(PLAYBOOKS):
        if playbook == "adopt":
            for host, text in by_hand.items():
                lines = [line for line in text.replace("set groups hubspoke ", "set ").splitlines() if line]
                commit_by_hand(network, host, *(line for line in lines if "apply-groups" not in line))
        stdout = STDOUT[number % len(STDOUT)]
        status = run(network, playbook, stdout, *arguments.get(playbook, []), **special.get(playbook, {}))
        assert status == 0, told(network, playbook)
        if playbook == "deploy":
            encoded = _ENCODED.findall(network.lab.show("corporate").encode())
            assert {KeyCodec9().decode(one.decode()) for one in encoded} == {SHARED, OF_WESTFORD}
        if playbook == "rotate_keys":
            secrets.append(vaulted(network, "westford"))
            assert re.fullmatch(rf"[{ALPHABET}]{{{LENGTH}}}", secrets[-1])
            own = {"nhtb": {"hosts": {"westford": {"nhtb_pre_shared_key": secrets[-1]}}}}
            (network.folder / "keys" / "3-new.yml").write_text(yaml.safe_dump(own), encoding="utf-8")
    assert leaks(network, *secrets) == []


# By name: playbook, faults of Westford, variables of hosts aside, arguments.
FAILURES: dict[str, tuple[str, tuple[tuple[str, dict[str, t.Any]], ...], dict[str, t.Any], tuple[str, ...]]] = {
    "misspelt": ("deploy", (), {"westford": {"nhtb_preshared_key": NEXT}}, ()),
    "not text": ("collect", (), {"westford": {"nhtb_pre_shared_key": [NEXT]}}, ()),
    "not allowed": ("verify", (), {"sunnyvale": {"nhtb_pre_shared_key": f"{NEXT} ?"}}, ()),
    "template": ("drift", (), {"westford": {"nhtb_pre_shared_key": f"{NEXT}{{{{ typo_4711 }}}}"}}, ()),
    "login": ("deploy", (("refuse-login", {}),), {}, ()),
    "echoed by load": ("deploy", (("refuse", {"rpc": "load-configuration"}),), {}, ()),
    "echoed by check": ("deploy", (("fail-check", {}),), {}, ()),
    "echoed by a reply": ("verify", (("refuse", {"rpc": "get-ike-security-associations-information"}),), {}, ()),
    "refused to troubleshoot": ("troubleshoot", (("refuse", {}),), {}, ()),
    "echoed to drift": ("drift", (("refuse", {"rpc": "get-configuration"}),), {}, ()),
    "echoed to trace": ("trace", (("refuse", {"rpc": "load-configuration"}),), {}, ("-e", "nhtb_trace_seconds=0")),
    "echoed to adopt": ("adopt", (("refuse", {"rpc": "get-configuration"}),), {}, ("-e", "nhtb_adopt_dir=adopted-not")),
    "another key": ("deploy", (), {"sunnyvale": {"nhtb_pre_shared_key": NEXT, "nhtb_operator_ready": True}}, ()),
    "lost": ("deploy", (("cut-after", {"rpc": "commit"}), ("refuse-login", {"count": 3})), {}, ("-e", "nhtb_mss=1299")),
    "copied": ("trace", (), {"corporate": {"nhtb_trace_copy_to": f"scp://user:{COPY}@192.0.2.9/x"}},
               ("-e", "nhtb_trace_seconds=0")),
}  # fmt: skip


def test_no_playbook_that_fails_tells_a_key(network: Network) -> None:
    secrets = [SHARED, OF_WESTFORD, NEXT, VAULT, COPY]
    echo = (
        f"invalid value '{OF_WESTFORD}' in 'pre-shared-key ascii-text \"{KeyCodec9().encode(OF_WESTFORD)}\"' {SHARED}"
    )
    (network.folder / "keys" / "3-new.yml").unlink(missing_ok=True)
    for number, (name, (playbook, faults, hosts, arguments)) in enumerate(FAILURES.items()):
        for kind, details in faults:
            more: dict[str, t.Any] = {"message": echo} if kind in _ECHOING else {}
            network.lab.fault("westford", kind, **more, **details)
        try:
            status = run(
                network, playbook, STDOUT[number % len(STDOUT)], *overlay(network, name, hosts), *arguments,
                nhtb_confirm_minutes=1,
            )  # fmt: skip
        finally:
            network.lab.fault("westford", "clear")
        # Some plays tell of a device that failed and end well.
        assert status != 0 or name in ("refused to troubleshoot", "copied"), told(network, playbook)
        if name.startswith("echoed"):
            files = [path.read_text(encoding="utf-8") for path in network.artifacts.glob("*.json")]
            assert "masked" in told(network, playbook) + "".join(files), f"{name}: nothing was echoed"
        assert "\n".join(leaks(network, *secrets)) == "", name


_ECHOING = ("refuse", "fail-check")
