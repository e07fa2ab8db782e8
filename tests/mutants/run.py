"""Put small defects into critical modules, one at a time, and tell which no test notices: `make mutants`.

The defects are mutmut's. Each module gets a folder of its own in build/mutants, with the packages side by
side, as mutmut wants them, and only the tests that modules.yaml names for it.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build/mutants"
ROOTS = ("devices", "recorders", "consumer", "config")
NOTICED = ("killed", "timeout", "segfault", "suspicious")
LOWEST = 95.0  # per cent


@dataclass(frozen=True)
class Change:
    """What a defect did to the source: lines that went, and lines that came."""

    gone: tuple[str, ...]
    new: tuple[str, ...]

    @classmethod
    def of(cls, diff: str) -> "Change":
        """Read a diff; what is no line of a change is passed over."""
        lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
        return cls(tuple(_marked(lines, "-")), tuple(_marked(lines, "+")))

    def __str__(self) -> str:
        return "\n".join([f"-    {line}" for line in self.gone] + [f"+    {line}" for line in self.new])


@dataclass(frozen=True)
class Equal:
    """Changes of a module that no test can notice, and why."""

    module: str
    why: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class AnyCase:
    """Texts that are read the same in upper and lower case, and why."""

    text: str
    why: str

    def names(self, change: Change) -> bool:
        """Tell whether a change is one of the case of such a text only."""
        gone, new = ("\n".join(lines) for lines in (change.gone, change.new))
        return gone.lower() == new.lower() and re.search(self.text, gone) is not None


@dataclass(frozen=True)
class Equivalents:
    """What equivalent.yaml names."""

    any_case: tuple[AnyCase, ...]
    defects: tuple[Equal, ...]

    def of(self, module: str) -> frozenset[Change]:
        """Return the changes of a module that are named one by one."""
        return frozenset(change for one in self.defects if one.module == module for change in one.changes)

    def name(self, module: str, change: Change) -> bool:
        """Tell whether a change of a module is named."""
        return change in self.of(module) or any(one.names(change) for one in self.any_case)


@dataclass
class Score:
    """What became of the defects of one module."""

    module: str
    total: int = 0
    equal: int = 0
    survivors: tuple[tuple[str, Change], ...] = ()

    @property
    def counted(self) -> int:
        """How many defects a test could notice."""
        return self.total - self.equal

    @property
    def noticed(self) -> int:
        """How many of them a test did notice."""
        return self.counted - len(self.survivors)

    @property
    def percent(self) -> float:
        """The share of them."""
        return 100.0 * self.noticed / self.counted if self.counted else 100.0


def main() -> int:
    """Run the modules given, all of them without any; 1 when too much goes unnoticed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "modules", nargs="*", help="such as scicow.dataset.merge; all of modules.yaml without any"
    )
    options.add_argument("--lowest", type=float, default=LOWEST, help="per cent that must be noticed")
    options.add_argument("--children", default="2", help="processes at the same time")
    given = options.parse_args()
    known = modules()
    equals = equivalents()
    scores = [_run(one, known[one], equals, given.children) for one in given.modules or known]
    print(*_table(scores), sep="\n")
    return 0 if _all(scores).percent >= given.lowest else 1


def modules() -> dict[str, list[Path]]:
    """Return the modules, each with the tests that must notice a defect in it."""
    table: dict[str, list[str]] = yaml.safe_load((HERE / "modules.yaml").read_text("utf-8"))
    return {module: [Path("tests/unit", one) for one in tests] for module, tests in table.items()}


def equivalents() -> Equivalents:
    """Return what no test can notice."""
    found = yaml.safe_load((HERE / "equivalent.yaml").read_text("utf-8"))
    return Equivalents(
        tuple(AnyCase(one["text"], one["why"]) for one in found["any_case"]),
        tuple(
            Equal(one["module"], one["why"], tuple(map(Change.of, one["changes"])))
            for one in found["defects"]
        ),
    )


