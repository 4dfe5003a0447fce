"""The mails that invite a partner's person or a colleague, in the languages the bureau writes."""

from datetime import date

from app.identity.domain import InvitationLanguage

_TEXTS = {
    InvitationLanguage.NL: (
        "Uitnodiging voor het partnerportaal",
        "Goeiedag,\n\nU kunt een account maken voor het partnerportaal van {bureau}:\n\n{url}\n\n"
        "De link werkt één keer, tot en met {until}. Geef hem aan niemand door.\n"
        "Verwachtte u dit bericht niet? Dan hoeft u niets te doen.\n",
    ),
    InvitationLanguage.FR: (
        "Invitation au portail des partenaires",
        "Bonjour,\n\nVous pouvez créer un compte pour le portail des partenaires de {bureau} :\n\n"
        "{url}\n\nLe lien fonctionne une seule fois, jusqu'au {until} inclus. "
        "Ne le transmettez à personne.\n"
        "Vous n'attendiez pas ce message ? Vous n'avez rien à faire.\n",
    ),
    InvitationLanguage.EN: (
        "Invitation to the partner portal",
        "Hello,\n\nYou can make an account for the partner portal of {bureau}:\n\n{url}\n\n"
        "The link works once, until {until} inclusive. Do not pass it on.\n"
        "Did you not expect this message? Then you need not do anything.\n",
    ),
}

_COLLEAGUE_TEXTS = {
    InvitationLanguage.NL: (
        "Uw account bij het bureau",
        "Goeiedag,\n\nKies een wachtwoord voor uw account bij {bureau}:\n\n{url}\n\n"
        "De link werkt één keer, tot en met {until}. Geef hem aan niemand door.\n"
        "Verwachtte u dit bericht niet? Dan hoeft u niets te doen.\n",
    ),
    InvitationLanguage.FR: (
        "Votre compte au bureau",
        "Bonjour,\n\nChoisissez un mot de passe pour votre compte à {bureau} :\n\n{url}\n\n"
        "Le lien fonctionne une seule fois, jusqu'au {until} inclus. "
        "Ne le transmettez à personne.\n"
        "Vous n'attendiez pas ce message ? Vous n'avez rien à faire.\n",
    ),
    InvitationLanguage.EN: (
        "Your account at the bureau",
        "Hello,\n\nChoose a password for your account at {bureau}:\n\n{url}\n\n"
        "The link works once, until {until} inclusive. Do not pass it on.\n"
        "Did you not expect this message? Then you need not do anything.\n",
    ),
}


def invitation_text(
    language: InvitationLanguage,
    *,
    bureau: str,
    url: str,
    last_day: date,
    is_colleague: bool = False,
) -> tuple[str, str]:
    """(subject, body). last_day: on which the link surely works the whole day."""
    subject, body = (_COLLEAGUE_TEXTS if is_colleague else _TEXTS)[language]
    is_english = language is InvitationLanguage.EN
    until = last_day.isoformat() if is_english else last_day.strftime("%d/%m/%Y")
    return subject, body.format(bureau=bureau, url=url, until=until)
