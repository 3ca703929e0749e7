"""The protocol buffer of sentencepiece's model files: the fields that gaupt reads or changes.

sentencepiece ships a generated module of the whole, which only works with the protobuf release that generated it or a
later one, and few environments have the newest. Described at run time, any release reads it. Fields that are not
described here are kept as they are. Numbers and defaults: sentencepiece's ``src/sentencepiece_model.proto``.
"""

from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

BPE, WORD = 2, 3
"""Kinds of model: ``trainer_spec.model_type``, of which 1 is unigram and 4 char."""
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6
"""Kinds of piece: ``pieces[i].type``."""

_PACKAGE = "gaupt.sentencepiece"
_Field = descriptor_pb2.FieldDescriptorProto
_MESSAGES: dict[str, list[tuple[str, int, Any, str]]] = {
    "Piece": [
        ("piece", 1, _Field.TYPE_STRING, ""),
        ("score", 2, _Field.TYPE_FLOAT, ""),
        ("type", 3, _Field.TYPE_INT32, str(NORMAL)),
    ],
    "TrainerSpec": [
        ("model_type", 3, _Field.TYPE_INT32, "1"),
        ("treat_whitespace_as_suffix", 24, _Field.TYPE_BOOL, "false"),
    ],
    "NormalizerSpec": [
        ("precompiled_charsmap", 2, _Field.TYPE_BYTES, ""),
        ("add_dummy_prefix", 3, _Field.TYPE_BOOL, "true"),
        ("remove_extra_whitespaces", 4, _Field.TYPE_BOOL, "true"),
    ],
    "Model": [
        ("pieces", 1, "Piece", ""),
        ("trainer_spec", 2, "TrainerSpec", ""),
        ("normalizer_spec", 3, "NormalizerSpec", ""),
    ],
}
"""Of each message the fields: name, number, type or message, default. An enum is read as its number."""


def read_model(model: bytes) -> Any:
    """The message in a model's file, with ``pieces``, ``trainer_spec`` and ``normalizer_spec``.

    Raises:
        google.protobuf.message.DecodeError: these are no protocol buffer.
    """
    return _model_class().FromString(model)


@cache
def _model_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{_PACKAGE.replace('.', '/')}.proto", package=_PACKAGE, syntax="proto2"
    )
    for message, fields in _MESSAGES.items():
        described = file.message_type.add(name=message)
        for name, number, kind, default in fields:
            field = described.field.add(name=name, number=number, label=_Field.LABEL_OPTIONAL)
            if isinstance(kind, str):
                field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
            else:
                field.type, field.default_value = kind, default
            if name == "pieces":
                field.label = _Field.LABEL_REPEATED
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.Model"))
