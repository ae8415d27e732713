# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A key that no vault password of the run decrypts is one sentence, on the oldest ansible-core and the newest."""

from __future__ import annotations

import shutil
import textwrap
import typing as t
from pathlib import Path

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.integration.conftest import DOCUMENT
from tests.integration.test_variables_precedence import Play, play

__all__ = ["play"]

RENDER: dict[str, t.Any] = {"tasks": [{"hubspoke.srx.render": {"with_keys": True}}]}


@pytest.fixture(autouse=True)
def vault(tmp_path: Path) -> None:
    """Write a key under the vault ID site, its password, and another password."""
    secret = VaultSecret(b"right")
    sealed = VaultLib([("site", secret)]).encrypt("of-the-vault", secret, "site").decode()
    (tmp_path / "vars.yml").write_text(f"vault_nhtb_key: !vault |\n{textwrap.indent(sealed, '  ')}")
    (tmp_path / "right").write_text("right\n")
    (tmp_path / "wrong").write_text("wrong\n")


@pytest.mark.parametrize("value", ["{{ vault_nhtb_key }}", "{{ by_way_of_another }}", "a{{ vault_nhtb_key | upper }}"])
@pytest.mark.parametrize("arguments", [[], ["--vault-id", "site@wrong"], ["--vault-id", "other@wrong"]])
def test_a_missing_or_wrong_password_is_one_sentence_with_the_vault_id(
    play: Play, tmp_path: Path, value: str, arguments: list[str]
) -> None:
    variables = {"nhtb_pre_shared_key": value, "by_way_of_another": "{{ vault_nhtb_key }}"}
    done = play(*arguments, vars_files=["vars.yml"], vars=variables, **RENDER)
    assert done.returncode == 2, done.stdout
    message = done.stdout.partition("fatal: [corporate]: FAILED! => ")[2].partition("\n\n")[0]
    assert message.count("vault ID site") == 1
    assert "corporate, westford, sunnyvale: nhtb_pre_shared_key" in message
    assert "--vault-id site@prompt" in message
    assert "Traceback" not in done.stdout
    assert not (tmp_path / "artifacts").exists()


def test_with_its_password_the_key_is_used(play: Play, tmp_path: Path) -> None:
    variables = {"nhtb_pre_shared_key": "{{ vault_nhtb_key }}"}
    done = play("--vault-id", "site@right", vars_files=["vars.yml"], vars=variables, **RENDER)
    assert done.returncode == 0, done.stdout
    assert "of-the-vault" in (tmp_path / "artifacts" / "latest" / "westford.conf").read_text()
    assert "of-the-vault" not in done.stdout


FILES = ("host_vars/westford.yml", "group_vars/nhtb/key.yml", "hosts.yml")


@pytest.fixture(params=FILES)
def sealed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Write an inventory of the document in which one file is encrypted as a whole. Return that file."""
    shutil.copytree(DOCUMENT, tmp_path / "inventory")
    path: Path = tmp_path / "inventory" / request.param
    secret = VaultSecret(b"right")
    content = path.read_text() if request.param != FILES[1] else "nhtb_pre_shared_key: of-the-file\n"
    path.write_bytes(VaultLib([("site", secret)]).encrypt(content, secret, "site"))
    return path


@pytest.mark.parametrize("arguments", [[], ["--vault-id", "other@wrong", "--vault-id", "site@wrong"]])
def test_a_file_that_no_password_decrypts_is_named(
    play: Play, tmp_path: Path, sealed: Path, arguments: list[str]
) -> None:
    done = play("-i", tmp_path / "inventory", *arguments, **RENDER, only=True)
    assert "Traceback" not in done.stdout
    assert not (tmp_path / "artifacts").exists()
    if sealed.name == "westford.yml":
        # Ansible has read the variables of the first host alone.
        assert done.returncode == 2, done.stdout
        expected = f"westford: {sealed}: expected a file that a vault password of this run decrypts, actual none does"
        sentence = f'"{expected} (vault ID site). Give its password with --vault-id site@prompt'
        assert " ".join(done.stdout.split()).count(sentence) == 1
    else:
        # Ansible itself needs the file before any task, and says so.
        assert "no vault secrets" in " ".join(done.stdout.split())


def test_a_file_that_its_password_decrypts_is_read(play: Play, tmp_path: Path, sealed: Path) -> None:
    arguments = ["--vault-id", "other@wrong", "--vault-id", "site@right"]
    done = play("-i", tmp_path / "inventory", *arguments, **RENDER, only=True)
    assert done.returncode == 0, done.stdout
    key = "of-the-file" if sealed.name == "key.yml" else "pre-shared-key"
    assert key in (tmp_path / "artifacts" / "latest" / "westford.conf").read_text()
