"""The chunks of a run on a Dask cluster, whose scheduler hands them out.

A chunk is a task. A worker of the cluster has it done as `planpipe run` does on one machine, by a process of its own
with limits, and puts the part where all can see it: a shared folder, or an address that fsspec knows. Where a worker
of the cluster is lost, Dask gives its chunks to another; a part that both have written counts once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from pipeline.chunks import Chunk
from pipeline.errors import PlanpipeError
from pipeline.progress import Event, Watch
from pipeline.workers import Limits, Post

INSTALL = "install the extra: pip install 'planpipe[cluster]'"
RETRIES = 3
"""How often a chunk is given to another worker of the cluster before the run is given up."""

REACHED = 10
"""Seconds in which the scheduler has to answer."""

AHEAD = 2
"""Chunks handed out for each thread of the cluster, so that none has to wait for the next."""

_here = threading.Lock()


def spread(address: str, chunks: Iterator[Chunk], limits: Limits, watch: Watch) -> None:
    """Have all chunks done on a cluster.

    Args:
        address: of its scheduler, `tcp://host:8786`.
        chunks: are taken as workers get free.
        limits: what a file may take.
        watch: called with the events of a chunk when it is done.

    Raises:
        OSError: what was done cannot be kept, or there is no scheduler at the address.
        PlanpipeError: the extra is missing, or a chunk was lost more often than RETRIES.
    """
    try:
        dask: Any = import_module("distributed")
    except ImportError as error:
        raise PlanpipeError(f"running on a cluster needs Dask; {INSTALL}") from error
    with dask.Client(address, timeout=REACHED) as client:
        size = AHEAD * max(1, sum(client.nthreads().values()))

        def submit(chunk: Chunk) -> object:
            return client.submit(do, chunk, limits, pure=False, retries=RETRIES)

        first = [submit(chunk) for _, chunk in zip(range(size), chunks, strict=False)]
        waiting = dask.as_completed(first)
        for future in waiting:
            try:
                events = future.result()
            except dask.KilledWorker as error:
                raise PlanpipeError(f"a chunk was lost with {RETRIES} workers of the cluster: {error}") from error
            for event in events:
                watch(event)
            future.release()
            if (chunk := next(chunks, None)) is not None:
                waiting.add(submit(chunk))


@cache
def _post(limits: Limits) -> Post:
    """The post of this worker of the cluster, kept from chunk to chunk; its process ends with this one."""
    return Post(limits, lambda event: None)


def do(chunk: Chunk, limits: Limits) -> list[Event]:
    """Do a chunk in a process of this worker of the cluster; gives what happened.

    Args:
        chunk: its files and its store lie where this worker can reach them.
        limits: what a file may take.
    """
    events: list[Event] = []
    with _here:  # a worker of several threads has its chunks done one by one
        post = _post(limits)
        post.watch = events.append
        post.do(chunk)
    return events
