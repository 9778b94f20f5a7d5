"""Files that do real harm to the process that parses them; loaded by Python itself where PYTHONPATH leads here.

A text that begins with one of the words below has that done when a worker parses it. The processor time, the memory
and the signal are real: no part of planpipe knows of this.
"""

import ctypes
import os
import sys
import time


def loop() -> None:
    while True:
        pass


def eat() -> None:
    held = []
    while True:
        held.append(bytearray(os.urandom(1 << 10) * (32 << 10)))


def segfault() -> None:
    ctypes.string_at(0)


def slow() -> None:
    time.sleep(0.3)


HARM = {b"LOOP": loop, b"EATS": eat, b"SEGV": segfault, b"SLOW": slow}


def harm() -> None:
    from pipeline import parsing

    parse = parsing.parse_file

    def parse_file(path, themes=None):  # type: ignore[no-untyped-def]
        with path.open("rb") as file:
            HARM.get(file.read(4), int)()
        return parse(path, themes)

    parsing.parse_file = parse_file


if any("pipeline.worker" in argument for argument in sys.orig_argv):
    harm()
