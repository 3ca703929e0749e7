"""The members of the family by their config."""

from gaupt.model.config import ModelConfig
from gaupt.model.encoder import Encoder
from gaupt.model.gau import GAU
from gaupt.model.masked_lm import MaskedLM, VocabularyHead
from gaupt.model.roformer import RoFormer, roformer_head


def build_encoder(config: ModelConfig) -> Encoder:
    """An encoder of the architecture that ``config`` describes, freshly initialized."""
    # By name and not by class: transformers may execute an exported folder's config.py more than once.
    if config.architecture == "gau":
        return GAU(config)
    return RoFormer(config)


def build_head(config: ModelConfig) -> VocabularyHead:
    """The masked-LM head that goes with the encoder of ``config``."""
    return VocabularyHead() if config.architecture == "gau" else roformer_head(config)


def masked_lm(config: ModelConfig) -> MaskedLM:
    """A masked LM of the architecture that ``config`` describes, freshly initialized."""
    return MaskedLM(build_encoder(config), build_head(config))
