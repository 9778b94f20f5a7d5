"""The errors that planpipe raises on purpose; catch `PlanpipeError` to catch them all.

Each carries the code that goes to the column `error` of sources.csv and, as its message, what
happened and what the user can do about it.
"""


class PlanpipeError(Exception):
    """Root of all errors of this package.

    Args:
        message: what is wrong and what to do next, one sentence each.
    """

    code = "error"


class ReadError(PlanpipeError):
    """A file could not be read."""

    code = "unreadable"


class EmptyFile(ReadError):
    """The file holds no text at all."""

    code = "empty"


class NotPermitted(ReadError):
    """The operating system refuses access."""

    code = "permission"


class Damaged(ReadError):
    """The file is broken: truncated, or its parts do not fit together."""

    code = "damaged"


class Encrypted(ReadError):
    """The file needs a password."""

    code = "encrypted"


class UnsupportedFormat(ReadError):
    """The content is of a kind that planpipe does not read."""

    code = "unsupported"


class NoText(ReadError):
    """The file shows pages, but holds no text: it consists of scans."""

    code = "no_text"


class UnknownEncoding(ReadError):
    """No known encoding gives readable text."""

    code = "encoding"


class RuleError(PlanpipeError):
    """A rule file is not as it should be."""

    code = "rule"


class ThemeError(PlanpipeError):
    """A theme model, a taxonomy or its training sentences are not as they should be."""

    code = "themes"


class NoTables(PlanpipeError):
    """A folder holds no tables of a run, or those of another version."""

    code = "tables"


class MissingExtra(PlanpipeError):
    """An extra of planpipe is needed and not installed."""

    code = "extra"


class CodingError(PlanpipeError):
    """A sample cannot be drawn as asked, or what coders handed back does not fit it."""

    code = "coding"


class NothingToCompare(PlanpipeError):
    """The tables of a run hold no two plans that could be set against each other."""

    code = "nothing_to_compare"
