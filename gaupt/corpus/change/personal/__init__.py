"""Personal data: where it stands in a text, and the words that take its place.

A number is what its surroundings say: `surroundings` reads them, `numbers`, `addresses`, `emails` and `accounts` each
know what theirs look like, and `mask` runs them.
"""

from gaupt.corpus.change.personal.mask import mask_personal_data as mask_personal_data
