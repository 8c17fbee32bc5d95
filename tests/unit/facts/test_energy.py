"""Energy of hours that no device measured."""

from dataclasses import replace
from decimal import Decimal

import pytest

from services.facts.cost import energy, rules
from services.facts.cost.types import Allocation
from services.kernel.emission import GridRate
from tests.unit.facts.test_cost import ATTEMPT, RATES

LINES = rules.of_attempt(replace(ATTEMPT, allocation=Allocation(4, 16)), RATES)
"""Half an hour of four processors and 16 GB."""


def test_half_used_processors_draw_half_way_between_idle_and_full() -> None:
    """4 x 0.5 h x (0.74 + 0.5 x 2.76) W + 16 x 0.5 h x 0.392 W = 7.376 Wh."""
    assert energy.estimated(LINES) == (Decimal("0.007376"), energy.SOURCE)
    full = energy.estimated(LINES, Decimal(1))
    assert full is not None
    assert full[0] == Decimal("0.010136")


def test_a_gpu_draws_its_board_power_while_it_is_used() -> None:
    lines = rules.of_attempt(ATTEMPT, RATES)
    idle, busy = (energy.estimated(lines, None, Decimal(share)) for share in (0, 1))
    assert idle is not None
    assert busy is not None
    assert busy[0] - idle[0] == Decimal("0.7")  # two H100 for half an hour
    assert busy[1] == energy.SOURCE_GPU
    assert energy.watts("NVIDIA H100 80GB HBM3") == 700
    assert energy.watts("A100-SXM4-80GB") == 400


def test_what_nobody_knows_the_power_of_is_unknown_and_never_nothing() -> None:
    odd = replace(ATTEMPT, allocation=Allocation(4, 16, 1, "Gaudi 3"))
    lines = rules.of_attempt(odd, RATES)
    assert energy.estimated(lines) is None
    assert energy.noted(lines, None, None) == lines
    assert energy.estimated(()) is None


@pytest.mark.parametrize("grid", [None, GridRate("g", "DE", Decimal("0.381"), sample=True)])
def test_energy_and_what_it_emits_stand_once_on_the_first_line(grid: GridRate | None) -> None:
    first, second = energy.noted(LINES, (Decimal(2), energy.SOURCE), grid)
    assert (first.kwh, first.kwh_source, second.kwh) == (2, energy.SOURCE, None)
    assert (first.kg, first.grid_id) == ((Decimal("0.762"), "g") if grid else (None, ""))
    assert first.amount == LINES[0].amount


def test_at_most_is_what_all_of_it_draws_while_it_works() -> None:
    """4 x 3.5 W + 16 x 0.392 W = 20.272 W, and two H100 at 700 W each."""
    assert energy.at_most(Allocation(4, 16)) == (Decimal("20.272"), energy.SOURCE)
    assert energy.at_most(Allocation(4, 16, 2, "H100")) == (Decimal("1420.272"), energy.SOURCE_GPU)
    assert energy.at_most(Allocation(4, 16, 1, "Gaudi 3")) is None
