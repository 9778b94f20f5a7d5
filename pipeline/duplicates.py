"""Near-duplicates of plans: one text under another date, on another page, out of another scan.

A plan's signature is the MinHash (Broder 1997) of the stretches of SHINGLE characters of its folded text,
all but Han characters, letters and digits left out. The share of places at which two signatures agree
estimates the Jaccard similarity of the two sets of stretches. Plans that agree in a whole band of ROWS
values are compared (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3); those that reach
THRESHOLD are joined, and a cluster is a connected component of what is joined.

SHINGLE and THRESHOLD are from this table of similarities, lowest, median and highest over 25 invented plans of
650 to 2,400 characters (`python -m tests.bench.duplicates`):

                                               3 characters     5 characters     8 characters
    dates moved by a year                     0.94 0.98 1.00   0.87 0.97 1.00   0.79 0.94 1.00
    on a web site (300 characters more)       0.78 0.90 0.92   0.77 0.90 0.92   0.77 0.90 0.92
    a tenth left out                          0.89 0.90 0.92   0.89 0.89 0.91   0.88 0.89 0.90
    1 in 100 misread                          0.91 0.94 0.96   0.85 0.91 0.94   0.76 0.86 0.90
    3 in 100 misread                          0.81 0.84 0.86   0.70 0.75 0.79   0.57 0.63 0.70
    all of it, 1 in 100 misread               0.62 0.75 0.85   0.57 0.69 0.80   0.50 0.63 0.74
    another plan, 30% of its sentences taken  0.10 0.20 0.38   0.09 0.16 0.35   0.07 0.13 0.31
    another plan, 50% of its sentences taken  0.14 0.30 0.51   0.11 0.26 0.45   0.08 0.21 0.40
    another plan, 70% of its sentences taken  0.27 0.44 0.64   0.22 0.39 0.57   0.18 0.32 0.50
    different plans                           0.00 0.02 0.06   0.00 0.00 0.02   0.00 0.00 0.00

Of 595 pairs of real plans, many of one kind and year, three were above 0.05 and none above 0.13 (5 characters).
With 128 values the estimate has a standard error of 0.04. A plan that repeats last year's word for word is in its
cluster; that the years differ is for whoever reads the tables to see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import numpy as np
from datasketch.minhash import MinHash  # of which a worker loads no more

from pipeline.grams import shingles
from pipeline.model import fold

Array = np.ndarray[Any, Any]
SHINGLE = 5
THRESHOLD = 0.55
PERMUTATIONS = 128
ROWS = 4
"""32 bands of 4 values: of pairs of similarity 0.55 95 in 100 are compared, of 0.65 99.8, of 0.03 3 in 100,000."""
CHUNK = 256
"""Stretches that are worked on at once: their products stay in the processor's cache, twice as fast as 4,096."""
PAIRS = 4096
"""Pairs of plans that are compared at once; bounds the memory."""
_BESIDE = re.compile("[^一-鿿A-Za-z0-9]+")


def signature(text: str) -> bytes:
    """The signature of a plan's text, the same on every machine and in every process.

    Args:
        text: as one reads it, furniture left out (`PlanHead.reading.text`).

    Returns:
        PERMUTATIONS unsigned numbers of 32 bits, little-endian; all of them the largest one where the text
        has fewer than SHINGLE characters that count.
    """
    return minhash(np.unique(shingles(content(text), SHINGLE))).tobytes()


def content(text: str) -> str:
    """What of a text counts: Han characters, letters and digits, folded."""
    return _BESIDE.sub("", fold(text))


def minhash(hashes: Array, permutations: int = PERMUTATIONS) -> Array:
    """The MinHash of a set of hashes.

    Args:
        hashes: distinct, 32 bits each.
        permutations: number of values.

    Returns:
        So many values, `uint32` in little-endian order.
    """
    blank = _blank(permutations)
    sketch = MinHash(
        hashfunc=int, hashvalues=blank.hashvalues, permutations=blank.permutations, scheme=blank.scheme, seed=blank.seed
    )
    for at in range(0, len(hashes), CHUNK):
        sketch.update_batch(hashes[at : at + CHUNK].tolist())
    return np.asarray(sketch.hashvalues).astype("<u4")


@cache
def _blank(permutations: int) -> MinHash:
    """The MinHash of nothing, whose permutations all others take over."""
    return MinHash(num_perm=permutations, seed=1, scheme="affine32")


