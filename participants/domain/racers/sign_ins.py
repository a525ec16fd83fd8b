"""How a racer signs in at a service that has user names and passwords of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from events.domain.connections import open_racing
from events.models import SponsoringAccount
from integrations.errors import IntegrationError
from integrations.racing.protocol import ALREADY_SIGNED_IN
from participants.domain.mail_templates import CHOSEN_SIGN_IN, INVITED_SIGN_IN, ONE_TIME_SIGN_IN
from participants.domain.racers.passwords import make_password
from participants.models import RacerProfile


@dataclass(frozen=True)
class SignIn:
    """`words` go into the mail, where they have a mark for the password if there is one."""

    words: str
    password: str = ""


def open_sign_ins(
    *, account: SponsoringAccount, racers: Mapping[int, RacerProfile]
) -> dict[int, SignIn | IntegrationError]:
    """Give each of these a new one-time password, which voids the one before. A password that a racer chose stays.

    Keyed as `racers` are. Who was invited by the service gets a password from there.
    """
    service = open_racing(account)
    if not service.capabilities.creates_profiles:
        return dict.fromkeys(racers, SignIn(INVITED_SIGN_IN))
    passwords = {racer.service_id: make_password() for racer in racers.values()}
    answers = service.set_passwords(passwords) if passwords else {}
    return {key: _read_answer(answers[racer.service_id], passwords[racer.service_id]) for key, racer in racers.items()}


def _read_answer(error: IntegrationError | None, password: str) -> SignIn | IntegrationError:
    if error is None:
        return SignIn(ONE_TIME_SIGN_IN, password)
    return SignIn(CHOSEN_SIGN_IN) if error.code == ALREADY_SIGNED_IN else error
