"""The steps of `gaupt prepare` that datatrove has, with its settings for Chinese; run by against_datatrove.py.

One stage a process: its executor copies the pipeline, and a Chinese word tokenizer that was used cannot be copied.

FineWeb-2's filters and thresholds for cmn_Hani, its formatters, and MinHash deduplication with its 14 bands of 8.
"""

import sys

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.filters import FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter
from datatrove.pipeline.formatters import FTFYFormatter, PIIFormatter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.tokens import DocumentTokenizer
from datatrove.pipeline.writers import JsonlWriter

LANGUAGE = "cmn_Hani"


def main(source: str, work: str, tokenizer: str, stage: int) -> None:
    filters = [
        FTFYFormatter(),
        GopherRepetitionFilter(
            language=LANGUAGE,
            dup_line_frac=0.287,
            top_n_grams=((2, 0.256), (3, 0.201), (4, 0.171)),
            dup_n_grams=((5, 0.198), (6, 0.18), (7, 0.165), (8, 0.15), (9, 0.14), (10, 0.127)),
        ),
        FineWebQualityFilter(language=LANGUAGE, line_punct_thr=0.106, new_line_ratio=0.178, short_line_thr=999),
        GopherQualityFilter(
            language=LANGUAGE, min_avg_word_length=1, max_avg_word_length=5, max_non_alpha_words_ratio=0.735,
            min_doc_words=5, min_stop_words=0,
        ),
        PIIFormatter(),
    ]  # fmt: skip
    config = MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8)
    stages = (
        (1, [JsonlReader(source), *filters, JsonlWriter(f"{work}/filtered")]),
        (
            1,
            [
                JsonlReader(f"{work}/filtered"),
                MinhashDedupSignature(f"{work}/sig", config, language=LANGUAGE),
            ],
        ),
        (14, [MinhashDedupBuckets(f"{work}/sig", f"{work}/buckets", config=config)]),
        (1, [MinhashDedupCluster(f"{work}/buckets", f"{work}/remove", config=config)]),
        (
            1,
            [
                JsonlReader(f"{work}/filtered"),
                MinhashDedupFilter(f"{work}/remove"),
                JsonlWriter(f"{work}/out"),
            ],
        ),
        (
            1,
            [
                JsonlReader(f"{work}/out"),
                DocumentTokenizer(f"{work}/tokens", tokenizer_name_or_path=tokenizer),
            ],
        ),
    )
    tasks, pipeline = stages[stage]
    LocalPipelineExecutor(pipeline, tasks=tasks, workers=1, logging_dir=f"{work}/logs{stage}").run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
