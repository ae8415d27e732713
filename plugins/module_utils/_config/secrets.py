# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Fill pre-shared keys into text for a device, compare them, and mask every secret in text from a device.

Rendered text has a placeholder for each key. Keys are filled in just before loading, compared decoded, and masked in
everything that a device returns.
"""

from __future__ import annotations

import re
import secrets
import typing as t
from xml.sax.saxutils import escape

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import KeyFormat
from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import Quoting
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import KeyCodec

MASK = "(masked)"
# The ends of a Junos statement in front of a pre-shared key.
KEY_STATEMENTS = (("pre-shared-key", "ascii-text"), ("pre-shared-key", "hexadecimal"))
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
# 185 bits of randomness, within the 128 characters that ScreenOS accepts.
LENGTH = 32

# Fields of results that no device fills: a short key must not mask the name of a host, nor a state.
_NO_SECRETS = frozenset(
    (
        "check",
        "file",
        "folder",
        "format",
        "host",
        "mode",
        "name",
        "path",
        "peer",
        "run",
        "state",
        "tunnel",
        "verdict",
        "vpn",
    )
)
_PLACEHOLDER = re.compile(r'"<pre-shared-key of ([^>"]+)>"')
_POLICY = re.compile(r"^\s*policy (\S+) \{")
# Encoded secrets ($9$, $8$, crypt) anywhere, then plain ones by the statement in front of them.
_ENCODED = re.compile(r'\$(?:9|8|6|5|1|sha1)\$[^\s";<]+')
_VALUE = r'("(?:[^"\\]|\\.)*"|[^\s;"]+)'
_PLAIN = re.compile(rf"((?:ascii-text|hexadecimal|preshare|plain-text-password-value|encrypted-password)\s+){_VALUE}")
# Junos marks secret values itself, whatever the statement is called.
_MARKED = re.compile(rf"((?<=\s)){_VALUE}(?=;?\s*##\s*SECRET-DATA)")
_PLAIN_XML = re.compile(r"(<(ascii-text|hexadecimal)>)[^<]*(</\2>)")
# What each text has that one of the last three finds a secret in.
_SIGNS = ("ascii-text", "hexadecimal", "preshare", "plain-text-password-value", "encrypted-password", "SECRET-DATA")
_CHANGED_SECRET = re.compile(r'^([+-])(.*?(?:ascii-text|hexadecimal)\s+)"?([^\s";]+)"?')


def placeholder(host: str) -> str:
    """Return the placeholder of a host's key in rendered text, without quotes."""
    return f"<pre-shared-key of {host}>"


def same_key(planned: str, held: str, keys: t.Mapping[str, str], codec: KeyCodec) -> bool | None:
    """Return whether a stored key is the one that a placeholder names; ``None`` where it cannot be decoded.

    Decoding ``$8$`` takes the device's master password.
    """
    host = planned.removeprefix(placeholder("").removesuffix(">")).removesuffix(">")
    plain = decoded(held, codec) if held.startswith("$") else held
    return None if plain is None else plain == keys.get(host)


def key_reader(keys: t.Mapping[str, str], codec: KeyCodec) -> t.Callable[[str], str | None]:
    """Return a function from a stored or planned key to the plain key; ``None`` where only the device can decode it."""
    named = {placeholder(host): key for host, key in keys.items()}

    def read(stored: str) -> str | None:
        if stored in named:
            return named[stored]
        return decoded(stored, codec) if stored.startswith("$") else stored

    return read


def spell(text: str, keys: t.Mapping[str, str], quoting: Quoting) -> str:
    """Return rendered text with the plain keys, given by host, quoted as the device requires."""

    def words(found: re.Match[str]) -> str:
        key = keys.get(found[1])
        if key is None:
            return found[0]
        # Within quotes a backslash is an escape on Junos. It is not on ScreenOS, whose keys contain no quote.
        return f'"{key if quoting == "plain" else _quoted(key)}"'

    # In one pass: a key may read like the placeholder of another host.
    return _PLACEHOLDER.sub(words, text)


def fill_for_device(text: str, keys: t.Mapping[str, str], on_device: t.Mapping[str, str], codec: KeyCodec) -> str:
    """Return a rendered Junos configuration with the keys filled in, encoded.

    ``keys`` maps hosts to plain keys, ``on_device`` maps IKE policies on the device to encoded keys. Reuse the device's
    own string for an unchanged key: Junos salts every encoding anew, so any other string would show as a change. Raise
    SessionError where a placeholder has no key.
    """
    lines: list[str] = []
    policy = ""
    for line in text.splitlines():
        if opened := _POLICY.match(line):
            policy = opened.group(1)
        if found := _PLACEHOLDER.search(line):
            host = found.group(1)
            if host not in keys:
                raise SessionError(
                    f"{host}: nhtb_pre_shared_key: expected a key, actual none. Set it for this host.", "bad_inventory"
                )
            held = on_device.get(policy, "")
            same = held.startswith("$9$") and decoded(held, codec) == keys[host]
            line = line.replace(found.group(0), f'"{held if same else codec.encode(keys[host])}"')
        lines.append(line)
    return "\n".join(lines) + "\n"


