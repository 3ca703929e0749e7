"""TensorFlow checkpoints, read without TensorFlow."""

import random
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file

from gaupt.checkpoint.load import load_model
from gaupt.errors import GauptError
from gaupt.importing.importer import import_checkpoint
from gaupt.importing.tensor_bundle import _masked_crc32c, read_bundle
from tests.exporting.folders import QUIET, write_vocabulary
from tests.importing.bundle_writer import field, message, table, write_bundle

NAMES = {
    "embeddings.word_embeddings.weight": "bert/embeddings/word_embeddings",
    "embeddings.token_type_embeddings.weight": "bert/embeddings/token_type_embeddings",
}
PARTS = {
    "i_dense.weight": "i_dense/kernel",
    "o_dense.weight": "o_dense/kernel",
    "q_scaleoffset.weight": "q_scaleoffset/gamma",
    "k_scaleoffset.weight": "k_scaleoffset/gamma",
}


def variables(weights: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    """The variables of bert4keras' GAU-α that hold the tensors of its torch port."""
    found = {}
    for name, tensor in weights.items():
        name = name.removeprefix("gau_alpha.")
        if name in NAMES:
            found[NAMES[name]] = tensor.numpy()
        elif name.startswith("encoder.layer."):
            layer, part = name.removeprefix("encoder.layer.").split(".gau.")
            array = tensor.numpy()
            kernel = PARTS[part].endswith("kernel")
            found[f"GAU_alpha/encoder/layer_{layer}/gau/{PARTS[part]}"] = (
                array.T if kernel else array
            ).copy()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("case", ["gau_alpha_0_softmax_plus_pad", "gau_alpha_1_softmax_plus"])
def test_the_tensorflow_checkpoint_of_gau_alpha_gives_the_references_logits(
    shared: Path, tmp_path: Path, case: str
) -> None:
    weights = load_file(shared / "parity" / case / "model.safetensors")
    folder = write_vocabulary(tmp_path / "tf", weights["cls.predictions.decoder.weight"].shape[0])
    optimizer = {
        "global_step": np.array(9, np.int64),
        "GAU_alpha/encoder/layer_0/gau/i_dense/kernel/lamb_m": np.ones(3),
    }
    write_bundle(folder / "bert_model.ckpt", variables(weights) | optimizer, shards=2)
    import_checkpoint(folder, tmp_path / "out", progress=QUIET)
    io = load_file(shared / "parity" / case / "io.safetensors")
    with torch.inference_mode():
        logits = load_model(tmp_path / "out").model(
            io["input_ids"], io["attention_mask"], io["token_type_ids"]
        )
    real = io["attention_mask"].bool()
    assert (logits - io["logits"])[real].abs().max() < 1e-5 * io["logits"][real].abs().max()


def test_both_layouts_give_the_same_checkpoint(public: Path, tmp_path: Path) -> None:
    public = public.rename(tmp_path / "hf")
    tensorflow = write_vocabulary(tmp_path / "tf", 40)
    write_bundle(tensorflow / "bert_model.ckpt", variables(load_file(public / "model.safetensors")))
    for source in (public, tensorflow):
        import_checkpoint(source, tmp_path / f"{source.name}-out", progress=QUIET)
    weights = [(tmp_path / f"{name}-out" / "model.safetensors").read_bytes() for name in ("hf", "tf")]
    assert weights[0] == weights[1]


@pytest.mark.slow
@settings(max_examples=30)
@given(
    shapes=st.dictionaries(
        st.text(min_size=1, max_size=12), st.lists(st.integers(0, 4), max_size=3), min_size=1
    ),
    shards=st.integers(1, 3),
)
def test_what_is_written_is_read(
    shapes: dict[str, list[int]], shards: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    generator = np.random.default_rng(0)
    tensors = {name: generator.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    tensors = {name: np.asarray(tensor) for name, tensor in tensors.items()}
    prefix = tmp_path_factory.mktemp("bundle") / "model.ckpt"
    write_bundle(prefix, tensors, shards)
    read = read_bundle(prefix.with_name("model.ckpt.index"))
    assert read.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert np.array_equal(read[name].numpy(), tensor) and read[name].shape == tensor.shape


def test_the_checksum_is_crc32c() -> None:
    # The check value of CRC-32C is 0xE3069283; LevelDB rotates it by 15 and adds a constant.
    assert _masked_crc32c(b"123456789") == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A folder with a checkpoint of twenty small tensors."""
    write_bundle(
        tmp_path / "model.ckpt", {f"variable/{i}": np.full((3, i), i, np.float32) for i in range(20)}
    )
    return tmp_path


def test_every_flipped_bit_of_the_index_is_found(bundle: Path) -> None:
    index = bundle / "model.ckpt.index"
    data = index.read_bytes()
    whole = read_bundle(index)
    for place in range(0, len(data), 7):
        index.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        try:
            read = read_bundle(index)
        except GauptError:
            continue
        # The empty metaindex and the padding of the footer hold nothing.
        assert all(torch.equal(read[name], tensor) for name, tensor in whole.items())


@pytest.mark.parametrize("length", [0, 10, 47, 100])
def test_a_cut_index_is_damaged(bundle: Path, length: int) -> None:
    index = bundle / "model.ckpt.index"
    index.write_bytes(index.read_bytes()[:length])
    with pytest.raises(GauptError, match=r"model\.ckpt\.index is damaged"):
        read_bundle(index)


def test_cut_and_missing_data(bundle: Path) -> None:
    data = bundle / "model.ckpt.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:-1])
    with pytest.raises(GauptError, match="is cut off: variable/9"):
        read_bundle(bundle / "model.ckpt.index")
    data.unlink()
    with pytest.raises(GauptError, match=r"cannot read .*data-00000"):
        read_bundle(bundle / "model.ckpt.index")


def test_several_checkpoints_in_a_folder_are_refused(bundle: Path, tmp_path: Path) -> None:
    shutil.copy(bundle / "model.ckpt.index", bundle / "model.ckpt-2.index")
    with pytest.raises(
        GauptError, match=r"several TensorFlow checkpoints \(model\.ckpt-2\.index, model\.ckpt\.index"
    ):
        import_checkpoint(bundle, tmp_path / "out", progress=QUIET)


def test_matrices_of_other_dimensions_are_refused(public: Path, tmp_path: Path) -> None:
    folder = write_vocabulary(tmp_path / "tf", 40)
    tensors = variables(load_file(public / "model.safetensors"))
    tensors["bert/embeddings/word_embeddings"] = tensors["bert/embeddings/word_embeddings"].ravel()
    write_bundle(folder / "bert_model.ckpt", tensors)
    with pytest.raises(GauptError, match="its matrices have other dimensions"):
        import_checkpoint(folder, tmp_path / "out", progress=QUIET)


def test_a_checkpoint_of_another_model_is_refused(tmp_path: Path) -> None:
    folder = write_vocabulary(tmp_path / "bert", 30)
    write_bundle(
        folder / "bert_model.ckpt", {"bert/embeddings/word_embeddings": np.zeros((30, 8), np.float32)}
    )
    with pytest.raises(GauptError, match="is not a checkpoint of GAU-α"):
        import_checkpoint(folder, tmp_path / "out", progress=QUIET)
    shutil.rmtree(folder)


def resealed(data: bytes, place: int, value: int) -> bytes:
    """The index with another byte, and the checksums of its blocks made anew."""
    changed = bytearray(data)
    changed[place] = value
    for offset, size in blocks(data):
        stored = struct.pack("<I", _masked_crc32c(bytes(changed[offset : offset + size + 1])))
        changed[offset + size + 1 : offset + size + 5] = stored
    return bytes(changed)


def blocks(data: bytes) -> list[tuple[int, int]]:
    """The blocks of an index, which are found by their checksums."""
    found, start = [], 0
    for end in range(1, len(data) - 3):
        if struct.unpack("<I", data[end : end + 4])[0] == _masked_crc32c(data[start:end]):
            found.append((start, end - 1 - start))
            start = end + 4
    return found


@pytest.mark.slow
@pytest.mark.untraced
def test_an_index_that_lies_is_read_or_refused(tmp_path: Path) -> None:
    write_bundle(tmp_path / "m", {f"v/{i}": np.full((3, i), i, np.float32) for i in range(1, 7)})
    index = tmp_path / "m.index"
    data = index.read_bytes()
    assert len(blocks(data)) == 4
    draw = random.Random(0)
    for place in range(len(data) - 8):
        for value in (0xFF, draw.randrange(256)):
            index.write_bytes(resealed(data, place, value))
            try:
                read_bundle(index)
            except GauptError as error:
                assert str(tmp_path / "m") in str(error)


@pytest.mark.parametrize("size", [10**15, 2**63 - 1])
def test_more_bytes_than_there_are_are_not_asked_for(size: int, tmp_path: Path) -> None:
    value = field(1, 2) + message(2, message(2, field(1, size // 8))) + field(5, size // 8 * 8)
    (tmp_path / "m.index").write_bytes(table([(b"", field(1, 1)), (b"v", value)]))
    (tmp_path / "m.data-00000-of-00001").write_bytes(b"12345678")
    with pytest.raises(GauptError, match="is cut off: v is not all there"):
        read_bundle(tmp_path / "m.index")


def test_a_number_without_an_end_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "m.index").write_bytes(table([(b"", b"\x08" + b"\xff" * 100_000)]))
    with pytest.raises(GauptError, match="a number of more than 64 bits"):
        read_bundle(tmp_path / "m.index")
