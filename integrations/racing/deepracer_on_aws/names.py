"""Ids and aliases in the shapes that DeepRacer on AWS takes."""

import hashlib
import re
import string
import unicodedata

SERVICE_ID_LENGTH = 15
SHORTEST_ALIAS = 3
LONGEST_ALIAS = 20

# Cognito compares sign-in names without regard to case here, so capitals would add nothing.
_ALPHABET = string.ascii_lowercase + string.digits
_NOT_IN_ALIASES = re.compile(r"[^A-Za-z0-9_-]+")


def make_service_id(seed: str) -> str:
    """The id of the racer whom `seed` names: always the same, so that whoever asks again finds what was made before.

    It is the Cognito user name and the profile's id: 15 characters of which the API allows letters and digits only.
    """
    number = int.from_bytes(hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest())
    characters = []
    for _ in range(SERVICE_ID_LENGTH):
        number, index = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[index])
    return "".join(characters)


def shape_alias(wish: str) -> str:
    """The nearest alias that the deployment takes: 3 to 20 letters, digits, underscores and hyphens.

    Different wishes may come to the same alias.
    """
    letters = unicodedata.normalize("NFKD", wish).encode("ascii", "ignore").decode()
    shaped = _NOT_IN_ALIASES.sub("-", letters).strip("-")[:LONGEST_ALIAS].strip("-")
    return shaped if len(shaped) >= SHORTEST_ALIAS else f"racer-{shaped}".rstrip("-")
