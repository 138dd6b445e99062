"""Words whose meaning is obvious: yes and no in other languages, signs for "no value", options in other spellings."""

import unicodedata
from collections.abc import Sequence

from import_worker.forms.field import Option


def _words(text: str) -> list[str]:
    return text.split()


_YES = _words(
    "oui vrai ja wahr jawohl si sí sì verdadero sim verdadeiro vero da tak prawda ano igen kyllä evet jah"
    " t j x ✓ ✔ ☑ checked ticked"
)
_NO = _words("non faux nein falsch no falso não nao nee nej nei nie nem ei hayir ne f ✗ ✘ ☐ unchecked unticked")
_NOTHING = _words(
    "n/a na n.a. #n/a none null nil \\n k.a. - -- --- \u2013 \u2014 ? ?? tbd unknown 00/00/0000 0000-00-00"
)

_TRUTH = {**dict.fromkeys(_NO, "no"), **dict.fromkeys(_YES, "yes")}


def yes_or_no(cell: str) -> str | None:
    return _TRUTH.get(cell.strip().lower())


def means_nothing(cell: str) -> bool:
    """Whether the cell says that there is no value."""
    return cell.strip().lower() in _NOTHING


def nearest_option(cell: str, options: Sequence[Option]) -> Option | None:
    """The only option with the same letters and digits, or else the only one that begins with them; else None."""
    wanted = _letters(cell)
    if not wanted:
        return None
    names = [(option, _letters(name)) for option in options for name in (option.text, option.label)]
    same = {option.text: option for option, name in names if name == wanted}
    begun = {option.text: option for option, name in names if name.startswith(wanted)} if wanted[0].isalpha() else {}
    found = same or begun
    return next(iter(found.values())) if len(found) == 1 else None


def _letters(text: str) -> str:
    """Letters and digits without case and accents."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(character for character in apart.casefold() if character.isalnum())