def clusters(signatures: Iterable[tuple[str, bytes]], *, threshold: float = THRESHOLD) -> dict[str, str]:
    """Which plans are near-duplicates of each other.

    Neither the order of the plans nor how they came together counts: only which they are. 100,000 plans take
    70 MB beside their signatures (51 MB of which are a copy of them) and as long as the signatures of 1,400;
    datasketch's own index of them takes 900 MB.

    Args:
        signatures: of each plan its id and its signature, each id once.
        threshold: similarity from which on two plans are near-duplicates, 0 to 1.

    Returns:
        For each plan the id of its cluster, which is that of its first plan in the order of the ids; its own
        where it has no near-duplicate.

    Raises:
        ValueError: a signature has another length than `signature` gives.
    """
    given = sorted(signatures)
    ids = [plan_id for plan_id, _ in given]
    values = np.frombuffer(b"".join(found for _, found in given), dtype="<u4")
    if len(values) != len(ids) * PERMUTATIONS:
        raise ValueError(f"signatures are of {4 * PERMUTATIONS} bytes each; these were made by another version")
    pairs = np.concatenate([np.zeros((2, 0), int), *near(values.reshape(-1, PERMUTATIONS), threshold)], axis=1)
    if not pairs.size:
        return dict(zip(ids, ids, strict=True))

    from scipy.sparse import coo_array  # which a run of a few files need not load
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(pairs.shape[1], dtype=bool), (pairs[0], pairs[1])), shape=(len(ids), len(ids)))
    _, component = connected_components(graph, directed=False)
    _, head = np.unique(component, return_index=True)
    return {plan_id: ids[head[label]] for plan_id, label in zip(ids, component, strict=True)}


def near(values: Array, threshold: float, *, rows: int = ROWS, most: int = 1) -> Iterator[tuple[Array, Array]]:
    """Pairs of sets that are like each other; enough of them to tell which hang together, not all.

    In a bucket of at most `most` sets each is compared with each. In a larger one the first is compared with all, then
    the first of those that were like none so far, and so on, so that a thousand copies cost a thousand comparisons.

    Args:
        values: MinHashes, one a row.
        threshold: least share of values that agree.
        rows: values of a band.
        most: size of bucket up to which all pairs are compared.

    Yields:
        For each band two arrays of one length, indices of sets, the lower first; a pair may come again in another band.
    """
    filled = np.flatnonzero((values != np.iinfo(np.uint32).max).any(axis=1))
    for band in range(0, values.shape[1] - rows + 1, rows):
        _, bucket, size = np.unique(values[filled, band : band + rows], axis=0, return_inverse=True, return_counts=True)
        bucket = bucket.ravel()  # numpy 2.0 alone gives a column
        order = bucket.argsort(kind="stable")
        few, many = (
            order[(size[bucket[order]] > low) & (size[bucket[order]] <= high)]
            for low, high in ((1, most), (max(1, most), len(filled)))
        )
        first, second = _each_with_each(filled[few], bucket[few])
        like = agreement(values, first, second) >= threshold
        yield first[like], second[like]
        yield from _led(values, filled[many], bucket[many], threshold)


def _each_with_each(member: Array, bucket: Array) -> tuple[Array, Array]:
    """All pairs inside each bucket; members come bucket by bucket."""
    at = np.arange(len(member))
    _, start, size = np.unique(bucket, return_index=True, return_counts=True)
    behind = np.repeat(start + size, size) - at - 1
    first = np.repeat(at, behind)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(behind) - behind, behind)
    return member[first], member[second]


def _led(values: Array, member: Array, bucket: Array, threshold: float) -> Iterator[tuple[Array, Array]]:
    """The pairs of a leader of a bucket and a member that is like it."""
    waiting = np.arange(len(member))
    while len(waiting):
        buckets, first = np.unique(bucket[waiting], return_index=True)
        inside = np.flatnonzero(np.isin(bucket, buckets))
        leader = member[waiting[first]][buckets.searchsorted(bucket[inside])]
        like = agreement(values, member[inside], leader) >= threshold
        apart = like & (leader != member[inside])
        yield np.minimum(leader[apart], member[inside[apart]]), np.maximum(leader[apart], member[inside[apart]])
        waiting = np.setdiff1d(waiting, inside[like])


def agreement(values: Array, first: Array, second: Array) -> Array:
    """The share of values in which each two sets agree."""
    parts = [slice(at, at + PAIRS) for at in range(0, len(first), PAIRS)]
    return np.concatenate([np.zeros(0)] + [(values[first[p]] == values[second[p]]).mean(axis=1) for p in parts])
