"""Editors, pre-commit and make agree: the same tools, the same versions, the same form of files."""

import configparser
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.texts import repository_texts
from support.wheel import ROOT

HOOKS = ROOT / ".pre-commit-config.yaml"
BIN = Path(sys.executable).parent
FOREIGN = ("config/scizoo/demo/data/",)  # as instruments' programs write them


def hooks() -> dict[str, dict[str, Any]]:
    [repository] = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))["repos"]
    assert repository["repo"] == "local"  # the environment's own tools: their versions are one
    return {hook["id"]: hook for hook in repository["hooks"]}


def commands_of_make(*targets: str) -> list[str]:
    """Return the commands of these targets, each without make's own signs."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipes = [re.search(rf"^{target}:.*\n\t@(.+)$", text, re.MULTILINE) for target in targets]
    assert all(recipes)
    lines = [recipe[1] for recipe in recipes if recipe]
    return [
        one.strip().replace('"$(BIN)/', ".venv/bin/").replace('"', "")
        for line in lines
        for one in line.split("&&")
    ]


def test_pre_commit_runs_what_make_runs() -> None:
    entries = [hook["entry"].removeprefix("env ") for hook in hooks().values()]
    assert entries == [command.removesuffix(" .") for command in commands_of_make("lint", "types", "imports")]


@pytest.mark.parametrize("name", ["ruff", "mypy"])
def test_the_version_of_a_tool_is_said_once_and_installed(name: str) -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    [line] = re.findall(rf"^{name}==(.+)$", config["options.extras_require"]["dev"], re.MULTILINE)
    assert version(name) == line
    assert f"\n{name}=={line}\n" in (ROOT / "config/install/constraints.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("hook", "bad"),
    [("ruff-check", '"""Doc."""\n\nimport os\n'), ("ruff-format", '"""Doc."""\n\nx = {"a":1}\n')],
)
def test_a_hook_refuses_a_bad_file(hook: str, bad: str, tmp_path: Path) -> None:
    entry = hooks()[hook]["entry"].replace(".venv/bin", str(BIN)).split()
    path = tmp_path / "bad.py"
    path.write_text(bad)
    run = [*entry, "--no-cache", "--config", str(ROOT / "pyproject.toml"), str(path)]
    assert subprocess.run(run, capture_output=True).returncode == 1
    path.write_text('"""Doc."""\n')
    assert subprocess.run(run, capture_output=True).returncode == 0


def test_editors_and_ruff_take_the_same_length_of_a_line() -> None:
    editor = configparser.ConfigParser()
    editor.read_string("[root]\n" + (ROOT / ".editorconfig").read_text(encoding="utf-8"))
    ruff = re.search(
        r"^line-length = (\d+)$", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert ruff
    assert editor["*.py"]["max_line_length"] == ruff[1]
    assert editor["*"]["indent_style"] == "space"


def test_every_file_has_the_form_that_editors_are_told() -> None:
    texts = [(name, text) for name, text in repository_texts() if text and not name.startswith(FOREIGN)]
    assert [name for name, text in texts if "\r" in text] == []
    assert [name for name, text in texts if not text.endswith("\n")] == []
    assert [name for name, text in texts if re.search(r"[ \t]+$", text, re.MULTILINE)] == []
