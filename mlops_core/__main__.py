"""``python -m mlops_core`` is the command ``mlops``."""

from mlops_core.cli.entry import main

if __name__ == "__main__":
    raise SystemExit(main())
