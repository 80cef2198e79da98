"""Measure symconv against its peers, as ratios in one run: ``python3 scripts/bench.py``.

Prints tables, and with ``--write`` writes what the page "Why the matrix product is fast" shows: the tables,
the charts, the machine and the date, and all numbers as JSON. One thread unless told otherwise.
"""

import argparse
import os
import sys

from environment import ROOT, enter


def main() -> int:
    """Run the experiments that were asked for; returns the exit status."""
    parser = argparse.ArgumentParser(description="Measure symconv against its peers, as ratios in one run.")
    parser.add_argument("--write", action="store_true", help="write what the docs show (docs/measured)")
    parser.add_argument(
        "--only",
        action="append",
        metavar="NAME",
        help="resnet, proof, evaluate, gradients, loops, theorems, checks, models, sweeps, site, pages",
    )
    parser.add_argument("--threads", type=int, default=1, help="threads of BLAS and of the peers (default 1)")
    options = parser.parse_args()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(options.threads)  # before anything loads a BLAS
    enter("site", "test")
    sys.path.insert(0, str(ROOT))
    from measuring.report import run  # only inside the environment is there anything to measure

    return run(options.only, ROOT / "docs" / "measured" if options.write else None, options.threads)


if __name__ == "__main__":
    sys.exit(main())
