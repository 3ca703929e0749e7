"""A fine-tuned model as a folder that transformers and `gaupt export` load."""

import copy
from dataclasses import replace
from pathlib import Path

from gaupt.checkpoint.finetuned import FineTuned
from gaupt.errors import GauptError
from gaupt.evaluation.data import TaskData
from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.kinds.table import KINDS
from gaupt.evaluation.network import Network
from gaupt.evaluation.tasks.task import Kind
from gaupt.exporting.hf import write_finetuned
from gaupt.files import new_folder

CLASSES: dict[Kind, str] = {
    "classification": "GauptForSequenceClassification",
    "pair": "GauptForSequenceClassification",
    "choice": "GauptForMultipleChoice",
    "spans": "GauptForTokenClassification",
    "reading": "GauptForQuestionAnswering",
}


def check_saveable(encoder: Encoder) -> None:
    """Refuse what cannot be saved as a model of the family.

    Raises:
        GauptError: a model of transformers.
    """
    if encoder.ours is None:
        raise GauptError(
            f"--save keeps models of gaupt's; {encoder.name} is one of transformers, leave it out"
        )


def save_network(folder: Path, network: Network, encoder: Encoder, data: TaskData) -> None:
    """Write the fine-tuned ``network`` to ``folder``, labels and all."""
    assert encoder.ours is not None
    model = copy.deepcopy(encoder.ours.model)
    model.encoder.load_state_dict(network.encoder.state_dict())
    head = FineTuned(
        architecture=CLASSES[data.task.kind],
        labels=KINDS[data.task.kind].outputs(data.labels),
        weights={name: tensor.detach().cpu() for name, tensor in network.classifier.state_dict().items()},
        pooling=network.pooling,
    )
    loaded = replace(encoder.ours, model=model, finetuned=head)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with new_folder(folder) as temporary:
        write_finetuned(temporary, loaded, encoder.source.name, data.task.name)
