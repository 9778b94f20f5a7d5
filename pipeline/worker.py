"""A worker: a process that does the chunks that it is handed until its standard input ends.

Pickled orders come on standard input, pickled events and a result go to standard output, to which nothing else
can print meanwhile. It is `pipeline.workers` that starts it and talks to it. Where that process dies, the input
ends, and this one with it, in the middle of a file too.
"""

from __future__ import annotations

import gc
import importlib
import importlib.abc
import os
import pickle
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, BinaryIO

END = "end"
"""What an answer ends with: the result of the order, or what was raised."""


class Lean(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Keeps out what libraries would load that a worker has no use for.

    pyarrow would load pandas to look whether a list is one of its Series: a quarter of a second and 40 MB. The package
    of datasketch would load its indices besides its MinHash, and scipy's integrals for them: a fifth of a second and
    20 MB.
    """

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Refuse pandas, leave the package of datasketch empty, and all else to others.

        Raises:
            ModuleNotFoundError: it is pandas.
        """
        if name == "pandas":
            raise ModuleNotFoundError("a worker has no use for pandas", name=name)
        spec = PathFinder.find_spec(name, path) if name == "datasketch" else None
        if spec:
            spec.loader = self
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing of the module; those below it are found as ever."""


def main() -> None:
    """Do orders until there are no more; load what they need while there is none yet."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    sys.meta_path.insert(0, Lean())
    gc.disable()  # all that is loaded stays; looking through it time and again takes a fifth of the time to load it
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    orders: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, orders), daemon=True).start()
    for load in LOADS:
        if orders.empty():
            with suppress(Exception):  # the order that needs it raises it again
                load()
    while True:
        name, arguments = orders.get()
        try:
            result = ORDERS[name](*arguments, _sender(answers))
            _send(answers, (END, result, None))
        except Exception as error:
            _send(answers, (END, None, error))


def _listen(stream: BinaryIO, orders: queue.SimpleQueue[Any]) -> None:
    try:
        while True:
            orders.put(pickle.load(stream))
    finally:
        os._exit(0)


def _sender(answers: BinaryIO) -> Callable[[Any], None]:
    return lambda event: _send(answers, event)


def _send(answers: BinaryIO, message: Any) -> None:
    pickle.dump(message, answers, protocol=pickle.HIGHEST_PROTOCOL)
    answers.flush()


def _prepare() -> None:
    from pipeline.parsing import prepare

    prepare(None)


MODULES = ("pyarrow.parquet", "pipeline.duplicates")
LOADS: tuple[Callable[[], object], ...] = (*(partial(importlib.import_module, name) for name in MODULES), _prepare)
"""What takes long to load and is no file's time, in the order in which orders need it."""


def _chunk(chunk: Any, send: Callable[[Any], None]) -> None:
    for name in MODULES:
        importlib.import_module(name)
    from pipeline.chunks import work
    from pipeline.parsing import prepare

    prepare(chunk.themes)
    loaded()
    events: Iterator[Any] = work(chunk)
    for event in events:
        send(event)


OBJECTS_MADE = 100_000
"""How many, not let go yet, are made before garbage is looked for."""


def loaded() -> None:
    """Look for garbage from now on, but not among rules and models, which stay, and seldom.

    What is made for a plan is in use as long as the plan is, and next to nothing of it is left in cycles. To look
    through it as often as Python does by itself takes a twentieth of the time.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(OBJECTS_MADE, *gc.get_threshold()[1:])
        gc.enable()


def _tables(out: str, unique: bool, send: Callable[[Any], None]) -> Any:
    from pipeline.assemble import assemble
    from pipeline.store import Store

    loaded()
    return assemble(Store(out), unique=unique)


ORDERS: dict[str, Callable[..., Any]] = {"chunk": _chunk, "tables": _tables}

if __name__ == "__main__":
    main()
