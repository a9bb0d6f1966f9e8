"""A model's weights in single precision, so that llama.cpp computes with them without quantizing activations."""

import os
from pathlib import Path

import numpy as np
from gguf import GGUFReader, GGUFValueType, GGUFWriter, dequantize


def expanded(path: str) -> str:
    """The path of the expanded model beside the quantized one, MODEL.f32.gguf; written unless it is there."""
    source = Path(path)
    target = source.with_suffix(".f32.gguf")
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return str(target)
    partial = target.with_suffix(f".{os.getpid()}.partial")
    try:
        write(GGUFReader(path), partial)
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)
    return str(target)


def write(reader: GGUFReader, target: Path):
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
        writer.add_tensor(tensor.name, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
