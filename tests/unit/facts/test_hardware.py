"""What runs say they ran on, and what they are charged by."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from services.facts.cost import hardware, running
from services.facts.cost.hardware import Hardware, Place
from services.facts.cost.running import RunTime
from services.facts.cost.types import Allocation, Bearer, CostKind, Method
from services.kernel.money import Money, Rate

AT = datetime(2026, 3, 14, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOLD = {
    "cpu": Rate("p1", "cpu", "cpu-hour", Money("USD", 40_000)),
    "memory": Rate("p2", "memory", "gb-hour", Money("USD", 5_000)),
    "p4d.24xlarge": Rate("p3", "p4d.24xlarge", "instance-hour", Money("USD", 32_772_600)),
}


def prices(sku: str, place: Place) -> Rate | None:
    del place
    return SOLD.get(sku)


def run(said: Hardware, **more: object) -> RunTime:
    return RunTime("r1", CostKind.TRAINING, Bearer(run_id="r1"), said, AT, AT + 2 * HOUR, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tags", "instance", "provider", "count"),
    [
        ({"countersign.instance_type": "P4D.24xlarge", "instance_type": "other"}, "p4d.24xlarge", "", 1),
        ({"aws_instance_type": "g5.xlarge", "instances": "4"}, "g5.xlarge", "aws", 4),
        ({"gcp_machine_type": "a2-highgpu-1g"}, "a2-highgpu-1g", "gcp", 1),
        ({"azure_vm_size": "Standard_NC24", "countersign.provider": "Other"}, "standard_nc24", "other", 1),
        ({hardware.CLUSTER: json.dumps({"node_type_id": "Standard_DS3_v2", "num_workers": 8})},
         "standard_ds3_v2", "", 9),
        ({hardware.CLUSTER: json.dumps({"node_type_id": "i3.xlarge", "num_workers": 0})}, "i3.xlarge", "", 1),
    ],
)  # fmt: skip
def test_a_type_of_instance_is_found_under_the_names_people_give_it(
    tags: dict[str, str], instance: str, provider: str, count: int
) -> None:
    found = hardware.read(tags)
    assert (found.instance, found.place.provider, found.count) == (instance, provider, count)
    assert found.is_said


def test_samples_tell_how_many_gpus_there_were_and_not_which() -> None:
    metrics = {
        "system/gpu_0_utilization_percentage": 1.0, "system/gpu_0_power_usage_watts": 70.0,
        "system/node-1/gpu_0_utilization_percentage": 1.0, "system/cpu_utilization_percentage": 4.0,
    }  # fmt: skip
    found = hardware.read({}, metrics)
    assert found.parts == Allocation(0, 0, 2, "")
    [line] = running.charge(run(found), prices)
    assert (line.use.sku, line.use.quantity, line.amount) == ("gpu", 4, None)


@pytest.mark.parametrize("said", ["-4", "many", "NaN", "1e300", "Infinity"])
def test_what_cannot_be_a_number_is_said_so_and_never_charged(said: str) -> None:
    found = hardware.read({"countersign.cpus": said, "countersign.term": "lease"})
    assert found.unread == ("countersign.cpus", "countersign.term")
    assert not found.is_said
    assert hardware.read({hardware.CLUSTER: "{"}).unread == (hardware.CLUSTER,)


def test_hours_times_instances_cost_what_the_catalogue_says() -> None:
    said = hardware.read({"instance_type": "p4d.24xlarge", "instances": "2", "cpus": "96"})
    [line] = running.charge(run(said), prices)
    assert line.amount == Money("USD", 4 * 32_772_600)
    assert (line.method, line.price_id, line.use.unit) == (Method.DECLARED, "p3", "instance-hour")
    drawn = running.drawn(run(said), [line], Decimal(1), None)
    assert drawn is not None
    assert drawn[0] == Decimal("0.672")  # 96 processors, 3.5 W each, two hours


def test_only_parts_that_were_said_are_charged() -> None:
    found = hardware.read({"countersign.gpus": "1", "countersign.gpu_type": "H100"})
    assert [each.use.sku for each in running.charge(run(found), prices)] == ["gpu:h100"]
    found = hardware.read({"countersign.cpus": "4", "countersign.memory_gb": "16"})
    assert [each.amount for each in running.charge(run(found), prices)] == [
        Money("USD", 320_000), Money("USD", 160_000),
    ]  # fmt: skip


def test_what_a_process_used_is_charged_where_nobody_says_what_it_ran_on() -> None:
    used = run(Hardware(), cpu_seconds=Decimal(1800), peak_memory_gb=Decimal("0.5"))
    cpu, memory = running.charge(used, prices)
    assert (cpu.use.quantity, cpu.amount, cpu.method) == (Decimal("0.5"), Money("USD", 20_000), Method.PROCESS)  # fmt: skip
    assert memory.use.quantity == 1
    drawn = running.drawn(used, (cpu, memory), None, None)
    assert drawn is not None
    assert drawn[0] == Decimal("0.002142")  # half an hour at 3.5 W, and an hour of a GB


def test_a_run_that_says_nothing_is_unpriced_and_keeps_its_hours() -> None:
    [line] = running.charge(run(Hardware()), prices)
    assert (line.amount, line.use.unit, line.use.quantity) == (None, "run-hour", 2)
    assert running.drawn(run(Hardware()), [line], None, None) is None


def test_measured_energy_goes_before_declared_and_declared_before_estimated() -> None:
    said = hardware.read({"instance_type": "p4d.24xlarge", "countersign.power_watts": "3000"})
    lines = running.charge(run(said), prices)
    assert running.drawn(run(said), lines, None, Decimal(5)) == (5, "measured by the GPUs")
    assert running.drawn(run(said), lines, None, None) == (6, "estimated: declared power")


@pytest.mark.parametrize(
    ("covered", "hours"),
    [
        ((), 2),
        ([(0, 2)], 0),
        ([(-5, 1)], 1),
        ([(0.5, 1), (0.75, 1.5)], 1),
        ([(1.5, 9), (-3, 0.5)], 1),
        ([(5, 6)], 2),
    ],
)
def test_time_that_another_run_pays_for_is_left_out(
    covered: list[tuple[float, float]], hours: float
) -> None:
    stretches = [(AT + a * HOUR, AT + b * HOUR) for a, b in covered]
    assert running.uncovered((AT, AT + 2 * HOUR), stretches) == Decimal(str(hours * 3600))
