# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit of the libraries against a database of the test's own."""

from __future__ import annotations

import json
import threading
import typing as t
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.utils import audit


@contextmanager
def database(vulnerable: t.Collection[str]) -> t.Iterator[str]:
    """Serve a database in which these libraries have one vulnerability each. Yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            names = [query["package"]["name"] for query in queries]
            results = [{"vulns": [{"id": "PYSEC-1"}]} if name in vulnerable else {} for name in names]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"results": results}).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def test_a_vulnerability_fails_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with database({"paramiko"}) as address:
        assert audit.main(address) == 1
    version = audit.libraries()["paramiko"]
    assert f"paramiko {version}: expected no known vulnerability, actual PYSEC-1" in capsys.readouterr().out


def test_all_that_the_libraries_need_is_asked_about(capsys: pytest.CaptureFixture[str]) -> None:
    # ncclient needs paramiko, and that cryptography.
    assert {"asyncssh", "ncclient", "paramiko", "cryptography"} <= audit.libraries().keys()
    with database(()) as address:
        assert audit.main(address) == 0
    assert f"{len(audit.libraries())} libraries audited, 0 with" in capsys.readouterr().out


def test_without_a_database_nothing_is_audited_and_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with database(()) as address:
        pass
    assert audit.main(address) == 0
    assert f"not audited: {address}: expected an answer, actual" in capsys.readouterr().out
