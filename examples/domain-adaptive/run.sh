#!/usr/bin/env bash
# A general model goes on with the text of a domain and words of its own. Usage: run.sh [FOLDER]
# STEPS and DOMAIN_STEPS make it longer; PRESET makes it larger.
set -euo pipefail

example=$(cd "$(dirname "$0")" && pwd)
sample=$example/../../data/documents
folder=${1:-domain-adaptive}
preset=${PRESET:-tiny} steps=${STEPS:-150} domain_steps=${DOMAIN_STEPS:-40}

# Instructions are the domain, all else is general text. Five instructions are kept to score on.
mkdir -p "$folder"
cd "$folder"
mkdir -p general domain held-out
cp -r "$sample"/* general/
mv general/howto/*.md domain/
mv domain/*2[1-5].md held-out/
cat held-out/*.md > held-out.txt

# A general model.
gaupt prepare general -o general-prepared
gaupt pretrain general-prepared -o base --preset "$preset" --steps "$steps" --set train.batch_tokens=1024

# It goes on, with its own tokenizer, then with the domain's words added to it. Rates are a third of the recipe's,
# for so little text is seen many times.
gaupt prepare domain -o plain-prepared --tokenizer base
gaupt tokenizer --from base --extend "$example/words.txt" -o tokenizer
gaupt prepare domain -o words-prepared --tokenizer tokenizer --set "tokenizer.user_dictionary=$example/words.txt"
for kind in plain words; do
    gaupt pretrain "$kind-prepared" -o "$kind" --from base --preset "$preset" --steps "$domain_steps" \
        --set train.batch_tokens=1024 --set train.lr=1e-3 --set train.matrix_lr=2e-3
done

# Bits a hidden character compare models of different vocabularies.
gaupt evaluate base plain words --task mlm --data held-out.txt -o bits
gaupt report base plain words bits -o report.html
