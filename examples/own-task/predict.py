"""The topics of some sentences, by transformers alone: gaupt is not needed here."""

import sys

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

SENTENCES = ["明天有雨，记得带伞。", "这碗面的汤很鲜。", "去火车站坐几路车？"]


def main(folder: str) -> None:
    """Print each sentence with the likeliest topic."""
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
    model = AutoModelForSequenceClassification.from_pretrained(folder, trust_remote_code=True).eval()
    with torch.inference_mode():
        shares = model(**tokenizer(SENTENCES, padding=True, return_tensors="pt")).logits.softmax(-1)
    for sentence, share in zip(SENTENCES, shares, strict=True):
        print(f"{model.config.id2label[int(share.argmax())]} {share.max():.0%}  {sentence}")


if __name__ == "__main__":
    main(sys.argv[1])
