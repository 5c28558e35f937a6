"""Mistakes that a type checker finds: the number of the error stands in each line's comment."""

from mlops_core import pipeline, step


@step
def train(table: list[int], *, depth: int = 6) -> float: ...


@pipeline
def bikes(depth: int) -> float:
    train("text")  # expect: arg-type
    train([1], deptj=2)  # expect: call-arg
    result: str = train([1])  # expect: assignment
    train.with_options(nmae="x")  # expect: call-arg
    return result + 1  # expect: operator


bikes("six")  # expect: arg-type
bikes.run()  # expect: call-arg
step(cpu=3)  # expect: call-overload
