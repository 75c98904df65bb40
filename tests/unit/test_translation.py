"""Translation as a page and the command line ask for it: what is shown of it is what the network said."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from dlcore import jobs, models
from dlcore.language.first_translation import first_text, first_translation
from dlcore.language.translation import translate, translated
from dlcore.models import UnknownModel
from dlcore.runs.store import open_store

PAIRS = [info for info in models.shipped() if info.recipe.on_texts == "translation"]


@pytest.fixture(scope="module")
def dates():
    (info,) = [info for info in PAIRS if info.name == "dates-seq2seq"]
    return info


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("the 3rd of May, 1999", "1999-05-03"),
        ("FRI, 27 NOV 2026", "2026-11-27"),
        ("  12.1.2031 ", "2031-01-12"),
        ("7/4/76", "1976-07-04"),
        ("February 29, 2000", "2000-02-29"),
    ],
)
def test_dates_are_read_as_people_write_them(text, iso):
    assert translate("dates-seq2seq", text)["texts"][0]["text"] == iso


def test_everything_that_is_shown_of_a_text():
    answer = translate("dates-seq2seq", "3 May 1999")
    (text,) = answer["texts"]
    assert answer["source"] == list("3 may 1999")
    assert [step["piece"] for step in text["steps"]] == [*"1999-05-03", "[END]"]
    for step in text["steps"]:
        assert step["probability"] == step["candidates"][0]["probability"]
        assert sum(one["probability"] for one in step["candidates"]) <= 1.001
        assert len(step["attention"]) == len(answer["source"])
        assert sum(step["attention"]) == pytest.approx(1, abs=0.01)
    logs = np.log([step["probability"] for step in text["steps"]])
    assert text["score"] == pytest.approx(logs.mean(), abs=1e-3)
    assert json.loads(json.dumps(answer)) == answer


def test_where_it_looks_is_where_the_digit_stands():
    """The day's digits look at the day, the year's at the year: most of the attention is near."""
    answer = translate("dates-seq2seq", "27 November 2026")
    steps = answer["texts"][0]["steps"]
    assert int(np.argmax(steps[3]["attention"])) >= 11 and int(np.argmax(steps[9]["attention"])) <= 4


def test_beams_are_sorted_and_begin_with_what_is_likeliest():
    texts = translate("dates-seq2seq", "3/4/55", beams=4)["texts"]
    assert len(texts) == 4 and len({one["text"] for one in texts}) == 4
    assert [one["score"] for one in texts] == sorted((one["score"] for one in texts), reverse=True)
    assert texts[0]["text"] == "1955-03-04"


def test_too_long_a_text_is_cut_and_said_so():
    answer = translate("dates-seq2seq", "3 May 1999 " * 20)
    assert len(answer["source"]) == 32 and answer["note"] == "Only the first 32 of 219 tokens are read."


def test_nothing_gives_nothing_and_strange_signs_an_answer():
    nothing = translate("dates-seq2seq", "  ")
    assert nothing["texts"] == [] and nothing["note"] == "There is nothing in it to read."
    strange = translate("dates-seq2seq", "昨日 <b>&\x00")
    assert strange["texts"] and re.match(
        r"\d of its 8 tokens are not in the network's vocab", strange["note"]
    )
    assert translate("dates-seq2seq", "😀")["note"].startswith("Nothing of it is in the network's vocabulary")


def test_a_network_that_does_not_translate_says_so():
    with pytest.raises(UnknownModel, match="digits8-cnn does not translate"):
        translate("digits8-cnn", "3 May 1999")


@pytest.mark.parametrize("name", [info.name for info in PAIRS])
def test_the_first_translation_of_the_page_is_the_networks_own(name):
    (info,) = [info for info in PAIRS if info.name == name]
    first, now = (
        first_translation(info, first_text(info), 1),
        translated(open_store(), info, first_text(info)),
    )
    assert first and first["source"] == now["source"] and first["texts"][0]["text"] == now["texts"][0]["text"]
    for one, other in zip(first["texts"][0]["steps"], now["texts"][0]["steps"], strict=True):
        assert one["probability"] == pytest.approx(other["probability"], abs=0.01)
    assert first_translation(info, "another text", 1) is None


def test_the_card_of_dates_holds_on_other_dates(dates):
    from dlcore.datasets.generated_pairs import Dates

    known = {*Dates(examples=20_000).pairs(dates.recipe.training.seed)}
    others = [pair for pair in Dates(examples=1000).pairs(99) if pair not in known]
    written = [translate("dates-seq2seq", source)["texts"][0]["text"] for source, _ in others[:200]]
    right = [one == target for one, (_, target) in zip(written, others[:200], strict=True)]
    assert dates.card["metrics"]["exact_match"] >= 0.99
    assert np.mean(right) >= 0.98


def test_english_to_french():
    """Sentences of which there is little doubt; what the card says of thousands is measured by its training script."""
    said = {
        "Thank you very much.": "Merci beaucoup.",
        "I don't know.": "Je ne sais pas.",
        "Where are you going?": "vas",
    }
    for english, french in said.items():
        assert french in jobs.translate("english-french", english)["texts"][0]["text"]
