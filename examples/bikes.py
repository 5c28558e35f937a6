"""Cached functions in a plain script: how many bikes are rented at which hour, on workdays and weekends.

python examples/bikes.py                run it twice: the second time nothing is computed
python examples/bikes.py other.csv      any file with the columns hr, workingday and cnt

Edit the CSV, or `busiest`, and only what depends on it is computed again.
"""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from mlops_core import step


@step
def load(source: Path) -> pa.Table:
    wanted = csv.ConvertOptions(include_columns=["hr", "workingday", "cnt"])
    return csv.read_csv(source, convert_options=wanted)


@step
def by_hour(rentals: pa.Table, *, workday: bool) -> pa.Table:
    """Mean rentals for each hour of the day."""
    chosen = rentals.filter(pc.equal(rentals["workingday"], int(workday)))
    return chosen.group_by("hr").aggregate([("cnt", "mean")]).sort_by("hr")


@step
def busiest(hours: pa.Table, count: int = 3) -> list[int]:
    """The hours with the most rentals, the busiest first."""
    ordered: list[int] = hours.sort_by([("cnt_mean", "descending")])["hr"].to_pylist()
    return ordered[:count]


def main() -> None:
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "bikes.csv"
    rentals = load(source)
    print(f"{rentals.num_rows} hours of rentals in {source}")
    for name, workday in (("workdays", True), ("weekends", False)):
        print(f"  busiest hours on {name}: {busiest(by_hour(rentals, workday=workday))}")


if __name__ == "__main__":
    main()
