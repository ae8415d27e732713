# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""README and demo page show real output; README's links and installation and the guide's inventory work."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

from tests.demo.__main__ import DOCUMENT, STATE, Demo
from tests.demo.record import README, ROOT, documents
from tests.integration.conftest import environment

TOOLS = Path(sys.executable).parent


def test_the_documentation_shows_what_the_demo_prints(tmp_path: Path) -> None:
    """``python -m tests.demo --record`` writes it there. Another folder than the checkout, which may have a lab."""
    for name in ("inventories", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    demo = Demo(io.StringIO(), replace(DOCUMENT, folder=tmp_path))
    assert demo.run() == 0
    printed = {step: [line.replace(f"{tmp_path}/", "") for line in lines] for step, lines in demo.steps.items()}
    for path, text in documents(printed).items():
        assert path.read_text(encoding="utf-8").splitlines() == text.splitlines()
    assert not (tmp_path / STATE).exists()


def test_relative_links_of_the_readme_lead_to_files_of_the_artifact() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README.read_text(encoding="utf-8"))
    shipped = (ROOT / "tests" / "artifact-files.txt").read_text(encoding="utf-8").splitlines()
    assert links
    assert set(links) - set(shipped) == set()


def test_links_of_the_readme_into_the_repository_lead_to_files_of_the_checkout() -> None:
    links = re.findall(
        r"\]\(https://github\.com/hubspoke/hubspoke\.srx/(?:blob|tree)/main/([^)#]+)\)", README.read_text()
    )
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_a_collection_installed_in_a_checkout_is_found_in_another_folder(tmp_path: Path) -> None:
    """As a new user with an empty home: nothing of the caller's environment but the tools."""
    home, project = tmp_path / "home", tmp_path / "project"
    home.mkdir()
    project.mkdir()
    settings = {"HOME": str(home), "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    install = ["ansible-galaxy", "collection", "install", "."]
    subprocess.run(install, cwd=ROOT, env=settings, stdout=subprocess.DEVNULL, check=True)
    render = ["ansible-playbook", "hubspoke.srx.render", "-i", str(ROOT / "inventories" / "document")]
    for folder in (ROOT, project):
        subprocess.run([*render, "-e", f"nhtb_artifacts_dir={project}"], cwd=folder, env=settings, check=True)
        rendered = project / "latest" / "corporate.conf"
        assert "hubspoke" in rendered.read_text(encoding="utf-8")
        rendered.unlink()


def test_the_inventory_of_the_guide_is_complete(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "docsite" / "rst" / "guide.rst").read_text(encoding="utf-8")
    for block in re.findall(r"\.\. code-block:: yaml\n\n((?: {4}.*\n|\n)+)", guide):
        if named := re.match(r"# (inventories/mine/\S+)\n", textwrap.dedent(block)):
            path = tmp_path / named.group(1)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(block), encoding="utf-8")
    render = ["ansible-playbook", "hubspoke.srx.render", "-i", "inventories/mine", "-e", "nhtb_pre_shared_key=any"]
    settings = environment(tmp_path) | {"PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(render, cwd=tmp_path, env=settings, check=True)
    assert {path.stem for path in (tmp_path / "artifacts" / "latest").glob("*.conf")} == {"hub1", "branch7"}
