"""How an exported model is used, as its model card shows it: code for the class that it is of."""

from dataclasses import dataclass, replace

from gaupt.checkpoint.finetuned import CHOICE, READING, SEQUENCE, TOKENS
from gaupt.checkpoint.load import LoadedModel


@dataclass(frozen=True)
class Usage:
    """What a class of the exported code is for, and how to call it."""

    pipeline: str
    """The task's id on the Hugging Face Hub."""
    purpose: str
    """What it does, behind "fine-tuned to"."""
    code: str
    """Python lines that follow on the loading of ``tokenizer`` and ``model``."""
    auto_class: str
    """The class of transformers that loads it."""

    def shown(self, loader: tuple[str, str] | None = None) -> str:
        """The whole example, in Markdown. ``loader``: package and class that load the folder; None: the auto class."""
        package, name = loader or ("transformers", self.auto_class)
        imports = (
            [f"from transformers import {name}, AutoTokenizer"]
            if package == "transformers"
            else [f"from {package} import {name}", "from transformers import AutoTokenizer"]
        )
        return _FRAME.format(
            imports="\n".join(imports),
            name=name,
            trust="" if loader else ", trust_remote_code=True",
            code=self.code.strip(),
        )


_FRAME = """\
```python
import torch
{imports}

tokenizer = AutoTokenizer.from_pretrained("PATH"{trust})
model = {name}.from_pretrained("PATH"{trust}).eval()
{code}
```
"""
MASKED_LM = Usage(
    "fill-mask",
    "fill masks",
    """
inputs = tokenizer("今天[MASK]气很好。", return_tensors="pt")
with torch.no_grad():
    logits = model(**inputs).logits  # [texts, tokens, vocabulary]
masked = inputs["input_ids"] == tokenizer.mask_token_id
print(tokenizer.convert_ids_to_tokens(logits[masked].argmax(-1).tolist()))
""",
    "AutoModelForMaskedLM",
)
ENCODER = Usage(
    "feature-extraction",
    "give states of tokens",
    """
inputs = tokenizer("今天天气很好。", return_tensors="pt")
with torch.no_grad():
    states = model(**inputs).last_hidden_state  # [texts, tokens, hidden size]
""",
    "AutoModel",
)
LABELLING = Usage(
    "text-classification",
    "label a text or a pair of texts",
    """
inputs = tokenizer("今天天气很好。", return_tensors="pt")  # tokenizer(one, other, ...) for a pair
with torch.no_grad():
    scores = model(**inputs).logits.softmax(-1)  # [texts, labels]
print(model.config.id2label[int(scores[0].argmax())])
""",
    "AutoModelForSequenceClassification",
)
# By what their scores are for, as transformers calls it.
SEQUENCES = {
    "regression": replace(
        LABELLING,
        purpose="rate a text or a pair of texts",
        code="""
inputs = tokenizer("今天天气很好。", return_tensors="pt")  # tokenizer(one, other, ...) for a pair
with torch.no_grad():
    print(model(**inputs).logits[0].tolist())
""",
    ),
    "multi_label_classification": replace(
        LABELLING,
        purpose="say of each label whether it fits a text or a pair of texts",
        code="""
inputs = tokenizer("今天天气很好。", return_tensors="pt")  # tokenizer(one, other, ...) for a pair
with torch.no_grad():
    scores = model(**inputs).logits.sigmoid()  # [texts, labels]
print([label for place, label in model.config.id2label.items() if scores[0, place] > 0.5])
""",
    ),
}
OTHERS = {
    TOKENS: Usage(
        "token-classification",
        "label each token of a text",
        """
inputs = tokenizer("小明在北京工作。", return_tensors="pt")
with torch.no_grad():
    logits = model(**inputs).logits  # [texts, tokens, labels]
labels = [model.config.id2label[int(place)] for place in logits[0].argmax(-1)]
print(list(zip(inputs.tokens(), labels)))
""",
        "AutoModelForTokenClassification",
    ),
    READING: Usage(
        "question-answering",
        "find the answer to a question in a text",
        """
inputs = tokenizer("谁在北京工作？", "小明在北京工作。", return_tensors="pt")  # the question first
with torch.no_grad():
    output = model(**inputs)
start, end = int(output.start_logits.argmax()), int(output.end_logits.argmax())
print(tokenizer.decode(inputs["input_ids"][0, start : end + 1]))
""",
        "AutoModelForQuestionAnswering",
    ),
    CHOICE: Usage(
        "multiple-choice",
        "choose the best of several texts",
        """
choices = ["北京", "上海"]
inputs = tokenizer(
    ["小明在北京工作。"] * len(choices),
    [f"小明在哪里工作？[SEP]{choice}" for choice in choices],
    padding=True,
    return_tensors="pt",
)
with torch.no_grad():
    scores = model(**{name: rows[None] for name, rows in inputs.items()}).logits  # [texts, choices]
print(choices[int(scores[0].argmax())])
""",
        "AutoModelForMultipleChoice",
    ),
}
"""By the class of the exported code."""


def usage_of(loaded: LoadedModel) -> Usage:
    """How ``loaded`` is used once it is exported: with its head, or as an encoder where it has no trained one."""
    if loaded.finetuned is None:
        return ENCODER if loaded.new_head else MASKED_LM
    if loaded.finetuned.architecture == SEQUENCE:
        return SEQUENCES.get(loaded.finetuned.problem, LABELLING)
    return OTHERS[loaded.finetuned.architecture]
