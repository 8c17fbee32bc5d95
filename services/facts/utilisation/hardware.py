"""What types of GPU can do, from their makers' data sheets."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GpuType:
    """A type of GPU.

    Attributes
    ----------
    sku
        As the price catalogue calls it.
    memory_gb
        In gigabytes.
    tflops
        Dense half-precision tensor operations a second, in 10^12; without sparsity.
    gb_per_second
        Bandwidth of its memory.
    """

    sku: str
    memory_gb: float
    tflops: float
    gb_per_second: float


TYPES = (
    GpuType("gpu:t4", 16, 65, 320),
    GpuType("gpu:l4", 24, 121, 300),
    GpuType("gpu:a10g", 24, 70, 600),
    GpuType("gpu:v100", 16, 125, 900),
    GpuType("gpu:a100", 40, 312, 1_555),
    GpuType("gpu:a100-80gb", 80, 312, 2_039),
    GpuType("gpu:l40s", 48, 362, 864),
    GpuType("gpu:h100", 80, 989, 3_350),
    GpuType("gpu:h200", 141, 989, 4_800),
)
SOURCE = "NVIDIA data sheets of each product, SXM form where there are several, read November 2026"
BY_SKU = {each.sku: each for each in TYPES}


def known(sku: str) -> GpuType | None:
    """Return what a type can do; None where no data sheet of it was read.

    Notes
    -----
    Longer names are the same type in another form: ``gpu:a100-sxm4`` is an A100; the 80 GB form is a
    type of its own.
    """
    if sku in BY_SKU:
        return BY_SKU[sku]
    if sku.startswith("gpu:a100") and "80gb" in sku:
        return BY_SKU["gpu:a100-80gb"]
    begun = [each for each in TYPES if sku.startswith(f"{each.sku}-")]
    return max(begun, key=lambda each: len(each.sku), default=None)
