# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The features of ssh as data: one row of the table in docs/docsite/rst/connections.rst each.

Words in braces are filled in by the test: ports and keys of the servers, files of the case's own folder.
"""

from __future__ import annotations

from dataclasses import dataclass

BASE = "Host *\n  UserKnownHostsFile {known}\n  IdentityFile {key}\n  IdentitiesOnly yes\n"
OWN_ALGORITHMS = "its own list of algorithms holds"
NO_KEY = "Host *\n  UserKnownHostsFile {known}\n"
DEVICE = ("{device} {device_key}",)
BASTION = (*DEVICE, "{bastion} {bastion_key}")


@dataclass(frozen=True)
class Feature:
    """A case: what is configured, and in which transport it does what ssh does.

    ``refused``: ssh does not get in. ``pyez`` says what that transport has not: there it is the other way round. So
    does ``reader`` for asyncssh where no ssh client is installed.
    ``through``: the jump hosts that the connection must have come through. ``server``: the one that the device's
    address and port are of. ``config`` is ``nhtb_ssh_config``; ``files`` are others that it names.
    """

    title: str
    how: str
    config: str = BASE
    files: tuple[tuple[str, str], ...] = ()
    arguments: str = ""
    known: tuple[str, ...] = DEVICE
    server: str = "device"
    address: str = ""
    port: str = "{port}"
    user: str = ""
    key: str = ""
    password: str = ""
    checking: bool = True
    agent: tuple[str, ...] = ()
    through: tuple[str, ...] = ()
    refused: bool = False
    pyez: str = ""
    reader: str = ""


GROUPS: tuple[tuple[str, tuple[Feature, ...]], ...] = (
    (
        "Keys, agents and passwords",
        (
            Feature("Key of a variable", "``ansible_ssh_private_key_file``", NO_KEY, key="{key}"),
            Feature("``IdentityFile``", "in the configuration"),
            Feature("Key of another kind", "``IdentityFile`` of an RSA key", NO_KEY + "  IdentityFile {rsa}\n"),
            Feature("A key, and any password", "both variables set; the password is wrong", NO_KEY, key="{key}",
                    password="any"),
            Feature("Key file missing, another works", "``IdentityFile`` twice, the first one absent",
                    NO_KEY + "  IdentityFile {folder}/absent\n  IdentityFile {key}\n"),
            Feature("Agent", "``SSH_AUTH_SOCK``, no key file", NO_KEY, agent=("key",)),
            Feature("``IdentityAgent``", "in the configuration; ``SSH_AUTH_SOCK`` unset",
                    NO_KEY + "  IdentityAgent {agent}\n", agent=("key", "-"), pyez="the agent of SSH_AUTH_SOCK only"),
            Feature("``IdentityAgent none``", "the agent would have the key", NO_KEY + "  IdentityAgent none\n",
                    agent=("key",), refused=True),
            Feature("Encrypted key that the agent holds, by variable", "``ansible_ssh_private_key_file``", NO_KEY,
                    key="{secret}", agent=("secret",)),
            Feature("Encrypted key that the agent holds, by configuration", "``IdentityFile``, ``IdentitiesOnly yes``",
                    NO_KEY + "  IdentityFile {secret}\n  IdentitiesOnly yes\n", agent=("secret",)),
            Feature("Encrypted key that no one opens", "``IdentityFile``", NO_KEY + "  IdentityFile {secret}\n",
                    refused=True),
            Feature("Agent with more keys than a server takes", "eight keys, ``IdentityFile`` names the last",
                    NO_KEY + "  IdentityFile {secret}\n", agent=(*(f"other{number}" for number in range(7)), "secret"),
                    pyez="the agent's keys are offered in its own order"),
            Feature("``IdentitiesOnly``", "the agent has the key, ``IdentityFile`` names another",
                    NO_KEY + "  IdentityFile {other0}\n  IdentitiesOnly yes\n", agent=("key",),
                    pyez="the agent's other keys are offered all the same", refused=True),
            Feature("Certificate", "``CertificateFile``, signed by an authority that the device trusts",
                    NO_KEY + "  IdentityFile {certified}\n  CertificateFile {certificate}\n  IdentitiesOnly yes\n",
                    pyez="certificates are not offered"),
            Feature("Certificate next to its key", "``id-cert.pub``",
                    NO_KEY + "  IdentityFile {adjacent}\n  IdentitiesOnly yes\n"),
            Feature("Certificate of a key that the agent holds", "``CertificateFile``",
                    NO_KEY + "  IdentityFile {certified}.pub\n  CertificateFile {certificate}\n", agent=("certified",),
                    pyez="certificates are not offered"),
            Feature("``PubkeyAuthentication no``", "in the configuration", BASE + "  PubkeyAuthentication no\n",
                    refused=True),
        ),
    ),
    (
        "Host keys",
        (
            Feature("Known, with its port", "``[address]:port``"),
            Feature("Known, hashed", "as ``HashKnownHosts`` writes it", known=("{hashed}",)),
            Feature("Known, by a pattern", "``[127.*]:*``, and another host excluded",
                    known=("[127.*]:*,![127.0.0.9]:* {device_key}",)),
            Feature("Known, without its port", "``address`` alone", known=("127.0.0.1 {device_key}",)),
            Feature("Only the RSA key is known", "the device has an Ed25519 key too",
                    known=("{device} {device_rsa}",)),
            Feature("Unknown", "an empty file", known=(), refused=True),
            Feature("Changed", "another key of the same kind", known=("{device} {stray_key}",), refused=True),
            Feature("Revoked", "``@revoked`` for all hosts", known=(*DEVICE, "@revoked * {device_key}"), refused=True),
            Feature("Another host's ``@revoked``", "one line of the file",
                    known=("@revoked other.example.net {device_key}", *DEVICE)),
            Feature("Another host's ``@cert-authority``", "one line of the file",
                    known=("@cert-authority *.example.net {authority}", *DEVICE)),
            Feature("Another host's cut line", "one line of the file",
                    known=("other.example.net ssh-ed25519 AAAAC3Nza", "other.example.net ssh-rsa", *DEVICE)),
            Feature("Host certificate", "``@cert-authority``, no key known",
                    known=("@cert-authority {device} {authority}",),
                    pyez="certificates are not understood"),
            Feature("Host certificate of another authority, key known", "``@cert-authority`` and the key",
                    known=("@cert-authority {device} {stray_key}", *DEVICE)),
            Feature("Host certificate of another authority", "``@cert-authority``",
                    known=("@cert-authority {device} {stray_key}",), refused=True),
            Feature("Two files of ``UserKnownHostsFile``", "the second knows the key",
                    "Host *\n  UserKnownHostsFile {empty} {known}\n  IdentityFile {key}\n"),
            Feature("A missing file of ``UserKnownHostsFile``", "the first of two is absent",
                    "Host *\n  UserKnownHostsFile {folder}/absent {known}\n  IdentityFile {key}\n"),
            Feature("A file with a blank in its name", "quoted",
                    'Host *\n  UserKnownHostsFile "{folder}/known hosts"\n  IdentityFile {key}\n',
                    files=(("known hosts", "{device} {device_key}\n"),)),
            Feature("``GlobalKnownHostsFile``", "the user's is empty",
                    "Host *\n  UserKnownHostsFile {empty}\n  GlobalKnownHostsFile {known}\n  IdentityFile {key}\n"),
            Feature("``RevokedHostKeys``", "the device's key, known too", BASE + "  RevokedHostKeys {folder}/revoked\n",
                    files=(("revoked", "{device_key}\n"),), refused=True),
            Feature("``RevokedHostKeys`` of another", "another key",
                    BASE + "  RevokedHostKeys {folder}/revoked\n", files=(("revoked", "{stray_key}\n"),)),
            Feature("``RevokedHostKeys``, a KRL", "of the device's key", BASE + "  RevokedHostKeys {krl_device}\n",
                    refused=True),
            Feature("``RevokedHostKeys``, a KRL of another", "of another key",
                    BASE + "  RevokedHostKeys {krl_stray}\n"),
            Feature("``RevokedHostKeys`` that is not there", "an absent file",
                    BASE + "  RevokedHostKeys {folder}/absent\n", refused=True),
            Feature("``HostKeyAlias``", "known under the alias", BASE + "  HostKeyAlias oslo\n",
                    known=("oslo {device_key}",)),
            Feature("``StrictHostKeyChecking no``, unknown", "in the configuration",
                    BASE + "  StrictHostKeyChecking no\n", known=()),
            Feature("``StrictHostKeyChecking no``, changed", "in the configuration; a key logs in",
                    BASE + "  StrictHostKeyChecking no\n", known=("{device} {stray_key}",)),
            Feature("``StrictHostKeyChecking no``, revoked", "in the configuration",
                    BASE + "  StrictHostKeyChecking no\n", known=("@revoked * {device_key}",)),
            Feature("``StrictHostKeyChecking accept-new``, unknown", "in the configuration",
                    BASE + "  StrictHostKeyChecking accept-new\n", known=()),
            Feature("``StrictHostKeyChecking accept-new``, changed", "in the configuration",
                    BASE + "  StrictHostKeyChecking accept-new\n", known=("{device} {stray_key}",), refused=True),
            Feature("``ansible_host_key_checking: false``", "the variable", known=(), checking=False),
        ),
    ),
    (
        "Configurations and variables",
        (
            Feature("``Include``", "the rest of the configuration", "Include {folder}/more\n",
                    files=(("more", BASE),)),
            Feature("``Include`` of a pattern", "and one that matches nothing",
                    "Include {folder}/absent.d/*\nInclude {folder}/m*\n", files=(("more", BASE),)),
            Feature("``Match host``", "the key only there",
                    NO_KEY + "Match host 127.0.0.1\n  IdentityFile {key}\n  IdentitiesOnly yes\n"),
            Feature("``Match`` that does not match", "the key only there",
                    NO_KEY + "  IdentitiesOnly yes\n  IdentityFile {other0}\nMatch host 192.0.2.1\n"
                    "  IdentityFile {key}\n", refused=True),
            Feature("``Match exec``", "the key only there", NO_KEY + 'Match exec "true"\n  IdentityFile {key}\n'),
            Feature("``Match exec`` with a token", "the key only there",
                    NO_KEY + 'Match exec "echo %h | grep -q 127"\n  IdentityFile {key}\n',
                    reader="the command sees no tokens"),
            Feature("``Match final``", "the key only there", NO_KEY + "Match final\n  IdentityFile {key}\n"),
            Feature("``HostName``", "``ansible_host`` is a name of the configuration",
                    "Host oslo\n  HostName 127.0.0.1\n" + BASE, address="oslo"),
            Feature("``HostName`` with a token", "``%h.0.1``", "Host 127.0\n  HostName %h.0.1\n" + BASE,
                    address="127.0"),
            Feature("``Port``", "no ``ansible_port``", BASE + "  Port {port}\n", port=""),
            Feature("``ansible_port`` beats ``Port``", "another port in the configuration", BASE + "  Port 9\n"),
            Feature("``User``", "no ``ansible_user``", BASE + "  User {me}\n"),
            Feature("``ansible_user`` beats ``User``", "another user in the configuration",
                    BASE + "  User nobody-at-all\n", user="{me}"),
            Feature("No user anywhere", "the local user"),
            Feature("A wrong user", "``ansible_user``", user="nobody-at-all", refused=True),
            Feature("``-o`` in the arguments", "``ansible_ssh_common_args`` beats the configuration",
                    BASE.replace("{known}", "{empty}"), arguments="-o UserKnownHostsFile={known}"),
            Feature("``-F`` in the arguments", "``ansible_ssh_common_args``; no ``nhtb_ssh_config``", "",
                    files=(("other", BASE),), arguments="-F {folder}/other"),
            Feature("``-i`` in the arguments", "``ansible_ssh_extra_args``", NO_KEY, arguments="-i {key}"),
            Feature("Tokens", "``UserKnownHostsFile`` and ``IdentityFile`` with ``%h`` and ``%p``",
                    "Host *\n  UserKnownHostsFile {folder}/known-%h-%p\n  IdentityFile {folder}/%h\n",
                    files=(("known-127.0.0.1-{port}", "{device} {device_key}\n"), ("127.0.0.1", "{key_text}"))),
            Feature("A variable of the environment", "``IdentityFile ${{HUBSPOKE_KEY}}``",
                    NO_KEY + "  IdentityFile ${{HUBSPOKE_KEY}}\n"),
            Feature("IPv6", "``ansible_host: ::1``", server="six", known=("{six} {six_key}",)),
            Feature("``AddressFamily``", "``inet6`` for an IPv4 address", BASE + "  AddressFamily inet6\n",
                    refused=True),
            Feature("``BindAddress``", "``127.0.0.2``", BASE + "  BindAddress 127.0.0.2\n"),
            Feature("``Compression``", "``yes``", BASE + "  Compression yes\n"),
            Feature("Algorithms that must be allowed", "``KexAlgorithms +`` one that is off by default", server="old",
                    known=("{old} {old_key}",), config=BASE + "  KexAlgorithms +diffie-hellman-group14-sha1\n",
                    pyez=OWN_ALGORITHMS),
            Feature("Algorithms that are not allowed", "the device has none that is on by default", server="old",
                    known=("{old} {old_key}",), pyez=OWN_ALGORITHMS, reader=OWN_ALGORITHMS, refused=True),
            Feature("``Ciphers`` without a common one", "``aes128-ctr`` against ``aes256-ctr``", server="narrow",
                    known=("{narrow} {narrow_key}",), config=BASE + "  Ciphers aes128-ctr\n",
                    pyez=OWN_ALGORITHMS, refused=True),
            Feature("``Ciphers`` with a common one", "``aes256-ctr``", server="narrow",
                    known=("{narrow} {narrow_key}",), config=BASE + "  Ciphers aes256-ctr\n"),
        ),
    ),
    (
        "Bastions",
        (
            Feature("``ProxyJump``", "in the configuration", BASE + "Match host 127.0.0.1 exec \"test %p -eq {port}\"\n"
                    "  ProxyJump 127.0.0.1:{bastion_port}\n", known=BASTION, through=("bastion",)),
            Feature("``ProxyJump`` to a name", "``Host`` of the bastion has port, user and key",
                    "Host jump\n  HostName 127.0.0.1\n  Port {bastion_port}\n  User {me}\n"
                    "Host 127.0.0.1\n  ProxyJump jump\n" + BASE, known=BASTION, through=("bastion",)),
            Feature("``-J`` in the arguments", "``ansible_ssh_common_args``", BASE,
                    arguments="-J {me}@127.0.0.1:{bastion_port}", known=BASTION, through=("bastion",)),
            Feature("``-o ProxyJump``", "``ansible_ssh_extra_args``", BASE,
                    arguments="-o ProxyJump=127.0.0.1:{bastion_port}", known=BASTION, through=("bastion",)),
            Feature("Two bastions", "``ProxyJump one,two``", BASE,
                    arguments="-J 127.0.0.1:{bastion_port},127.0.0.1:{second_port}",
                    known=(*BASTION, "{second} {second_key}"), through=("bastion", "second")),
            Feature("A bastion behind a bastion", "``ProxyJump`` of the bastion itself",
                    "Host near\n  HostName 127.0.0.1\n  Port {bastion_port}\n"
                    "Host far\n  HostName 127.0.0.1\n  Port {second_port}\n  ProxyJump near\n"
                    "Host oslo\n  HostName 127.0.0.1\n  ProxyJump far\n" + BASE, address="oslo",
                    known=(*BASTION, "{second} {second_key}"), through=("bastion", "second")),
            Feature("``ProxyJump none``", "in the arguments, against the configuration",
                    BASE + "  ProxyJump 127.0.0.1:9\n", arguments="-o ProxyJump=none"),
            Feature("A bastion whose key is unknown", "``-J``", BASE, arguments="-J 127.0.0.1:{bastion_port}",
                    refused=True),
            Feature("A bastion whose key has changed", "``-J``", BASE, arguments="-J 127.0.0.1:{bastion_port}",
                    known=(*DEVICE, "{bastion} {stray_key}"), refused=True),
            Feature("A bastion that refuses the login", "``-J`` with another user", BASE,
                    arguments="-J nobody-at-all@127.0.0.1:{bastion_port}", known=BASTION, refused=True),
            Feature("A bastion that may not forward", "``-J``", BASE, arguments="-J 127.0.0.1:{closed_port}",
                    known=(*DEVICE, "{closed} {closed_key}"), refused=True),
            Feature("``ProxyCommand``", "``ssh -W %h:%p``",
                    BASE + "  ProxyCommand ssh -F {folder}/other -p {bastion_port} -W [%h]:%p 127.0.0.1\n",
                    files=(("other", BASE),), known=BASTION, through=("bastion",)),
            Feature("``ProxyCommand`` that is noisy", "it says something on stderr",
                    BASE + "  ProxyCommand sh -c 'echo warning: noise >&2; exec ssh -F {folder}/other -p {bastion_port}"
                    " -W [%h]:%p 127.0.0.1'\n", files=(("other", BASE),), known=BASTION, through=("bastion",)),
            Feature("Host key of a device behind a bastion, changed", "``-J``", BASE,
                    arguments="-J 127.0.0.1:{bastion_port}",
                    known=("{device} {stray_key}", "{bastion} {bastion_key}"), refused=True),
        ),
    ),
)  # fmt: skip
FEATURES = tuple(feature for _group, features in GROUPS for feature in features)
