"""Processes that parse for a run, none of which can bring it down.

Each worker is a process of its own, watched from a thread of this one: a file that takes longer than it may, or
more memory, has its worker killed, and so has one that dies by itself. The file is tried once more alone, in a fresh
process, and fails where that comes to the same; the other files of its chunk are done again by the next worker.
A worker that has grown is replaced between two chunks.
"""

from __future__ import annotations

import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from typing import Any, NamedTuple

from pipeline.chunks import Chunk, Task
from pipeline.discover import readable
from pipeline.errors import PlanpipeError
from pipeline.progress import Begun, Committed, Ended, Event
from pipeline.store import Outcome, Store
from pipeline.worker import END

START = "import sys; sys.path[:] = sys.argv[1:]; from pipeline.worker import main; main()"
"""What a worker runs; -m would prefer a folder `pipeline` that happens to lie where the run is started."""

TICK = 0.1
"""Seconds between two looks at a worker."""

FAMILY = 10
"""Looks at a worker for one at the processes that it has started, which cost more."""

GROWN = 0.5
"""Share of the memory limit from which on a worker is replaced when it has done its chunk."""

STRIKES = 3
"""Workers in a row that may die with no file in hand, before that is taken for a fault of the machine."""


class Limits(NamedTuple):
    """What a file may take.

    Args:
        seconds: of the clock on the wall.
        bytes: of memory, LibreOffice included.
    """

    seconds: float = 600.0
    bytes: int = 4 << 30


class Lost(NamedTuple):
    """Why a worker is no more.

    Args:
        code: `timeout`, `memory` or `crash`; `stopped` where the run was.
        message: what happened and what to do.
        number: of the file that it had in hand, None where it had none.
        trace: the end of what it printed.
    """

    code: str
    message: str
    number: int | None
    trace: str


class Worker:
    """A worker's process.

    Args:
        limits: what a file may take.
        stopped: once it is set, the process is killed over what it does.
    """

    def __init__(self, limits: Limits, stopped: threading.Event) -> None:
        import psutil

        self.limits, self._stopped = limits, stopped
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 (it stays open as long as the process does)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", START, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._printed,
            start_new_session=True,
        )
        self._watched = psutil.Process(self._process.pid)
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def order(self, name: str, *arguments: Any, watch: Callable[[Any], None]) -> Any:
        """Have something done.

        Args:
            name: a key of `pipeline.worker.ORDERS`.
            arguments: for it.
            watch: called with each event.

        Returns:
            The result, or a `Lost` where the process did not survive it.

        Raises:
            Exception: what the order has raised.
        """
        try:
            assert self._process.stdin
            pickle.dump((name, arguments), self._process.stdin)
            self._process.stdin.flush()
        except OSError:
            return self._lost(None)
        begun: Begun | None = None
        since, looks = time.monotonic(), 0
        while True:
            if self._stopped.is_set():
                return self._killed("stopped", "the run was stopped", begun)
            try:
                answer = self._answers.get(timeout=TICK)
            except queue.Empty:
                looks += 1
                if (why := self._over(begun, since, looks)) is not None:
                    return why
                continue
            if answer is None:
                return self._lost(begun)
            if isinstance(answer, tuple) and answer[:1] == (END,):
                if answer[2] is not None:
                    raise answer[2]
                return answer[1]
            if isinstance(answer, Begun):
                begun, since = answer, time.monotonic()
            elif isinstance(answer, Ended):
                begun = None
            watch(answer)

    def grown(self) -> bool:
        """Whether it holds more memory than a fresh one should."""
        return self._memory(family=False) > GROWN * self.limits.bytes

    def close(self) -> None:
        """Kill it and what it has started, and give back what it has taken."""
        import psutil

        try:
            family = self._watched.children(recursive=True)
        except psutil.Error:
            family = []
        self._process.kill()
        for child in family:
            try:
                child.kill()
            except psutil.Error:
                continue
        self._process.wait()
        self._listener.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                try:
                    stream.close()
                except OSError:
                    continue
        self._printed.close()

    def _listen(self) -> None:
        assert self._process.stdout
        try:
            while True:
                self._answers.put(pickle.load(self._process.stdout))
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            self._answers.put(None)

    def _over(self, begun: Begun | None, since: float, looks: int) -> Lost | None:
        """Why it has to be killed now, if it has to."""
        if begun is None or not begun.limited:
            return None
        if time.monotonic() - since > self.limits.seconds:
            told = f"the file was not done after {self.limits.seconds:g} s; give it more time with --timeout"
            return self._killed("timeout", told, begun)
        if self._memory(family=looks % FAMILY == 0) > self.limits.bytes:
            told = f"the file takes more than {self.limits.bytes >> 20} MB of memory; give it more with --memory"
            return self._killed("memory", told, begun)
        return None

    def _killed(self, code: str, told: str, begun: Begun | None) -> Lost:
        self.close()
        return Lost(code, told, begun.number if begun else None, "")

    def _lost(self, begun: Begun | None) -> Lost:
        self._process.wait()
        number = -(self._process.returncode or 0)
        try:
            how = f"by {signal.Signals(number).name}"
        except ValueError:
            how = f"with exit code {self._process.returncode}"
        self._printed.seek(0)
        trace = self._printed.read().decode("utf-8", "replace")[-4000:]
        self.close()
        told = f"the process that parsed this file died {how}; please report it with the file"
        return Lost("crash", told, begun.number if begun and begun.limited else None, trace)

    def _memory(self, *, family: bool) -> int:
        import psutil

        try:
            total: int = self._watched.memory_info().rss
            children = self._watched.children(recursive=True) if family else []
        except psutil.Error:
            return 0
        for child in children:
            try:
                total += child.memory_info().rss
            except psutil.Error:
                continue
        return total


