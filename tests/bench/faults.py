"""What is lost when things go wrong: every case of ``tests/faults``, long.

    python -m tests.bench.faults [--times 50] [--only kill,disk,…] [--seed 0] [--seconds S] [--json FILE]

``--only`` takes groups or names of cases. With ``--json`` each case is written down as it ends, and a case that stands
there already is not tried again. Printed is a table "tried / survived / lost"; exit code 1 where anything was wrong.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from skintui.files import write_json
from skintui.steps.measures import machine
from tests.faults.cases import CASES
from tests.faults.harness import Outcome, run_case


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--only", action="append", default=[], help="may be given several times")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, help="at most so long per case, instead of its own limit")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--list", action="store_true", help="name the cases and stop")
    options = parser.parse_args()
    cases = {name: make() for name, make in CASES.items()}
    wanted = [word for given in options.only for word in ([given] if given in cases else given.split(",")) if word]
    unknown = set(wanted) - set(cases) - {case.group for case in cases.values()}
    if unknown:
        parser.error(f"no such case or group: {', '.join(sorted(unknown))}")
    chosen = [case for case in cases.values() if not wanted or case.name in wanted or case.group in wanted]
    if options.list:
        print("\n".join(f"{case.group:<10} {case.name:<28} at most {case.seconds:.0f} s" for case in chosen))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # a case under way still ends what it started
    known = _read(options.json)
    outcomes, failed = [], []
    for case in chosen:
        outcome = known.get(case.name)
        if outcome is None or outcome.cut_short:
            print(f"{case.name} …", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory(prefix="skintui-faults-") as room:
                try:
                    outcome = run_case(case, Path(room), options.times, seed=options.seed, seconds=options.seconds)
                except AssertionError as error:  # the undisturbed run went wrong: the others may be tried all the same
                    failed.append(f"{case.name} could not be prepared: {error}")
                    continue
            known[case.name] = outcome
            if options.json:
                write_json(options.json, {"machine": machine(), "cases": [asdict(each) for each in known.values()]})
        outcomes.append(outcome)
    print("\n".join([table(outcomes), *failed]))
    sys.exit(bool(failed) or any(outcome.faults for outcome in outcomes))


def _read(path: Path | None) -> dict[str, Outcome]:
    if path is None or not path.is_file():
        return {}
    return {each["name"]: Outcome(**each) for each in json.loads(path.read_text(encoding="utf-8"))["cases"]}


def table(outcomes: list[Outcome]) -> str:
    """The table as Markdown, the faults below it."""
    lines = ["| case | tried | survived | lost | seconds |", "|---|--:|--:|--:|--:|"]
    for outcome in outcomes:
        if outcome.skipped:
            lines.append(f"| {outcome.name} | – | – | – | {outcome.skipped} |")
            continue
        cut = " (time over)" if outcome.cut_short else ""
        figures = (f"{outcome.tried:,}{cut}", f"{outcome.survived:,}", f"{outcome.lost:,}", f"{outcome.seconds:.0f}")
        lines.append(f"| {outcome.name} | {' | '.join(figures)} |")
    lines += ["", machine()]
    return "\n".join([*lines, *(fault for outcome in outcomes for fault in outcome.faults)])


if __name__ == "__main__":
    main()
