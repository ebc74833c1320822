"""A Piper voice of 1.5 kB that hums: half a second of 220 Hz, whatever is said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

RATE = 16_000
PHONEMES = [*range(0x20, 0x7F), 0xE6, 0xF0, 0x14B, *range(0x250, 0x2B0), 0x2C8, 0x2CC, 0x2D0, 0x3B8]
"""Code points of the signs that espeak-ng writes."""


def write_voice(folder: Path, name: str) -> Path:
    """Write `NAME.onnx` and its configuration; returns the model's path."""
    wave = np.sin(2 * np.pi * 220 * np.arange(RATE // 2) / RATE).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Constant", [], ["hum"], value=numpy_helper.from_array(
                (0.3 * wave[:256]).reshape(1, 1, 1, -1), "hum")),
            helper.make_node("Constant", [], ["times"], value=numpy_helper.from_array(
                np.array([1, 1, 1, 32], dtype=np.int64), "times")),
            helper.make_node("Tile", ["hum", "times"], ["output"]),
        ],
        name,
        [
            helper.make_tensor_value_info("input", TensorProto.INT64, [1, "phonemes"]),
            helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
            helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        ],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "time"])],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    path = folder / f"{name}.onnx"
    save(model, str(path))
    config = {
        "audio": {"sample_rate": RATE, "quality": "low"},
        "espeak": {"voice": "en-us"},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "num_symbols": 256,
        "num_speakers": 1,
        "speaker_id_map": {},
        "phoneme_id_map": {chr(sign): [number] for number, sign in enumerate(PHONEMES)},
    }
    path.with_name(path.name + ".json").write_text(json.dumps(config), encoding="utf-8")
    return path