def mask(text: str) -> str:
    """Return a text with every secret replaced by MASK."""
    # Most texts have no sign of a secret, and a search for a fixed word costs a tenth of that for an expression.
    if "$" in text:
        text = _ENCODED.sub(MASK, text)
    if any(sign in text for sign in _SIGNS):
        text = _PLAIN_XML.sub(rf"\1{MASK}\3", text)
        for secret in (_PLAIN, _MARKED):
            text = secret.sub(_masked, text)
    return text


def _masked(found: re.Match[str]) -> str:
    if MASK in found.group(2) or found.group(2).startswith('"<pre-shared-key of '):
        return found.group(0)
    return f"{found.group(1)}{MASK}"


def hider(secrets: t.Iterable[str]) -> t.Callable[[str], str]:
    """Return a function that masks a text, and these secrets anywhere in it, as in a log line or a comment.

    Secrets are found in plain form, escaped for XML, and escaped for Junos quotes.
    """
    spelt = {form for secret in secrets if secret for form in _spellings(secret)}
    known = re.compile(_any_of(spelt) or r"(?!)")
    return lambda text: mask(known.sub(MASK, text))


def _any_of(words: t.Collection[str], depth: int = 3) -> str:
    """Return an expression that finds the longest of the words.

    It branches by the first characters, so that a search does not try every key of a large fleet at every character.
    """
    if depth == 0:
        return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
    tails: dict[str, set[str]] = {}
    for word in words:
        tails.setdefault(word[:1], set()).add(word[1:])
    # What ends here comes last: a key may be the beginning of another.
    return "|".join(
        f"{re.escape(first)}(?:{_any_of(tails[first], depth - 1)})" if first else ""
        for first in sorted(tails, reverse=True)
    )


def hidden(data: t.Any, hide: t.Callable[[str], str]) -> t.Any:
    """Return plain data with every text masked, other than the names and words of the plan and of this collection."""
    if isinstance(data, t.Mapping):
        return {name: value if name in _NO_SECRETS else hidden(value, hide) for name, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [hidden(one, hide) for one in data]
    return hide(data) if isinstance(data, str) else data


def _spellings(secret: str) -> t.Iterator[str]:
    for form in (secret, _quoted(secret)):
        yield form
        yield escape(form)
        yield escape(form, {'"': "&quot;", "'": "&apos;"})


def _quoted(secret: str) -> str:
    """Return a secret as it stands within the quotes of Junos."""
    return secret.replace("\\", "\\\\").replace('"', '\\"')


def without_resalted(diff: str, codec: KeyCodec) -> str:
    """Return a device's comparison without pairs of lines that differ only in the salt of an unchanged key.

    Return an empty string where nothing else differs.
    """
    lines = diff.splitlines()
    kept: list[str] = []
    index = 0
    while index < len(lines):
        if lines[index][:1] == "-" and index + 1 < len(lines) and _same_secret(lines[index], lines[index + 1], codec):
            index += 2
            continue
        kept.append(lines[index])
        index += 1
    if not any(line.startswith(("+", "-", "!")) for line in kept):
        return ""
    return "\n".join(_without_empty_edits(kept)) + "\n"


def _same_secret(removed: str, added: str, codec: KeyCodec) -> bool:
    before, after = _CHANGED_SECRET.match(removed), _CHANGED_SECRET.match(added)
    if before is None or after is None or (before.group(1), after.group(1)) != ("-", "+"):
        return False
    values = [decoded(found.group(3), codec) for found in (before, after)]
    return before.group(2) == after.group(2) and values[0] is not None and values[0] == values[1]


def decoded(encoded: str, codec: KeyCodec) -> str | None:
    """Return the plain form of a stored key; ``None`` where only the device can decode it."""
    if not encoded.startswith("$9$"):
        return None
    try:
        return codec.decode(encoded)
    except (ValueError, KeyError, IndexError):
        return None


def _without_empty_edits(lines: list[str]) -> list[str]:
    """Drop every ``[edit ...]`` heading without a differing line below it."""
    blocks: list[list[str]] = []
    for line in lines:
        if line.startswith("[edit") or not blocks:
            blocks.append([])
        blocks[-1].append(line)
    return [line for block in blocks if any(entry.startswith(("+", "-", "!")) for entry in block) for line in block]


def generate_key(key_format: KeyFormat = "ascii") -> str:
    """Return a new key from the operating system's source of randomness.

    It has LENGTH characters of ALPHABET, or LENGTH bytes as two hexadecimal digits each.
    """
    if key_format == "hexadecimal":
        return secrets.token_hex(LENGTH)
    return "".join(secrets.choice(ALPHABET) for _turn in range(LENGTH))
