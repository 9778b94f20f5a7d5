"""What a run shows while it goes on: how far it is, how fast, and which file takes longest.

Nothing here prints: `Screen` gives a renderable for a terminal and a line of text for everything else.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pipeline.progress import Begun, Committed, Counted, Ended, Event, Exporting

LONG = 5.0
"""Seconds from which on a file that is being parsed is named."""


class Screen:
    """The state of a run, kept up to date by its events.

    Args:
        clock: gives seconds; another one for tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self.total = self.waiting = self.outdated = 0
        self.done = self.failed = self.characters = 0
        self.exporting = False
        self._hands: dict[int, tuple[str, float]] = {}
        self._ended: dict[int, Ended] = {}

    def __call__(self, event: Event) -> None:
        """Take in an event."""
        match event:
            case Counted():
                self.total, self.waiting, self.outdated = event
                self._started = self._clock()
            case Begun():
                self._hands[event.number] = (event.path, self._clock())
            case Ended():
                self._hands.pop(event.number, None)
                self._ended[event.number] = event
            case Committed():
                for number in event.numbers:
                    ended = self._ended.pop(number, None)
                    self.done += 1
                    self.failed += bool(ended and ended.code)
                    self.characters += ended.characters if ended else 0
            case Exporting():
                self.exporting = True

    @property
    def left(self) -> float | None:
        """Seconds until all files are done, at the speed so far; None before the first is."""
        if not self.done:
            return None
        return (self.waiting - self.done) * self._elapsed() / self.done

    def line(self) -> str:
        """All of it in one line."""
        if self.exporting:
            return f"{self.waiting} files parsed, {self.failed} failed; writing the tables"
        parts = [f"{self.done} of {self.waiting} files", f"{self.failed} failed"]
        if self.done:
            parts.append(self._speed())
            parts.append(f"{_span(self.left or 0)} left")
        if slow := self._slowest():
            parts.append(slow)
        return ", ".join(parts)

    def __rich__(self) -> RenderableType:
        """All of it for a terminal."""
        bar = Table.grid(padding=(0, 2))
        share = f"{100 * self.done / self.waiting:.0f}%" if self.waiting else ""
        left = "writing the tables" if self.exporting else f"{_span(self.left)} left" if self.left is not None else ""
        bar.add_row(ProgressBar(total=max(1, self.waiting), completed=self.done, width=40), share, left)
        told = Table.grid(padding=(0, 2))
        counts = f"{self.done} done  {self.failed} failed  {self.waiting - self.done} to do"
        told.add_row(Text(counts), Text(self._speed() if self.done else "", "dim"))
        slow = self._slowest()
        return Group(bar, told, Text(slow, "yellow", overflow="ellipsis", no_wrap=True)) if slow else Group(bar, told)

    def _elapsed(self) -> float:
        return max(1e-9, self._clock() - self._started)

    def _speed(self) -> str:
        files, characters = self.done / self._elapsed(), self.characters / self._elapsed()
        return f"{files:.3g} files and {characters:,.0f} characters a second"

    def _slowest(self) -> str:
        """The file that has been in hand longest, if that is long."""
        path, since = min(list(self._hands.values()), key=lambda hand: hand[1], default=("", self._clock()))
        taken = self._clock() - since
        return f"{_span(taken)} so far: {path}" if taken >= LONG else ""


def _span(seconds: float) -> str:
    """A length of time in the two largest of its units."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
