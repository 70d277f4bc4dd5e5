from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from skintui.attributes import ATTRIBUTES
from skintui.audit import peers
from skintui.audit.peers import cheap_peers, cleanlab_peers, identity_peer

DELTA_L = ATTRIBUTES[13:14]
LABELS = np.array([[1.0], [2.0], [3.0], [10.0]])
PREDICTED = np.array([[1.0], [1.0], [4.0], [6.0]])


def test_the_raw_residual_is_in_standard_deviations() -> None:
    # labels 1 2 3 10: mean 4, variance (9 + 4 + 1 + 36) / 4 = 12.5; residuals 0 1 −1 4
    scores = cheap_peers(LABELS, PREDICTED, None, DELTA_L).scores["raw residual"]
    assert scores.ravel().tolist() == pytest.approx([0, 1 / 12.5**0.5, 1 / 12.5**0.5, 4 / 12.5**0.5])


def test_residual_over_its_mad_by_hand() -> None:
    # median of 0 1 −1 4 is 0.5; away .5 .5 1.5 3.5, median 1
    scores = cheap_peers(LABELS, PREDICTED, None, DELTA_L).scores["residual/MAD"]
    assert scores.ravel().tolist() == pytest.approx([0.5, 0.5, 1.5, 3.5])


def test_distance_to_the_neighbours_by_hand() -> None:
    near = {DELTA_L[0].name: np.array([[1, 2, 0], [0, 2, 1], [0, 1, 2], [0, 1, 2]])}
    # the last: labels 1 2 3, median 2, MAD 1: 8 / 1.4826
    assert cheap_peers(LABELS, PREDICTED, near, DELTA_L).scores["kNN z"][3, 0] == pytest.approx(8 * 0.67449, rel=1e-4)


def test_without_neighbours_the_ranking_is_named_as_skipped() -> None:
    found = cheap_peers(LABELS, PREDICTED, None, DELTA_L)
    assert set(found.skipped) == {"kNN z"}
    assert "kNN z" not in found.scores


def test_a_missing_label_has_no_score() -> None:
    labels = LABELS.copy()
    labels[0] = np.nan
    found = cheap_peers(labels, PREDICTED, None, DELTA_L)
    assert all(np.isnan(scores[0, 0]) for scores in found.scores.values())


def test_cleanlab_ranks_by_the_residual() -> None:
    pytest.importorskip("cleanlab")
    scores = cleanlab_peers(LABELS, PREDICTED).scores["cleanlab residual"].ravel()
    assert scores.argmax() == 3
    assert -scores[3] == pytest.approx(np.exp(-4 / 12.5**0.5))


def test_without_cleanlab_it_is_named_as_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "find_spec", lambda _name: None)
    found = cleanlab_peers(LABELS, PREDICTED)
    assert not found.scores
    assert "skintui[bench]" in found.skipped["cleanlab outre"]


def test_an_accused_annotation_ranks_before_the_rest() -> None:
    identities = pl.DataFrame({"isic_id": ["I2"], "column": ["tbp_lv_deltaL"], "rule": ["r"]})
    scores = identity_peer(identities, ["I1", "I2"], np.ones((2, 1)), DELTA_L)
    assert scores.tolist() == [[0.0], [1.0]]
