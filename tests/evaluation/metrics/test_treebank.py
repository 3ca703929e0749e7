"""English words against what NLTK 3.9.1 makes of the same texts."""

from gaupt.evaluation.metrics.treebank import words

ONE_SENTENCE = {
    # Plain words, and the few that are two.
    "t-100": "t-100",
    "a b_c": "a b_c",
    "naïve": "naïve",
    "cannot": "can not",
    "i cannot go": "i can not go",
    "scannot": "scannot",
    "cannot_x": "cannot_x",
    "gimme": "gim me",
    "lemme go": "lem me go",
    "gonna": "gon na",
    "gotta go": "got ta go",
    "wanna": "wan na",
    "wanna go": "wan na go",
    "wanna-be": "wanna-be",
    "more'n that": "more 'n that",
    "d'ye see": "d 'ye see",
    "it 'twas so, 'tis so": "it 't was so , 't is so",
    # What is short for a word.
    "don't stop": "do n't stop",
    "DON'T": "DO N'T",
    "can't": "ca n't",
    "we'll": "we 'll",
    "we've, they're": "we 've , they 're",
    "i'm": "i 'm",
    "it's he'd": "it 's he 'd",
    "it's\tgood": "it 's good",
    "it'sx": "it'sx",
    "o'clock": "o'clock",
    "y'all": "y'all",
    "'s x": "'s x",
    "dogs' x": "dogs ' x",
    "a' b'": "a ' b '",
    # Numbers and marks.
    "100%": "100 %",
    "$5.20": "$ 5.20",
    "3,000": "3,000",
    "1:2": "1:2",
    "a,b": "a , b",
    "a, b": "a , b",
    "a,": "a ,",
    "1, 2": "1 , 2",
    "a: 1:": "a : 1 :",
    "a;b@c#d&e?f!g*h": "a ; b @ c # d & e ? f ! g * h",
    "a--b": "a -- b",
    "a---b": "a -- -b",
    "wait...": "wait ...",
    "a..b": "a .. b",
    "...x": "... x",
    "(x)": "( x )",
    "[x]{y}<z>": "[ x ] { y } < z >",
    # Quotes that open and that close.
    '"x"': "`` x ''",
    'a "b" c': "a `` b '' c",
    '("a") ["b"] {"c"} <"d">': "( `` a '' ) [ `` b '' ] { `` c '' } < `` d '' >",
    "say ''b": "say `` b",
    "''b": "'' b",
    "a''b": "a '' b",
    "``x``": "`` x ``",
    "`x`": "` x `",
    "«x»": "« x »",
    "“x”": "“ x ”",
    "‘x’": "‘ x ’",
    "„x": "„ x",
    "'x'": "' x '",
    "a 'b' c": "a ' b ' c",
    "x'y": "x ' y",
    "'next": "'next",
    # A period at the end of the sentence, and before what closes it.
    "version 2.0 works.": "version 2.0 works .",
    "x.y.": "x.y .",
    "(x.)": "( x . )",
    "x.]": "x . ]",
    "x.}": "x . }",
    "x.>": "x . >",
    'x."': "x . ''",
    "x.' ": "x . '",
    "x.»": "x . »",
    "x. ”": "x . ”",
    "x.’": "x . ’",
    ".": ".",
    "": "",
}


def test_words_are_the_treebanks() -> None:
    assert {text: words(text) for text in ONE_SENTENCE} == {
        text: w.split() for text, w in ONE_SENTENCE.items()
    }


SENTENCES = {
    "it rains. it pours.": "it rains . it pours .",
    "apples etc. and pears e.g. plums": "apples etc . and pears e.g . plums",  # both unknown to Punkt
    'he left." then (she did.) so': "he left . '' then ( she did . ) so",
    "no. 5": "no . 5",
    "the c.l. max": "the c.l . max",
    "ab. 12.5. x": "ab . 12.5 . x",
    "x.y": "x.y",
    # Abbreviations, initials and numbers end none.
    "dr. smith, mr. li": "dr. smith , mr. li",
    "the u.s.s.r. was": "the u.s.s.r. was",
    "j. smith": "j. smith",
    "2. place": "2. place",
    "3,000. place": "3,000. place",
    "3,. place": "3 , . place",
    "(t. smith": "( t. smith",
    "(5)c. li": "( 5 ) c. li",
    'a "dr. li': "a `` dr. li",
    "dr.": "dr .",
}


def test_a_sentence_ends_with_a_period_and_goes_on_after_abbreviations_initials_and_numbers() -> None:
    assert {text: words(text) for text in SENTENCES} == {text: w.split() for text, w in SENTENCES.items()}
