"""A small generator of headlines: BART's shape, the encoder of models/parallax-minilm, a decoder trained here."""

from common import TRAINING, WORK

GENERATOR_WORK = WORK / "generator"
OPEN_WORDS = TRAINING / "generator" / "open_words.json"

# Tokens of the window that is read, specials counted.
MAX_SOURCE = 192
