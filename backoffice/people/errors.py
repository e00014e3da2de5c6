"""Codes and sentences of this room."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from backoffice.common import formats
from backoffice.common.errors import register, speak
from backoffice.people import roles

speak("signing.role", role=lambda params: roles.NAMES[params["role"]])
speak("signing.level", level=lambda params: formats.number(Decimal(params["level"]), params["currency"]))
speak("denied", right=lambda params: roles.RIGHTS.get(params["right"], params["right"]))
register(
    {
        "user.email_bad": _("“%(email)s” is not an e-mail address."),
        "user.email_taken": _("Someone with the address %(email)s has an account already."),
        "user.name_missing": _("Write the person's name, at most 140 characters."),
        "user.role_unknown": _("There is no role “%(role)s”."),
        "user.act_unknown": _("There is no limit for “%(act)s”."),
        "user.roles_apart": _(
            "%(name)s would let others in and make or sign payments in the same entity. Nobody does both: give this "
            "role to somebody else, or take the other one back first."
        ),
        "user.granted_already": _("%(name)s has this role here already."),
        "user.not_everywhere": _("You manage users in some entities only: choose one of them."),
        "user.oneself": _("Nobody changes their own rights. Another administrator can."),
        "user.last_administrator": _("This is the last active administrator. Name another one first."),
        "limit.day_below_one": _("The limit of the day is not below that of one payment."),
        "entity.undo_too_long": _("A decision can be taken back for %(longest)s seconds at most."),
        "entity.reason_missing": _("Write why; the reason is kept with the setting."),
        "user.reason_missing": _("Write why this account is closed; the reason is kept with it."),
    }
)

# The console's first acts: people/foundation.
register(
    {
        "entity.malformed": _("“%(code)s” cannot be an entity: a code of 1 to 20 letters and digits, and a name."),
        "entity.profile_unknown": _("There is no profile “%(profile)s”. Known: %(known)s."),
        "entity.code_taken": _("An entity with the code %(code)s is there already."),
        "user.administrator_exists": _("An administrator is there already and can name others, by the screens."),
    }
)

# The approval engine: people/signing.
register(
    {
        "signing.role": _("This signature is asked of another role: %(role)s."),
        "signing.team": _("This signature is asked of a member of the team “%(team)s”."),
        "signing.level": _(
            "This signature is asked of someone whose limit for one payment is %(level)s %(currency)s or more."
        ),
    }
)

# Deputies: people/delegations.
register(
    {
        "delegation.deputy": _("This person cannot be your deputy: it is another person who has the right here, too."),
        "delegation.dates": _("A delegation ends in the future, after it begins, and lasts at most %(days)s days."),
        "delegation.reason_missing": _("Write why; the reason is kept with the delegation."),
        "delegation.none": _("No delegation in force lets you sign in this person's place here."),
    }
)

# API tokens: people/tokens.
register(
    {
        "token.name_missing": _("Give the token a name of at most 80 characters: what uses it."),
        "token.expiry_bad": _("A token expires in the future, at most %(days)s days from now."),
        "token.scope_unknown": _("“%(scope)s” is not a right."),
        "token.scope_exceeds": _("The token's user does not have the right “%(scope)s”."),
        "token.scope_beyond_token": _("This token may not “%(scope)s” itself, so it makes no token that may."),
        "token.entity_unknown": _("The token's user has no role in the entity %(entity)s."),
        "token.scopes_missing": _("Choose at least one right for the token."),
        "token.not_for_another": _("A person's token is made by that person; for a program, name a machine."),
        "token.user_inactive": _("This account is closed."),
        "token.not_waiting": _("This token does not wait for a second person any more."),
        "token.revoked_already": _("This token was revoked already."),
    }
)
