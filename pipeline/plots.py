"""How plots look in the notebooks: a font that has Chinese, colours that colour-blind readers can tell apart.

    from pipeline import plots

    plots.style()
    tables.targets.unit.value_counts().plot.barh()

The font comes with the extra `[notebook]` (Noto Sans SC, SIL Open Font License, as a file in a wheel); where that is
not installed, one that the machine has is taken.
"""

from __future__ import annotations

import warnings
from importlib.util import find_spec

INSTALLED = (
    "Noto Sans SC",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Noto Sans CJK JP",  # the name by which matplotlib knows the collection for all of its languages
)
"""Fonts with simplified Chinese, the first that is installed is taken."""
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#000000", "#F0E442")
"""Okabe and Ito 2008, "Color Universal Design"."""


def style() -> str | None:
    """Set matplotlib up for plots with Chinese labels.

    Returns:
        The name of the font, None where there is no font with Chinese; then a warning tells what to install.
    """
    import matplotlib
    from cycler import cycler

    font = chinese_font()
    if font is None:
        warnings.warn(
            "There is no font with Chinese, labels will show as boxes: install one with "
            "`pip install 'planpipe[notebook]'` or `apt-get install fonts-wqy-zenhei`, and start the notebook anew.",
            stacklevel=2,
        )
    matplotlib.rcParams.update(
        {
            "font.family": "sans-serif",
            "font.sans-serif": [font, "DejaVu Sans"] if font else ["DejaVu Sans"],
            "axes.unicode_minus": False,
            "axes.prop_cycle": cycler(color=COLOURS),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
            "figure.constrained_layout.use": True,
            "figure.dpi": 110,
            "figure.facecolor": "white",
            "legend.frameon": False,
        }
    )
    return font


def chinese_font() -> str | None:
    """The name of a font with simplified Chinese that matplotlib has or can have; None where there is none."""
    from matplotlib import font_manager

    if find_spec("pylopdf_fonts_zh_cn"):
        import pylopdf_fonts_zh_cn

        path = str(pylopdf_fonts_zh_cn.sans_path())
        if path not in {font.fname for font in font_manager.fontManager.ttflist}:
            font_manager.fontManager.addfont(path)
        return font_manager.FontProperties(fname=path).get_name()
    there = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in INSTALLED if name in there), None)
