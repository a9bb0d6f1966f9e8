"""A model's weights without their quantization, in single precision or with matrices of BF16."""

import os
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, dequantize, quantize

F32 = GGMLQuantizationType.F32
BF16 = GGMLQuantizationType.BF16


def expanded(path: str) -> str:
    """The path of the model in single precision beside the quantized one, MODEL.f32.gguf."""
    return str(ensured(Path(path), Path(path).with_suffix(".f32.gguf"), F32))


def ensured(source: Path, target: Path, matrix_type: GGMLQuantizationType, change=None) -> Path:
    """Writes `target` unless it is there and no older than `source`; `change` is as in `write`."""
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return target
    partial = target.with_suffix(f".{os.getpid()}.partial")
    try:
        write(GGUFReader(source), partial, matrix_type, change)
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def write(reader: GGUFReader, target: Path, matrix_type: GGMLQuantizationType, change=None):
    """Norms and biases stay in single precision; the metadata is copied as it is.

    What `change` makes of a tensor's name and numbers is stored, if it is given.
    """
    writer = GGUFWriter(str(target), reader.fields["general.architecture"].contents())
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        kind = field.types[0]
        items = field.types[-1] if kind == GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), kind, sub_type=items)
    for tensor in reader.tensors:
        # Shapes are stored innermost first.
        shape = [int(size) for size in reversed(tensor.shape)]
        weights = dequantize(tensor.data, tensor.tensor_type).astype(np.float32).reshape(shape)
        if change:
            weights = change(tensor.name, weights)
        stored = matrix_type if len(shape) > 1 else F32
        writer.add_tensor(tensor.name, quantize(weights, stored), raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
