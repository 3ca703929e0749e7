"""Our models against outputs of the public reference implementations (../shared/parity)."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from gaupt.files import read_json
from gaupt.importing.names import our_config
from gaupt.importing.weights import translate
from gaupt.model.family import masked_lm

GAU_ALPHA = [
    f"gau_alpha_{i}_{norm}{pad}"
    for i in (0, 1)
    for norm in ("softmax", "softmax_plus")
    for pad in ("", "_pad")
]
GAU_SEED = [
    f"gau_seed_{i}_{kind}"
    for i in (0, 1)
    for kind in ("softmax_plus_n", "softmax_plus_n_pad", "squared_relu_n2", "squared_relu_ns")
]
ROFORMER = [f"roformer_v{v}_{i}{pad}" for v in (1, 2) for i in (0, 1) for pad in ("", "_pad")]
MODEL_TYPES = {"gau_alpha": GAU_ALPHA, "gau": GAU_SEED, "roformer": ROFORMER}
CASES = [(case, kind) for kind, cases in MODEL_TYPES.items() for case in cases]


@pytest.mark.slow
@pytest.mark.parametrize(("case", "model_type"), CASES, ids=[case for case, _ in CASES])
def test_logits_equal_the_reference(shared: Path, case: str, model_type: str) -> None:
    folder = shared / "parity" / case
    config = our_config(read_json(folder / "config.json")["config"] | {"model_type": model_type})
    public = translate(config, load_file(folder / "model.safetensors"), case)
    model = masked_lm(public.config).eval()
    model.load_state_dict(dict(public.weights))
    io = load_file(folder / "io.safetensors")
    with torch.inference_mode():
        hidden = model.encode(io["input_ids"], io["attention_mask"], io["token_type_ids"])
        logits = model.logits(hidden)
    real = io["attention_mask"].bool()
    scale = io["logits"][real].abs().max()
    assert (logits - io["logits"])[real].abs().max() < 1e-5 * scale
    assert (hidden - io["last_hidden_state"])[real].abs().max() < 1e-5
