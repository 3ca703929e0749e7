"""Texts of every kind."""

from hypothesis import strategies as st

from tests.made_documents import WORDS

# Random Unicode, and what a Chinese corpus is made of: the vocabulary's own words, spaces, accents, marks.
LATIN = ("ＡＢＣ", "Tokenizer2", "x" * 101, "café", "e\u0301")
ODD = (" ", "\n", "，", "。", "\u200b", "\x00", "<0x41>", "▁")
PARTS = st.one_of(st.sampled_from((*WORDS, *LATIN, *ODD)), st.text(max_size=5))
TEXTS = st.one_of(st.text(max_size=50), st.lists(PARTS, max_size=20).map("".join))
