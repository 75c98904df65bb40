"""From logits to the next token."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from dlcore.language.sampling import Sampling, best, distribution, draw

LOGITS = np.array([2.0, 1.0, 0.5, -1.0, -3.0])
PLAIN = {"temperature": 1, "top_k": 0, "top_p": 1, "repetition_penalty": 1}


def chances(seen: list[int] | None = None, **change: float) -> np.ndarray:
    return distribution(LOGITS, Sampling(**(PLAIN | change)), None if seen is None else np.array(seen))


def test_without_rules_it_is_the_softmax() -> None:
    assert chances() == pytest.approx(np.exp(LOGITS) / np.exp(LOGITS).sum())


def test_temperature_divides_the_log_odds() -> None:
    hot = chances(temperature=2)
    assert np.log(hot[0] / hot[1]) == pytest.approx((LOGITS[0] - LOGITS[1]) / 2)


def test_temperature_nought_is_certain() -> None:
    assert chances(temperature=0).tolist() == [1, 0, 0, 0, 0]


def test_top_k_keeps_k_and_their_odds() -> None:
    predicted = chances(top_k=2)
    assert (predicted > 0).sum() == 2
    assert predicted[0] / predicted[1] == pytest.approx(np.e)
    assert predicted.sum() == pytest.approx(1)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.7, 0.9, 0.99])
def test_top_p_keeps_the_smallest_set_that_holds_the_share(share: float) -> None:
    kept, plain = chances(top_p=share) > 0, chances()
    assert plain[kept].sum() >= share - 1e-12
    assert plain[kept].sum() - plain[kept].min() < share


def test_what_was_said_becomes_less_probable_whatever_its_sign() -> None:
    predicted, plain = chances(seen=[0, 4, 4], repetition_penalty=1.5), chances()
    assert np.log(predicted[0] / predicted[1]) == pytest.approx(2 / 1.5 - 1)
    assert np.log(predicted[4] / predicted[1]) == pytest.approx(-3 * 1.5 - 1)
    assert predicted[4] < plain[4] and predicted[0] < plain[0]


def test_the_logits_are_left_as_they_were() -> None:
    before = LOGITS.copy()
    chances(seen=[0], repetition_penalty=2, temperature=0.5, top_k=2, top_p=0.5)
    assert np.array_equal(LOGITS, before)


def test_draws_follow_the_probabilities() -> None:
    expected = chances()
    drawn = np.bincount([draw(expected, 7, 0, i) for i in range(20_000)], minlength=5)
    expectation = 20_000 * expected
    chi_squared = ((drawn - expectation) ** 2 / expectation).sum()
    assert chi_squared < 18.5  # 4 degrees of freedom: passed by 99.9 % of true samples


def test_a_token_that_is_ruled_out_is_never_drawn() -> None:
    only = chances(top_k=1)
    assert {draw(only, seed, 0, 0) for seed in range(200)} == {0}


def test_best_are_in_order_and_possible() -> None:
    assert best(chances(), 3) == [0, 1, 2]
    assert best(chances(top_k=2), 5) == [0, 1]


@pytest.mark.parametrize("field", ["temperature", "top_p", "top_k", "repetition_penalty"])
def test_a_value_out_of_range_is_refused_by_name(field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        Sampling.model_validate({field: -1})
