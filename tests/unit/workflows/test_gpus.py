"""Which GPUs there are, and what they say of themselves."""

from types import SimpleNamespace

import pynvml
import pytest

from services.workflows.engine.local import gpus, nvml_adapter
from services.workflows.engine.local.gpus import detect, listed


def test_gpus_are_read_from_the_list_of_the_tool() -> None:
    text = (
        "GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-0e5a3f6e-8d5c-0f5a-9b5e-1f6a3b2c1d0e)\n"
        "  MIG 1g.10gb     Device  0: (UUID: MIG-8d5c)\n"
        "GPU 10: Tesla T4 (UUID: GPU-7c1d)\n"
    )
    assert listed(text) == {0: "NVIDIA H100 80GB HBM3", 10: "Tesla T4"}
    assert listed("No devices were found\n") == {}


def test_places_are_pretended_only_where_a_test_says_so() -> None:
    assert detect({"COUNTERSIGN_TEST_GPUS": "2"}) == {0: "test", 1: "test"}
    assert detect({"COUNTERSIGN_TEST_GPUS": "1:H100"}) == {0: "H100"}
    assert detect({"COUNTERSIGN_TEST_GPUS": "0"}) == {}


class Driver:
    """Stands in for the driver: two GPUs, of which the second may have fallen off its bus."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, is_there: bool = True) -> None:
        self.is_there = is_there
        self.has_fallen_off = False
        for name, asked in {
            "nvmlInit": self.begin,
            "nvmlShutdown": self.end,
            "nvmlDeviceGetCount": self.count,
            "nvmlDeviceGetHandleByIndex": self.handle,
            "nvmlDeviceGetName": self.name,
            "nvmlDeviceGetMemoryInfo": self.memory,
            "nvmlDeviceGetUtilizationRates": self.rates,
            "nvmlDeviceGetPowerUsage": self.power,
        }.items():
            assert callable(getattr(pynvml, name))
            monkeypatch.setattr(pynvml, name, asked)

    def begin(self) -> None:
        if not self.is_there:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)

    def end(self) -> None:
        assert self.is_there

    def count(self) -> int:
        return 2

    def handle(self, index: int) -> int:
        if index == 1 and self.has_fallen_off:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_GPU_IS_LOST)
        return index

    def name(self, handle: int) -> str | bytes:
        return b"NVIDIA A" if handle == 0 else "NVIDIA B"

    def memory(self, handle: int) -> SimpleNamespace:
        return SimpleNamespace(used=(handle + 1) * 1024**2, total=8 * 1024**3)

    def rates(self, handle: int) -> SimpleNamespace:
        return SimpleNamespace(gpu=40 + handle, memory=3)

    def power(self, handle: int) -> int:
        if handle == 1:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)
        return 125_500


def test_a_gpu_says_what_it_says_and_the_rest_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver(monkeypatch)
    assert nvml_adapter.names() == {0: "NVIDIA A", 1: "NVIDIA B"}
    look = nvml_adapter.eyes([0, 1])
    assert look() == [
        {
            "index": 0, "name": "NVIDIA A", "busy": 0.4, "memory_mb": 1.0, "memory_total_mb": 8192.0,
            "power_watts": 125.5,
        },
        {
            "index": 1, "name": "NVIDIA B", "busy": 0.41, "memory_mb": 2.0, "memory_total_mb": 8192.0,
            "power_watts": None,
        },
    ]  # fmt: skip
    driver.has_fallen_off = True
    assert [each["index"] for each in look()] == [0]


def test_a_driver_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    gpus._found.cache_clear()
    driver = Driver(monkeypatch)
    assert detect({}) == {0: "NVIDIA A", 1: "NVIDIA B"}
    driver.is_there = False
    detect({}).clear()
    assert detect({}) == {0: "NVIDIA A", 1: "NVIDIA B"}
    gpus._found.cache_clear()


def test_without_a_driver_there_are_no_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    Driver(monkeypatch, is_there=False)
    assert nvml_adapter.names() == {}
    assert nvml_adapter.eyes([0])() == []
