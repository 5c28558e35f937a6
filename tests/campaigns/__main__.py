"""Long trials of what must never break: ``python -m tests.campaigns NAME``. They print seeds and counts.

docs/testing.md says what each of them does. The exit status is 1 where something was found.
"""

import argparse
import random
import sys

from tests.campaigns import damage, fuzz, hammer, kill, model

_NAMES = {"kill": kill, "fuzz": fuzz, "damage": damage, "hammer": hammer, "model": model}


def main() -> int:
    """Run one campaign."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns", description=__doc__)
    names = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    for name, campaign in _NAMES.items():
        chosen = names.add_parser(name, help=campaign.HELP, description=campaign.__doc__)
        chosen.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="default: a new one")
        campaign.add_options(chosen)
    options = parser.parse_args()
    print(f"{options.name}: seed {options.seed}", flush=True)
    return int(_NAMES[options.name].run(options))


if __name__ == "__main__":
    sys.exit(main())
