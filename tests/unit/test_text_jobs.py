"""What pages ask of text networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny_text
from hub_server import HubServer

from dlcore.language import jobs
from dlcore.language.sampling import Sampling, distribution
from dlcore.models import UnknownModel

HOW = Sampling(temperature=1, top_p=1).model_dump()


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tiny_text.decoder(tmp_path / "hub" / "me" / "tiny")
    (tmp_path / "hub" / "me" / "tiny" / "README.md").write_text("A tiny network.")
    with HubServer(tmp_path / "hub") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        for name in ("HF_HOME", "HF_HUB_CACHE"):
            monkeypatch.delenv(name, raising=False)
        yield server


def fetched(model: str) -> dict:
    """Ask until the download is over."""
    while "total" in (told := jobs.fetch(model, "generation")):
        assert told["done"] <= told["total"]
        jobs.downloads._under_way[model].join(30)
    return told


def test_nothing_is_downloaded_that_nobody_asked_for(hub: HubServer) -> None:
    with pytest.raises(UnknownModel, match="not been downloaded"):
        jobs.tokenize("me/tiny", "hello")
    assert hub.log == []


def test_a_download_tells_how_far_it_is_and_then_the_model_answers(hub: HubServer) -> None:
    size = jobs.model_size("me/tiny", "generation")
    assert size["download"] > 1000 and size["memory"] > 1000
    assert fetched("me/tiny") == {"model": "me/tiny"}
    asked = len(hub.log)
    assert jobs.fetch("me/tiny", "generation") == {"model": "me/tiny"}
    assert jobs.tokenize("me/tiny", "The king")["pieces"]
    assert len(hub.log) == asked


def test_a_failed_download_says_why_and_can_be_tried_again(hub: HubServer) -> None:
    assert "error" in jobs.model_size("me/none", "generation")
    assert "none" in fetched("me/none")["error"]
    assert "none" in fetched("me/none")["error"]
    assert fetched("me/tiny") == {"model": "me/tiny"}


def test_a_slice_of_writing_tells_pieces_chances_and_candidates(hub: HubServer) -> None:
    fetched("me/tiny")
    prompt = jobs.tokenize("me/tiny", "The king")
    assert "".join(prompt["pieces"]) == "The king"
    rows = [prompt["tokens"]] * 2
    answer = jobs.write("me/tiny", rows, HOW, 1, [0, 1], 6, 60.0, [], len(rows[0]))
    assert [len(row) for row in answer["rows"]] == [6, 6]
    so_far = list(rows[0])
    for step in answer["rows"][0]:
        after = jobs.next_token("me/tiny", so_far)
        chances = distribution(after["logits"], Sampling.model_validate(HOW))
        assert step["probability"] == pytest.approx(chances[step["token"]], abs=1e-5)
        assert step["token"] in [candidate["token"] for candidate in step["candidates"]]
        so_far.append(step["token"])
    look = jobs.attention("me/tiny", so_far)
    assert look.sum(axis=-1) == pytest.approx(np.ones(look.shape[:2]), abs=1e-5)


def test_a_beam_search_in_slices_ends(hub: HubServer) -> None:
    fetched("me/tiny")
    prompt = jobs.tokenize("me/tiny", "The king")["tokens"]
    beams = jobs.beam_search("me/tiny", {"prompt": prompt, "count": 3}, 5, 0.0001, [])
    slices = 1
    while not beams["beams"]["over"]:
        beams = jobs.beam_search("me/tiny", beams["beams"], 5, 0.0001, [])
        slices += 1
    assert slices > 1
    assert len(beams["rows"]) == 3
    assert beams["scores"] == sorted(beams["scores"], reverse=True)
    assert all(len(row) <= 5 for row in beams["rows"])
