"""The few calls of TensorFlow Lite's C interface that wake words need.

Both wake word packages carry the same library; one copy is loaded for both. Its function names
and shapes are TensorFlow's `tensorflow/lite/c/c_api.h` (2.17).
"""

from __future__ import annotations

import ctypes
from ctypes import c_char_p, c_float, c_int, c_int32, c_size_t, c_void_p
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .models import MICRO_PACKAGE, OPEN_PACKAGE, ModelError, package_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

_TYPES: dict[int, type[np.generic]] = {1: np.float32, 3: np.uint8, 9: np.int8}
_IDENTIFIER = b"TFL3"


class _Quantization(ctypes.Structure):
    _fields_ = (("scale", c_float), ("zero_point", c_int32))


@cache
def _library() -> Any:
    for package in (MICRO_PACKAGE, OPEN_PACKAGE):
        folder = package_folder(package)
        for file in sorted(folder.glob("lib/*tensorflowlite_c.*")) if folder else ():
            return _declare(ctypes.CDLL(str(file)))
    raise ModelError(Path("libtensorflowlite_c.so"), "not installed; reinstall pymicro-wakeword")


def _declare(lib: Any) -> Any:
    for name, result, arguments in (
        ("TfLiteModelCreateFromFile", c_void_p, [c_char_p]),
        ("TfLiteModelDelete", None, [c_void_p]),
        ("TfLiteInterpreterOptionsCreate", c_void_p, []),
        ("TfLiteInterpreterOptionsDelete", None, [c_void_p]),
        ("TfLiteInterpreterOptionsSetNumThreads", None, [c_void_p, c_int32]),
        ("TfLiteInterpreterOptionsAddDelegate", None, [c_void_p, c_void_p]),
        ("TfLiteXNNPackDelegateCreate", c_void_p, [c_void_p]),
        ("TfLiteXNNPackDelegateDelete", None, [c_void_p]),
        ("TfLiteInterpreterCreate", c_void_p, [c_void_p, c_void_p]),
        ("TfLiteInterpreterDelete", None, [c_void_p]),
        (
            "TfLiteInterpreterResizeInputTensor",
            c_int,
            [c_void_p, c_int32, ctypes.POINTER(c_int), c_int32],
        ),
        ("TfLiteInterpreterAllocateTensors", c_int, [c_void_p]),
        ("TfLiteInterpreterInvoke", c_int, [c_void_p]),
        ("TfLiteInterpreterResetVariableTensors", c_int, [c_void_p]),
        ("TfLiteInterpreterGetInputTensor", c_void_p, [c_void_p, c_int32]),
        ("TfLiteInterpreterGetOutputTensor", c_void_p, [c_void_p, c_int32]),
        ("TfLiteTensorType", c_int, [c_void_p]),
        ("TfLiteTensorNumDims", c_int32, [c_void_p]),
        ("TfLiteTensorDim", c_int32, [c_void_p, c_int32]),
        ("TfLiteTensorByteSize", c_size_t, [c_void_p]),
        ("TfLiteTensorData", c_void_p, [c_void_p]),
        ("TfLiteTensorQuantizationParams", _Quantization, [c_void_p]),
    ):
        function = getattr(lib, name)
        function.restype = result
        function.argtypes = arguments
    return lib


class Interpreter:
    """One loaded model: write `input`, call `invoke()`, read `output` (views into its memory).

    `shape` replaces the model's own input shape. `fast` adds the XNNPACK delegate with one
    thread: 3 to 6 times less CPU for openWakeWord's spectrogram and embedding, equal scores; it
    keeps the weights a second time.
    Raises ModelError for a file that is not a usable model.
    """

    def __init__(
        self, path: Path, shape: Sequence[int] | None = None, *, fast: bool = False
    ) -> None:
        self._lib = lib = _library()
        self._invoke = lib.TfLiteInterpreterInvoke
        self._path = path
        self._model = self._interpreter = self._delegate = None
        _check_file(path)
        self._model = lib.TfLiteModelCreateFromFile(str(path).encode())
        if not self._model:
            raise ModelError(path, "not a TensorFlow Lite model")
        options = lib.TfLiteInterpreterOptionsCreate()
        lib.TfLiteInterpreterOptionsSetNumThreads(options, 1)
        if fast:
            self._delegate = lib.TfLiteXNNPackDelegateCreate(None)
            lib.TfLiteInterpreterOptionsAddDelegate(options, self._delegate)
        self._interpreter = lib.TfLiteInterpreterCreate(self._model, options)
        lib.TfLiteInterpreterOptionsDelete(options)
        if not self._interpreter:
            raise ModelError(path, "cannot be run here")
        if shape is not None:
            sizes = (c_int * len(shape))(*shape)
            status = lib.TfLiteInterpreterResizeInputTensor(self._interpreter, 0, sizes, len(shape))
            if status:
                raise ModelError(path, "does not take the input it should")
        if lib.TfLiteInterpreterAllocateTensors(self._interpreter):
            raise ModelError(path, "cannot be set up")
        self.input, self.input_scale = self._view(lib.TfLiteInterpreterGetInputTensor)
        if shape is not None:
            # A first run settles the output's shape. A model that remembers must not have one.
            self.input[...] = 0
            self.invoke()
        self.output, self.output_scale = self._view(lib.TfLiteInterpreterGetOutputTensor)

    def _view(self, get: Any) -> tuple[npt.NDArray[Any], tuple[float, int]]:
        lib = self._lib
        tensor = get(self._interpreter, 0)
        kind = _TYPES.get(lib.TfLiteTensorType(tensor)) if tensor else None
        address = lib.TfLiteTensorData(tensor) if tensor else None
        if kind is None or not address:
            raise ModelError(self._path, "has an input or output of an unknown type")
        shape = [lib.TfLiteTensorDim(tensor, n) for n in range(lib.TfLiteTensorNumDims(tensor))]
        memory = (ctypes.c_char * lib.TfLiteTensorByteSize(tensor)).from_address(address)
        scale = lib.TfLiteTensorQuantizationParams(tensor)
        return np.frombuffer(memory, dtype=kind).reshape(shape), (scale.scale, scale.zero_point)

    def invoke(self) -> None:
        """Run the model on what `input` holds."""
        if self._invoke(self._interpreter):
            raise ModelError(self._path, "fails when it is run")

    def reset(self) -> None:
        """Let a model that remembers forget what it was given."""
        if self._lib.TfLiteInterpreterResetVariableTensors(self._interpreter):
            raise ModelError(self._path, "cannot be set back")

    def __del__(self) -> None:
        if getattr(self, "_interpreter", None):
            self._lib.TfLiteInterpreterDelete(self._interpreter)
        if getattr(self, "_delegate", None):
            self._lib.TfLiteXNNPackDelegateDelete(self._delegate)
        if getattr(self, "_model", None):
            self._lib.TfLiteModelDelete(self._model)


def _check_file(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as err:
        raise ModelError(path, err.strerror or "cannot be read") from err
    if head[4:8] != _IDENTIFIER:
        raise ModelError(path, "not a TensorFlow Lite model")
