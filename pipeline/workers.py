"""Work shared among processes, one of which may die without taking the others' work with it.

At any time only a few tasks are handed out. Where a process dies, the pool breaks and those few are
the suspects: each is done again in a process of its own, so that the one that kills it is known, and
a new pool takes over the rest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Crashed:
    """Stands for the result of a task whose process died."""


def spread(tasks: Sequence[T], work: Callable[[T], R], workers: int) -> Iterator[tuple[T, R | Crashed]]:
    """Do every task, in whatever order they get done.

    Args:
        tasks: can be pickled where there are several workers.
        work: a function at the top of a module; it does not raise.
        workers: number of processes; with 1 the work is done in this one.

    Yields:
        Each task with its result.
    """
    if workers == 1:
        for task in tasks:
            yield task, work(task)
        return
    waiting = deque(tasks)
    while waiting:
        for task in (yield from _pooled(waiting, work, min(workers, len(waiting)))):
            yield task, _alone(task, work)


def _pooled(waiting: deque[T], work: Callable[[T], R], workers: int) -> Generator[tuple[T, R | Crashed], None, list[T]]:
    """Work through `waiting`; where the pool breaks, return the tasks that were handed out."""
    handed: dict[Future[R], T] = {}
    suspects: list[T] = []
    with _pool(workers) as pool:
        while handed or (waiting and not suspects):
            try:
                while waiting and not suspects and len(handed) < 2 * workers:
                    handed[pool.submit(work, waiting[0])] = waiting[0]
                    waiting.popleft()
            except BrokenProcessPool:
                if not handed:
                    return suspects
            done, _ = wait(handed, return_when=FIRST_COMPLETED)
            for future in done:
                task = handed.pop(future)
                if isinstance(future.exception(), BrokenProcessPool):
                    suspects.append(task)
                else:
                    yield task, future.result()
    return suspects


def _alone(task: T, work: Callable[[T], R]) -> R | Crashed:
    with _pool(1) as pool:
        try:
            return pool.submit(work, task).result()
        except BrokenProcessPool:
            return Crashed()


def _pool(workers: int) -> ProcessPoolExecutor:
    # A forked process would inherit locks that the threads of numpy and pyarrow hold.
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
