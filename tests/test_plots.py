"""A font with Chinese for plots: out of the wheel, else an installed one, else a hint."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import pytest
from matplotlib import font_manager

from pipeline import plots
from pipeline.rules import load


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(font_manager.fontManager, "ttflist", list(font_manager.fontManager.ttflist))
    with matplotlib.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


def fonts(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let the wheel be missing and only these fonts be installed."""
    monkeypatch.setattr(plots, "find_spec", lambda name: None)
    entries = [font_manager.FontEntry(fname=f"/fonts/{name}.ttf", name=name) for name in names]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", entries)


def test_the_font_comes_out_of_the_wheel() -> None:
    assert plots.style() == "Noto Sans SC"
    found = Path(font_manager.findfont("Noto Sans SC", fallback_to_default=False))
    assert found.is_relative_to(sys.prefix)
    plots.style()  # again does not register it again
    assert (
        sum(font.name == "Noto Sans SC" and str(found) == font.fname for font in font_manager.fontManager.ttflist) == 1
    )


def test_labels_show(tmp_path: Path) -> None:
    """A missing glyph is a warning, and warnings are errors here."""
    plots.style()
    names = [theme["zh"] for theme in load("themes")]
    fig, ax = plt.subplots()
    ax.barh(names, range(-1, len(names) - 1))
    ax.set_title("≥ 80%，8∶1，〔2031〕3号，①—“甲”……")
    fig.savefig(tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 10_000


def test_else_an_installed_font_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts(monkeypatch, "DejaVu Sans", "WenQuanYi Zen Hei", "SimHei")
    assert plots.style() == "SimHei"
    assert matplotlib.rcParams["font.sans-serif"][0] == "SimHei"


def test_a_hint_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts(monkeypatch, "DejaVu Sans")
    with pytest.warns(UserWarning, match=r"install one with `pip install 'planpipe\[notebook\]'`"):
        assert plots.style() is None
    assert matplotlib.rcParams["font.sans-serif"] == ["DejaVu Sans"]