def source(module: str) -> Path:
    """Return a module's file, from the root of the tree. Raises FileNotFoundError."""
    for root in ROOTS:
        path = Path(root, *module.split(".")).with_suffix(".py")
        if (ROOT / path).is_file():
            return path
    raise FileNotFoundError(f"{HERE / 'modules.yaml'}: there is no module {module} below {', '.join(ROOTS)}")


def _marked(lines: Iterable[str], mark: str) -> Iterator[str]:
    return (line[1:].strip() for line in lines if line.startswith(mark))


def _run(module: str, tests: Iterable[Path], equals: Equivalents, children: str) -> Score:
    folder = BUILD / module
    shutil.rmtree(folder, ignore_errors=True)
    _lay_out(folder, module, tests)
    ran = _mutmut(folder, "run", "--max-children", children)
    if ran.returncode:
        raise SystemExit(f"{module}: mutmut did not run:\n{ran.stdout[-3000:]}{ran.stderr[-3000:]}")
    score = _score(folder, module, equals)
    for name, change in score.survivors:
        print(f"{name}\n{change}\n")
    print(_line(score), flush=True)
    return score


def _lay_out(folder: Path, module: str, tests: Iterable[Path]) -> None:
    """Make what mutmut works on: links to all packages, the tests, and its settings."""
    folder.mkdir(parents=True)
    for root in ROOTS:
        for package in (ROOT / root).iterdir():
            if (package / "__init__.py").is_file():
                (folder / package.name).symlink_to(package)
    for name in ("tests", "config"):
        (folder / name).symlink_to(ROOT / name)
    mutated = Path(*module.split("."))
    settings = {
        "source_paths": [mutated.parts[0]],
        "only_mutate": [f"{mutated}.py"],
        "also_copy": sorted({one.name for one in folder.iterdir()} - {mutated.parts[0]}),
        "pytest_add_cli_args_test_selection": [str(one) for one in tests],
        "pytest_add_cli_args": ["--hypothesis-profile=mutants", "-p", "no:cacheprovider"],
        "process_isolation": "forkserver",  # tests have threads: the process that forks must have none
        "timeout_constant": 5.0,
        "debug": True,  # else a failure of a test that is not because of a defect is not shown
        "use_git_change_detection": False,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    project = re.sub(r"(?m)^pythonpath = .*$", 'pythonpath = [".", "tests"]', project)
    text = "\n".join([project, "[tool.mutmut]", *lines, ""])
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")


def _mutmut(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "mutmut"
    if not program.exists():
        raise SystemExit(f"mutants: there is no {program}; run make install-mutants")
    return subprocess.run([program, *argv], cwd=folder, capture_output=True, text=True, check=False)


def _score(folder: Path, module: str, equals: Equivalents) -> Score:
    lines = _mutmut(folder, "results", "--all", "true").stdout.splitlines()
    states = dict(line.strip().rsplit(": ", 1) for line in lines if ": " in line)
    left = [name for name, state in states.items() if state not in NOTICED]
    changes = [(name, Change.of(_mutmut(folder, "show", name).stdout)) for name in left]
    unused = equals.of(module) - {change for _, change in changes}
    if unused:
        print(f"{module}: equivalent.yaml names what is noticed, or is no defect of mutmut's:")
        print(*(f"{one}\n" for one in unused), sep="\n")
    survivors = tuple((name, change) for name, change in changes if not equals.name(module, change))
    return Score(module, len(states), len(changes) - len(survivors), survivors)


def _all(scores: Iterable[Score]) -> Score:
    found = Score("all")
    for one in scores:
        found.total += one.total
        found.equal += one.equal
        found.survivors += one.survivors
    return found


def _table(scores: list[Score]) -> Iterator[str]:
    yield "| module | defects | equivalent | noticed | score |"
    yield "|---|---|---|---|---|"
    yield from map(_line, [*scores, _all(scores)])


def _line(score: Score) -> str:
    return f"| {score.module} | {score.total} | {score.equal} | {score.noticed} | {score.percent:.1f} % |"


if __name__ == "__main__":
    sys.exit(main())
