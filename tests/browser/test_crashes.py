"""Processes die; the app goes on, says what happened, and nothing that was learned is lost."""

from __future__ import annotations

from browser.conftest import running, until
from browser.steps import badge, build_link, train
from playwright.sync_api import Page, expect

from dlcore.runs.store import Store
from dlcore.settings import Settings

RUN = {"dataset": "digits", "training": {"epochs": 60}}
SHORT = {"dataset": "moons", "training": {"epochs": 3}}


def checkpointed(own, run: str):
    return lambda: any((own.home / "artifacts" / run / "checkpoint").glob("*.weights.h5"))


def epochs_of(own, run: str) -> list[float]:
    store = Store(Settings(home=own.home))
    return [row["epoch"] for row in store.metrics(run, "epoch", 10_000)]


def test_a_killed_worker_fails_its_run_which_resumes(own, page: Page):
    run = train(page, own.url, RUN).split("run=")[1]
    until(checkpointed(own, run), 30, "a checkpoint is written")
    own.worker().kill()
    expect(badge(page, "failed")).to_be_visible()
    expect(page.get_by_text("The worker process died while training")).to_be_visible()

    page.get_by_role("button", name="Resume").click()
    expect(badge(page, "running")).to_be_visible(timeout=60_000)
    expect(badge(page, "finished")).to_be_visible(timeout=120_000)
    assert epochs_of(own, run) == list(range(1, 61)), "the curve has gaps or doubles"
    assert any(message.startswith("resumed") for _, message in Store(Settings(home=own.home)).events(run))

    train(page, own.url, SHORT)
    expect(badge(page, "finished")).to_be_visible(timeout=60_000)


def test_a_killed_app_leaves_no_process_and_a_resumable_run(own, page: Page):
    run = train(page, own.url, RUN).split("run=")[1]
    until(checkpointed(own, run), 30, "a checkpoint is written")
    page.goto(build_link(own.url, SHORT))
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url("**/train?run=*")
    waiting = page.url.split("run=")[1]
    family = own.family()
    assert len(family) >= 3, "web, engine and worker are expected"
    own.kill()
    until(lambda: not any(map(running, family)), 20, "every process of the app has ended")

    own.start()
    page.goto(f"{own.url}/train?run={run}")
    expect(badge(page, "lost")).to_be_visible()
    store = Store(Settings(home=own.home))
    until(lambda: store.run(waiting).state == "finished", 90, "what waited runs in the new app")
    # The visitor's cookie says that it is the same browser, so the run is still theirs.
    page.get_by_role("button", name="Resume").click()
    expect(badge(page, "finished")).to_be_visible(timeout=150_000)
    assert epochs_of(own, run) == list(range(1, 61))
