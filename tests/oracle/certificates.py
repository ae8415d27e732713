# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificates of a run: two authorities and what they sign, in memory and in the folder of a daemon.

No key outlives the run.
"""

from __future__ import annotations

import datetime
import threading
import typing as t
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# The authority that both ends trust, and one that neither does.
TRUSTED = "trusted"
_DAY = datetime.timedelta(days=1)
# The folders below SWANCTL_DIR, from which swanctl loads.
AUTHORITIES, CERTIFICATES, KEYS = "x509ca", "x509", "private"


class Issued(t.NamedTuple):
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class Authorities:
    """The authorities of a run. Each certificate is made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, ...], Issued] = {}
        self._lock = threading.Lock()

    def write(self, folder: Path, host_name: str, differing: t.Mapping[str, str]) -> None:
        """Write the trusted authority, and a certificate for a host name with its key, into the folders of swanctl."""
        name = differing.get("name", host_name)
        with self._lock:
            trusted = self._authority(TRUSTED)
            own = self._issued(differing.get("authority", TRUSTED), name, "expired" in differing)
        _write(folder / AUTHORITIES, trusted.certificate.public_bytes(serialization.Encoding.PEM))
        _write(folder / CERTIFICATES, own.certificate.public_bytes(serialization.Encoding.PEM))
        _write(folder / KEYS, own.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption(),
        ))  # fmt: skip

    def _authority(self, name: str) -> Issued:
        if (name,) not in self._made:
            self._made[(name,)] = _sign(name, None)
        return self._made[(name,)]

    def _issued(self, authority: str, name: str, is_expired: bool) -> Issued:
        key = (authority, name, str(is_expired))
        if key not in self._made:
            self._made[key] = _sign(name, self._authority(authority), is_expired)
        return self._made[key]


def _sign(name: str, authority: Issued | None, is_expired: bool = False) -> Issued:
    """Return a certificate by an authority, or that of an authority itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.certificate.subject if authority else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 10 * _DAY)
        .not_valid_after(now + (-_DAY if is_expired else _DAY))
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
    )
    if authority is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return Issued(builder.sign(authority.key if authority else key, hashes.SHA256()), key)


def _write(folder: Path, content: bytes) -> None:
    folder.mkdir(exist_ok=True)
    file = folder / "own.pem"
    file.touch(mode=0o600)
    file.write_bytes(content)