class Post:
    """A place for a worker: what is given there gets done, whatever becomes of the worker.

    Args:
        limits: what a file may take.
        watch: called with each event.
        stopped: once it is set, what is in hand is lost and nothing more is begun.
    """

    def __init__(self, limits: Limits, watch: Callable[[Event], None], stopped: threading.Event | None = None) -> None:
        self.limits, self.watch = limits, watch
        self._stopped = stopped or threading.Event()
        self._worker: Worker | None = None

    def start(self) -> Worker:
        """The worker here; a new one loads what it needs while there is nothing to do."""
        self._worker = self._worker or Worker(self.limits, self._stopped)
        return self._worker

    def do(self, chunk: Chunk) -> None:
        """Do a chunk; each of its files is parsed or has failed then, and is kept.

        Raises:
            OSError: what was done cannot be kept.
            PlanpipeError: workers die with no file in hand, or are of another version.
        """
        waiting: deque[tuple[tuple[Task, ...], bool]] = deque([(chunk.tasks, False)])
        strikes = 0
        while waiting and not self._stopped.is_set():
            tasks, alone = waiting.popleft()
            kept: set[int] = set()
            lost = self._try(chunk._replace(tasks=tasks), kept)
            if lost is None or self._stopped.is_set():
                continue
            left = tuple(task for task in tasks if task.number not in kept)
            if not left:  # lost with nothing in hand: all that it had done is kept
                continue
            suspect = next((task for task in left if task.number == lost.number), None)
            if suspect is None:
                strikes += 1
                if strikes == STRIKES:
                    raise PlanpipeError(f"workers die before they begin a file: {lost.message}\n{lost.trace}")
                waiting.appendleft((left, alone))
                continue
            strikes = 0
            if alone:
                self._fail(chunk, suspect, lost)
            else:
                waiting.append(((suspect,), True))
            if rest := tuple(task for task in left if task is not suspect):
                waiting.appendleft((rest, False))

    def assemble(self, out: str, *, unique: bool) -> Any:
        """Put the tables together, see `pipeline.assemble.assemble`.

        Raises:
            OSError: they cannot be written.
            PlanpipeError: the process died over it.
        """
        found = self._order("tables", out, unique, watch=self.watch)
        if isinstance(found, Lost):
            raise PlanpipeError(f"the tables could not be put together: {found.message}; run again\n{found.trace}")
        return found

    def close(self) -> None:
        """End the worker."""
        if self._worker:
            self._worker.close()
            self._worker = None

    def _try(self, chunk: Chunk, kept: set[int]) -> Lost | None:
        """Have a chunk done; notes the files that are kept, and tells where the worker was lost over it."""

        def watch(event: Event) -> None:
            if isinstance(event, Committed):
                kept.update(event.numbers)
            self.watch(event)

        result = self._order("chunk", chunk, watch=watch)
        if self._worker and self._worker.grown():
            self.close()
        return result if isinstance(result, Lost) else None

    def _order(self, name: str, *arguments: Any, watch: Callable[[Any], None]) -> Any:
        result = self.start().order(name, *arguments, watch=watch)
        if isinstance(result, Lost):
            self.close()
        return result

    def _fail(self, chunk: Chunk, task: Task, lost: Lost) -> None:
        """Keep that a file has failed."""
        Store(chunk.out).commit([Outcome(task.key, code=lost.code, message=lost.message)])
        self.watch(Ended(task.number, readable(task.path), lost.code, lost.message, trace=lost.trace))
        self.watch(Committed((task.number,)))


class Crew:
    """Workers that share chunks, each watched from a thread of its own.

    Args:
        limits: what a file may take.
        watch: called with each event, from one thread at a time.
    """

    def __init__(self, limits: Limits, watch: Callable[[Event], None]) -> None:
        self.limits, self._watch = limits, watch
        self._telling, self._taking = threading.Lock(), threading.Lock()
        self._stopped = threading.Event()

    def do(self, chunks: Iterator[Chunk], workers: int) -> None:
        """Do all chunks.

        Args:
            chunks: are taken one by one.
            workers: number of processes.

        Raises:
            OSError: what was done cannot be kept.
            PlanpipeError: workers die with no file in hand, or are of another version.
            KeyboardInterrupt: the user stops it; all workers are ended first.
        """
        with ThreadPoolExecutor(workers) as pool:
            serving: list[Future[None]] = []
            try:
                serving.extend(pool.submit(self._serve, chunks) for _ in range(workers))
                for served in as_completed(serving):
                    served.result()
            except BaseException:
                self._stopped.set()
                # not Thread.join: where Ctrl-C breaks it off, the thread counts as ended (python/cpython issue 90882)
                wait(serving)
                raise

    def _serve(self, chunks: Iterator[Chunk]) -> None:
        """Take chunks and have them done, until there are no more."""
        post = Post(self.limits, self._tell, self._stopped)
        try:
            while not self._stopped.is_set():
                with self._taking:
                    chunk = next(chunks, None)
                if chunk is None:
                    break
                post.do(chunk)
        finally:
            post.close()

    def _tell(self, event: Event) -> None:
        with self._telling:
            self._watch(event)
