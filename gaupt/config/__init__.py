"""Every option of every stage: sections with defaults and bounds, presets, and how a config is read.

A resolved `Config` is built from a preset, then a TOML file, then ``--set section.key=value`` and the
named options of a command; the later wins. Each stage writes the resolved config beside its output.
"""

from gaupt.config.load import config_from as config_from
from gaupt.config.load import load_config as load_config
from gaupt.config.load import read_config as read_config
from gaupt.config.presets import preset_names as preset_names
from gaupt.config.sections import CLEAN_PROFILES as CLEAN_PROFILES
from gaupt.config.sections import MIN_VOCAB_SIZE as MIN_VOCAB_SIZE
from gaupt.config.sections import CleanConfig as CleanConfig
from gaupt.config.sections import CleanRules as CleanRules
from gaupt.config.sections import CleanSource as CleanSource
from gaupt.config.sections import Config as Config
from gaupt.config.sections import EvaluateConfig as EvaluateConfig
from gaupt.config.sections import ExportConfig as ExportConfig
from gaupt.config.sections import Profile as Profile
from gaupt.config.sections import ShardsConfig as ShardsConfig
from gaupt.config.sections import TaskConfig as TaskConfig
from gaupt.config.sections import TextDocument as TextDocument
from gaupt.config.sections import TokenizerConfig as TokenizerConfig
from gaupt.config.sections import TrainConfig as TrainConfig
from gaupt.config.toml import to_toml as to_toml
from gaupt.config.toml import without_folders as without_folders
