"""Run every bench and keep what each prints: `make bench`, or `make bench ARGS="snapshot outbox"` for some.

A bench is `bench/bench_<name>.py`; it prints Markdown tables with the figures of docs/performance.md and
exits with 1 when a promised figure is not met. `--quick` asks each for a short run.
"""

import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE.parent / "build" / "bench"


def run(bench: Path, options: list[str]) -> bool:
    """Run one bench, show and keep its output; tell whether its figures were met."""
    print(f"bench: {bench.stem} ...", flush=True)
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, str(bench), *options], stdout=subprocess.PIPE, text=True, check=False
    )
    (RESULTS / f"{bench.stem}.md").write_text(done.stdout, encoding="utf-8")
    print(done.stdout)
    word = "met" if done.returncode == 0 else f"NOT met (exit code {done.returncode})"
    print(f"bench: {bench.stem}: figures {word}, {time.monotonic() - begin:.0f} s", flush=True)
    return done.returncode == 0


def main() -> None:
    """Run the benches named on the command line, or all."""
    options = [word for word in sys.argv[1:] if word.startswith("-")]
    names = [word for word in sys.argv[1:] if not word.startswith("-")]
    benches = [HERE / f"bench_{name}.py" for name in names] or sorted(HERE.glob("bench_*.py"))
    missing = [bench.name for bench in benches if not bench.is_file()]
    if missing:
        raise SystemExit(
            f"bench: no {', '.join(missing)} in {HERE}; the benches are {sorted(HERE.glob('bench_*.py'))}"
        )
    RESULTS.mkdir(parents=True, exist_ok=True)
    met = [run(bench, options) for bench in benches]
    print(f"bench: {sum(met)} of {len(met)} benches met their figures; output in {RESULTS}")
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
