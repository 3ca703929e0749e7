"""Licences as the front matter of a model card names them."""

import re

_IDS = """
afl-3.0 agpl-3.0 apache-2.0 apple-amlr apple-ascl artistic-2.0 bigcode-openrail-m bigscience-bloom-rail-1.0
bigscience-openrail-m bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0 c-uda cc cc-by-2.0 cc-by-2.5
cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0
cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 cdla-permissive-1.0
cdla-permissive-2.0 cdla-sharing-1.0 creativeml-openrail-m deepfloyd-if-license ecl-2.0 epl-1.0 epl-2.0 etalab-2.0
eupl-1.1 eupl-1.2 fair-noncommercial-research-license gemma gfdl gpl gpl-2.0 gpl-3.0 grok2-community h-research
intel-research isc lgpl lgpl-2.1 lgpl-3.0 lgpl-lr llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 lppl-1.3c mit
mpl-2.0 ms-pl ncsa odbl odc-by ofl-1.1 openmdw-1.0 openmdw-1.1 openrail openrail++ osl-3.0 other pddl postgresql
unknown unlicense wtfpl zlib
"""
LICENCES = frozenset(_IDS.split())
"""The ids that the Hugging Face Hub takes, as of August 2026; it refuses a card with another."""
_LONGEST = 96


def licence_fields(licence: str) -> dict[str, str]:
    """What the front matter says of ``licence``: nothing where it is empty, and its id where the Hub has it.

    Another licence is ``other`` there, with a name in the letters that the Hub takes for one.
    """
    wanted = licence.strip().lower()
    if not wanted:
        return {}
    if wanted in LICENCES:
        return {"license": wanted}
    name = re.sub(r"[^a-z0-9.]+", "-", wanted)[:_LONGEST].strip("-.")
    return {"license": "other", "license_name": name or "custom"}
