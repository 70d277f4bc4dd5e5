"""Every reader of files from outside, fed with mutated inputs.

    python -m tests.bench.fuzz [--inputs 10000] [--seed 0] [--only metadata,tiles,…] [--json FILE] [--keep FOLDER]

``--inputs`` is for all readers together. Printed is a table; a finding is a traceback or a process that died, an input
that took over five seconds, or one that took over two gigabytes. It is written under ``--keep``, from where it goes
into ``tests/hostile/corpus`` once it is mended. Exit code 1 where there was one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from skintui.files import write_json
from skintui.steps.measures import machine
from tests.hostile.fuzz import Tally, Watched, chosen, fuzz


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, default=Path(".findings"))
    options = parser.parse_args()
    try:
        readers = chosen(options.only)
    except KeyError as error:
        parser.error(f"no such reader: {error}")
    tallies = []
    watched = Watched()
    try:
        for number, reader in enumerate(readers):
            print(f"{reader.name} …", file=sys.stderr, flush=True)
            count = options.inputs // len(readers) + (number < options.inputs % len(readers))
            with tempfile.TemporaryDirectory(prefix="skintui-fuzz-") as room:
                tallies.append(fuzz(reader, count, options.seed, Path(room), watched, options.keep))
    finally:
        watched.close()
    if options.json:
        write_json(options.json, {"machine": machine(), "readers": [asdict(tally) for tally in tallies]})
    print(table(tallies))
    sys.exit(any(tally.findings for tally in tallies))


def table(tallies: list[Tally]) -> str:
    """The table as Markdown, the findings below it."""
    head = "| reader | inputs | accepted | refused | traceback | slow (>5 s) | over 2 GB | slowest s | peak MiB |"
    lines = [head, "|---|" + "--:|" * 8]
    for t in tallies:
        figures = (t.inputs, t.accepted, t.refused, t.traceback, t.slow, t.large)
        lines.append(f"| {t.reader} | {' | '.join(f'{n:,}' for n in figures)} | {t.slowest:.2f} | {t.peak >> 20:,} |")
    lines += ["", machine()]
    return "\n".join([*lines, *(finding for tally in tallies for finding in tally.findings)])


if __name__ == "__main__":
    main()
