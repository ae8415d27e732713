# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificates of a run: two authorities and what they sign, in memory and in the folder of a daemon.

No key outlives the run.
"""

from __future__ import annotations

import datetime
import shutil
import threading
import typing as t
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.oracle.cases import NOTHING, Case
from tests.oracle.strongswan import has_certificate, host_name

# The authority that both ends trust, and one that it has made an authority. Neither trusts any other.
TRUSTED, INTERMEDIATE = "trusted", "intermediate"
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

    def certify(self, folder: Path, case: Case, end: str) -> None:
        """Give the daemon of an end, which has this folder, what the case has for it."""
        for name in (AUTHORITIES, CERTIFICATES, KEYS):
            shutil.rmtree(folder / name, ignore_errors=True)
        if has_certificate(case.lines[end]):
            self._write(folder, host_name(case.lines[end]), case.certificates.get(end, NOTHING))

    def _write(self, folder: Path, host: str, differing: t.Mapping[str, str]) -> None:
        """Write the trusted authority, and a certificate for a host name with its key, into the folders of swanctl."""
        name = differing.get("name", host)
        with self._lock:
            known = {TRUSTED: self._authority(TRUSTED)}
            if "chain" in differing:
                known[INTERMEDIATE] = self._authority(INTERMEDIATE)
            own = self._issued(differing.get("authority", TRUSTED), name, "expired" in differing)
        for authority, one in known.items():
            _write(folder / AUTHORITIES, one.certificate.public_bytes(serialization.Encoding.PEM), authority)
        _write(folder / CERTIFICATES, own.certificate.public_bytes(serialization.Encoding.PEM))
        _write(folder / KEYS, own.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption(),
        ))  # fmt: skip

    def _authority(self, name: str) -> Issued:
        if (name,) not in self._made:
            signer = self._authority(TRUSTED) if name == INTERMEDIATE else None
            self._made[(name,)] = _sign(name, signer, is_authority=True)
        return self._made[(name,)]

    def _issued(self, authority: str, name: str, is_expired: bool) -> Issued:
        key = (authority, name, str(is_expired))
        if key not in self._made:
            self._made[key] = _sign(name, self._authority(authority), is_expired)
        return self._made[key]


def _sign(name: str, authority: Issued | None, is_expired: bool = False, is_authority: bool = False) -> Issued:
    """Return a certificate by an authority, or by itself."""
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
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return Issued(builder.sign(authority.key if authority else key, hashes.SHA256()), key)


def _write(folder: Path, content: bytes, name: str = "own") -> None:
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.pem"
    file.touch(mode=0o600)
    file.write_bytes(content)
