"""The card of a theme model: how it was made, what it is worth, what it rests on. Markdown."""

from __future__ import annotations

from pipeline.markup import table_lines
from pipeline.training import SHARES, Bin, Example, Scores, Trained, learning_curve

WORDS = 12
DOUBTS = 20


def card(trained: Trained, held_out: Scores | None, command: str, notes: str = "") -> str:
    """The model card as Markdown.

    Args:
        trained: a model with what cross-validation says of it.
        held_out: its scores on sentences that it was not trained on.
        command: what made it.
        notes: Markdown put at the end.
    """
    parts = [_made(trained, command), _scores(trained, held_out), _reliability(trained.scores, held_out)]
    parts += [_curve(trained), _words(trained), _doubts(trained)]
    if notes:
        parts.append([notes.strip()])
    return "\n".join("\n".join([*part, ""]) for part in parts)


def _made(trained: Trained, command: str) -> list[str]:
    model, made = trained.model, trained.model.made
    rows = [
        ("made by", f"`{command}`"),
        ("trained on", f"{made['examples']} sentences, {made['without_theme']} of them without a theme"),
        ("", f"{made['several_themes']} with several themes, {made['with_section']} with the headings above them"),
        ("SHA-256 of the sentences", f"`{made['sha256']}`"),
        ("n-grams", f"{len(model.ngrams)} of {made['ngrams'][0]} to {made['ngrams'][1]} characters, tf-idf"),
        (
            "terms",
            f"{sum(len(theme.terms) for theme in model.themes)}, counted a theme, scaled by {made['term_weight']}",
        ),
        ("classifier", f"one logistic regression a theme (C = {made['cost']:g}), Platt's calibration"),
        (
            "main theme",
            "the tagged theme with the highest sum of values: as a theme, as the main one, as a theme of the opening",
        ),
        ("gate", f"tags only what acts on any theme with a probability of {model.thresholds[-1]:.2f} or more"),
    ]
    lines = [
        "# Theme model",
        "",
        f"Tags passages of Chinese plans with {len(model.themes)} themes, several a passage, main theme first;",
        "leaves what acts on none of them untagged.",
        "",
        *table_lines(("", ""), rows),
    ]
    if any(evidence.heading for evidence in model.evidence):
        lines += [
            "",
            "Under headings, the log-odds of a passage are a learned sum of its own and of what its headings say:",
            "",
        ]
        weights = [
            (name, *(f"{x:.2f}" for x in evidence))
            for name, evidence in zip(("themes", "gate"), model.evidence, strict=True)
        ]
        lines += table_lines(("", "text", "headings", "intercept"), weights)
    return lines


def _scores(trained: Trained, held_out: Scores | None) -> list[str]:
    def summary(scores: Scores) -> list[str]:
        return [f"{x:.3f}" for x in (scores.micro, scores.macro, scores.main, scores.silent)]

    rows = [("cross-validated", *summary(trained.scores))]
    if held_out:
        rows.append(("held out", *summary(held_out)))
    lines = [
        "## Scores",
        "",
        f"Cross-validation keeps the {trained.groups} groups of sentences that nearly repeat each other together.",
        "",
        *table_lines(("", "micro-F1", "macro-F1", "main theme right", "untagged where no theme"), rows),
        "",
    ]
    table = []
    for code, threshold in zip(trained.model.codes, trained.model.thresholds, strict=False):
        score = trained.scores.by_theme[code]
        row = [code, f"{score.precision:.3f}", f"{score.recall:.3f}", f"{score.f1:.3f}", str(score.labels)]
        row.append(f"{threshold:.2f}")
        if held_out:
            row += [f"{held_out.by_theme[code].f1:.3f}", str(held_out.by_theme[code].labels)]
        table.append(row)
    head = ["theme", "precision", "recall", "F1", "labels", "threshold"]
    return lines + list(table_lines(head + (["held-out F1", "held-out labels"] if held_out else []), table))


def _reliability(crossed: Scores, held_out: Scores | None) -> list[str]:
    def cells(one: Bin) -> list[str]:
        return [f"{one.said:.2f}", f"{one.right:.2f}", str(one.pairs)] if one.pairs else ["", "", "0"]

    groups = [crossed, *([held_out] if held_out else [])]
    head = ["probability"]
    for name in ("cross-validated", "held out")[: len(groups)]:
        head += [f"{name}: said", "right", "pairs"]
    rows = [
        [f"{k / 10:.1f}–{(k + 1) / 10:.1f}", *(cell for scores in groups for cell in cells(scores.bins[k]))]
        for k in range(len(crossed.bins))
    ]
    errors = "; ".join(
        f"{name} {scores.error:.3f} over all pairs of a passage and a theme, "
        f"{scores.error_likely:.3f} over those of 0.1 or more"
        for name, scores in zip(("cross-validated", "held out"), groups, strict=False)
    )
    return ["## Reliability", "", f"Expected calibration error: {errors}.", "", *table_lines(head, rows)]


def _curve(trained: Trained) -> list[str]:
    rows = [
        (f"{share:.0%}", str(count), f"{micro:.3f}", f"{macro:.3f}")
        for share, (count, micro, macro) in zip(SHARES, learning_curve(trained), strict=True)
    ]
    return [
        "## Learning curve",
        "",
        "Trained on a share of four fifths of the sentences, scored on the fifth that was left out.",
        "",
        *table_lines(("share", "sentences", "micro-F1", "macro-F1"), rows),
    ]


def _words(trained: Trained) -> list[str]:
    model = trained.model
    rows = []
    for code in model.codes:
        sums: dict[str, float] = {}
        for example in trained.examples:
            if code in example.themes:
                for word, weight in model.pulls(example.text, code).items():
                    if len(word) > 1:
                        sums[word] = sums.get(word, 0.0) + weight
        strong = sorted(sums, key=lambda word: (-sums[word], word))[:WORDS]
        rows.append((code, "、".join(strong)))
    return ["## Words that decide", "", *table_lines(("theme", "words, the strongest first"), rows)]


def _doubts(trained: Trained) -> list[str]:
    codes = trained.model.codes
    found: list[tuple[float, Example, list[str]]] = []
    for example, row in zip(trained.examples, trained.probabilities, strict=True):
        labelled = [code in example.themes for code in codes]
        worst = max(abs(float(p) - y) for p, y in zip(row[:-1], labelled, strict=True))
        order = sorted(range(len(codes)), key=lambda k: -row[k])[:3]
        found.append((worst, example, [f"{codes[k]} {row[k]:.2f}" for k in order]))
    found.sort(key=lambda entry: (-entry[0], entry[1]))
    rows = [(e.text, ";".join(e.themes), ", ".join(said)) for _, e, said in found[:DOUBTS]]
    return [
        "## Sentences most in doubt",
        "",
        "Left out of training, these are the sentences whose labels the model would least have given: look at the",
        "label, and label more like them.",
        "",
        *table_lines(("sentence", "labelled", "the model's most probable"), rows),
    ]
