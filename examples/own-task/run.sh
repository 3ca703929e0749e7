#!/usr/bin/env bash
# A task of one's own, from its TOML file to a classifier for transformers. Usage: run.sh [FOLDER]
# STEPS and PRESET make the model larger.
set -euo pipefail

example=$(cd "$(dirname "$0")" && pwd)
data=$example/../../data
folder=${1:-own-task}
preset=${PRESET:-tiny} steps=${STEPS:-150}

mkdir -p "$folder"
cd "$folder"

# A model. Yours may be any run, exported folder or encoder of transformers.
gaupt prepare "$data/documents" -o prepared
gaupt pretrain prepared -o run --preset "$preset" --steps "$steps" --set train.batch_tokens=1024

# A probe takes seconds and has nothing to tune; beside it stand random weights, character n-grams and the majority.
gaupt evaluate run --task "$example/topics.toml" --data "$data/tasks" -o probed --probe

# Fine-tuning. --save keeps the model, --random says what pretraining was worth.
gaupt evaluate run --task "$example/topics.toml" --data "$data/tasks" -o tuned --random --save \
    --preset "$preset" --set evaluate.seeds=1

# The fine-tuned model by itself, as others load it.
gaupt export tuned/saved/run/topics-0 -o topic-classifier
python "$example/predict.py" topic-classifier
