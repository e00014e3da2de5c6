"""Codes and sentences of channels, transmissions and what is fetched."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.common.errors import register, speak

register(
    {
        # Settings of a channel.
        "channel.waits": _("Nothing goes by this channel until a second person has signed where it points."),
        "channel.changed_since": _("This channel was changed since it was asked for. Read it again."),
        "channel.name_missing": _("Give the channel a name of at most 80 characters."),
        "channel.name_used": _("There is a channel “%(name)s” already."),
        "channel.kind_unknown": _("There is no channel of the kind “%(kind)s”."),
        "channel.after_unknown": _("“%(after)s” is not something to do with a fetched file."),
        "channel.ack_minutes": _("An acknowledgement is due after 1 to %(most)s minutes."),
        "channel.pattern_not_unique": _("The file name must contain {message_id}, so that no two are the same."),
        "channel.pattern_place": _(
            "A file name has the places {message_id}, {kind} and {date}; {%(place)s} is not one of them."
        ),
        "channel.pattern_bad": _(
            "“%(pattern)s” is no file name: letters, digits, full stops, hyphens and underscores, at most 160 of them."
        ),
        "channel.address_bad": _("“%(url)s” is not an address that can be called: https://host/path."),
        "channel.address_unknown": _("The name %(host)s is not known."),
        "channel.address_inside": _(
            "%(host)s is inside the house, and its network is not among those that channels may call "
            "(BACKOFFICE_CHANNEL_NETWORKS)."
        ),
        "channel.host_bad": _("“%(host)s” is not the name of a server, or the port is not one."),
        "channel.user_missing": _("Say as which user to sign in there."),
        "channel.host_key_bad": _(
            "“%(line)s” is no key of a server: a line of known_hosts, or SHA256: and 43 characters; at most five."
        ),
        "channel.folder_bad": _(
            "“%(folder)s” is not a folder that can be used: no “..”, and of the kind Folder, no leading slash."
        ),
        "channel.folders_same": _("What goes out and what comes in need two folders."),
        "channel.source_unknown": _("This source is not one of the entity's that are in use."),
        "channel.account_unknown": _("One of the accounts is not of this entity."),
        "channel.account_taken": _("Files of one of these accounts go by another channel already."),
        "channel.all_taken": _("Files of all other accounts go by another channel already."),
        "channel.file_kind_unknown": _("One of these kinds of files does not exist."),
        "channel.secret_again": _("Another server, user or address needs the password or key once more."),
        "channel.secret_not_for_this": _("A password or key of at most 20,000 characters; a folder has none."),
        "channel.key_short": _("The shared key has at least %(shortest)s characters."),
        "channel.key_unreadable": _("The private key cannot be read: OpenSSH or PEM, without a passphrase."),
        # What a channel answered.
        "channel.secret_lost": _("The password or key was kept under another installation key; enter it once more."),
        "channel.secret_missing": _("The password or key of the channel is missing."),
        "channel.host_key_unknown": _(
            "The server shows the key %(seen)s. Compare it with what the bank published, then enter it here."
        ),
        "channel.host_key_changed": _(
            "The server shows another key than the one that was entered: %(seen)s. Nothing was sent. Ask the bank "
            "before you enter it."
        ),
        "channel.sign_in_refused": _("The server refused to let %(user)s in. It is not tried again by itself."),
        "channel.no_sftp": _("The server lets us in, but offers no SFTP."),
        "channel.no_folder": _("The folder “%(folder)s” is not there."),
        "channel.permission": _("The other side does not permit it (permission denied)."),
        "channel.refused_there": _("The other side could not do it: %(cause)s."),
        "channel.broken_off": _("The connection broke off: %(cause)s."),
        "channel.no_answer": _("No answer: %(cause)s."),
        "channel.too_slow": _("Not done within %(seconds)s seconds."),
        "channel.answered": _("The gateway answered with %(status)s."),
        "channel.answer_unreadable": _("The answer of the gateway cannot be read."),
        "channel.names_unreadable": _("A file name there cannot be read."),
        "channel.written_otherwise": _("What arrived is not what was sent; it was not given its name."),
        "channel.name_taken": _("Something named “%(name)s” is there already."),
        "channel.file_refused": _("The gateway refused the file (%(status)s)."),
        "channel.file_too_large": _("The file has %(size)s bytes; at most %(largest)s are taken."),
        "channel.changed_meanwhile": _("“%(name)s” changed while it was fetched."),
        "channel.worker_gone": _("The worker ended in the middle."),
        # Files on their way.
        "transmission.gone_or_taken": _(
            "The connection ended while the file got its name, and nothing is there now: the bank has taken it, or "
            "never had it."
        ),
        "transmission.other_there": _("Under its name lies another file. Nothing was sent over it."),
        "transmission.is_there": _("It is there, whole. It is not sent again."),
        "transmission.not_looked": _(
            "It cannot be looked whether the file is there, so it is not sent again. %(cause)s"
        ),
        "transmission.not_open": _("The file is “%(word)s”: there is nothing to decide."),
        "transmission.another_person": _(
            "The bank may have this file. Whoever sent it does not send it again alone: another person decides."
        ),
        "transmission.reason_missing": _("Say why, in at most 500 characters."),
        # What was fetched.
        "fetch.name_hostile": _("Its name leads elsewhere or hides characters; it was left there."),
        "fetch.too_large": _("It has %(size)s bytes; at most %(largest)s are taken. It was left there."),
        "fetch.unknown_kind": _("It is neither a message of the bank nor a payment file (%(kind)s)."),
        "fetch.ack_unknown": _("It acknowledges a file that did not go by this channel."),
        "fetch.no_source": _("It is a payment file, and the channel names no source of payments."),
        "fetch.not_waiting": _("Somebody decided on this file before."),
    }
)


def _word(params: Any) -> str | Promise:
    from transactions.models import Transmission

    return dict(Transmission.Status.choices).get(params["status"], params["status"])


speak("transmission.not_open", word=_word)
