"""The Train page polls as often as all who watch can afford together."""

from __future__ import annotations

from pages.parts.pace import GONE, STEPS, Pace


class Machine:
    """Clocks that a test turns."""

    def __init__(self) -> None:
        self.now = self.used = 0.0
        self.pace = Pace(clock=lambda: self.now, processor=lambda: self.used)

    def watch(self, visitors: int, cost: float, times: int = 100) -> None:
        for _ in range(times):
            for visitor in range(visitors):
                with self.pace.drawing(str(visitor)):
                    self.used += cost


def test_one_who_watches_is_drawn_twice_a_second() -> None:
    machine = Machine()
    machine.watch(1, 0.03)
    assert machine.pace.interval() == STEPS[0] == 0.5


def test_many_are_drawn_less_often_so_that_the_processor_stays_free() -> None:
    machine = Machine()
    machine.watch(30, 0.02)
    interval = machine.pace.interval()
    assert 30 * 0.02 / interval <= 0.35
    assert interval == 2.0
    machine.watch(30, 10.0)
    assert machine.pace.interval() == STEPS[-1]


def test_who_has_left_counts_no_more() -> None:
    machine = Machine()
    machine.watch(30, 0.02)
    machine.now += GONE + 1
    machine.watch(1, 0.02, times=1)
    assert machine.pace.interval(2.0) == 0.5


def test_at_a_limit_the_pace_stays() -> None:
    machine = Machine()
    machine.watch(10, 0.0174)  # needs 0.497 s
    assert machine.pace.interval(0.5) == 0.5
    assert machine.pace.interval(1.0) == 1.0
