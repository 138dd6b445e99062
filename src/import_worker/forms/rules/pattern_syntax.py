"""Translates JavaScript's regular expressions to the syntax of Rust's ``regex``, if both certainly mean the same.

It only matters *whether* a pattern is found, so groups need not capture. What cannot be translated is left to the
bounded engine: lookaround, backreferences, ``\\B``, modifiers, octal escapes, surrogates.
"""

import re
from dataclasses import dataclass, field

# Compiling expands a pattern, ``a{3}`` to ``aaa``, and the time per character of a text may grow with its size.
_MAX_EXPANDED_ATOMS = 1_000
_PROPERTY_ATOMS = 20  # \p{L} is hundreds of byte ranges

_DIGIT, _NOT_DIGIT = "[0-9]", "[^0-9]"
_WORD, _NOT_WORD = "[0-9A-Za-z_]", "[^0-9A-Za-z_]"
_SPACES = r"\t\n\x0B\x0C\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}"
_SETS = {
    "d": _DIGIT,
    "D": _NOT_DIGIT,
    "w": _WORD,
    "W": _NOT_WORD,
    "s": f"[{_SPACES}]",
    "S": f"[^{_SPACES}]",
}
_ANY_BUT_LINE_END = r"[^\n\r\x{2028}\x{2029}]"
_ANYTHING, _NOTHING = r"[\x{0}-\x{10FFFF}]", r"[^\x{0}-\x{10FFFF}]"
_CONTROLS = {"t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}
_SYNTAX_CHARACTERS = set("^$\\.*+?()[]{}|/")
_QUANTIFIER = re.compile(r"(?:[*+?]|\{(?P<low>[0-9]+)(?P<range>,(?P<high>[0-9]*))?\})\??")
_ESCAPED_CODE = re.compile(r"x(?P<two>[0-9A-Fa-f]{2})|u(?P<four>[0-9A-Fa-f]{4})|u\{(?P<any>[0-9A-Fa-f]+)\}")
# General categories: the engines differ in none but characters of the newest Unicode version.
_PROPERTY = re.compile(r"[pP]\{(?:L|Lu|Ll|Lt|Lm|Lo|M|Mn|N|Nd|Nl|No|P|Pd|Ps|Pe|Pc|Po|S|Sc|Sm|Sk|So|Z|Zs)\}")
_GROUP_NAME = re.compile(r"<[A-Za-z_$][0-9A-Za-z_$]*>")


class UntranslatableError(Exception):
    """The linear engine has no expression that certainly means the same."""


def translate(source: str, *, unicode: bool) -> str:
    """Translates a *valid* JavaScript pattern to Rust's syntax. ``unicode``: whether it has the ``u`` flag.

    Raises ``UntranslatableError``.
    """
    if not unicode and any(character > "\uffff" for character in source):
        raise UntranslatableError
    translator = _Translator(source, unicode=unicode)
    expression, atoms = translator.alternatives()
    if translator.at != len(source) or atoms > _MAX_EXPANDED_ATOMS:
        raise UntranslatableError
    return expression


@dataclass
class _Translator:
    """Recursive descent: each method consumes its part of the source and returns (expression, expanded atoms)."""

    source: str
    unicode: bool
    at: int = field(default=0)

    def alternatives(self) -> tuple[str, int]:
        pieces, atoms = [], 0
        while self.at < len(self.source) and self.source[self.at] != ")":
            if self._accept("|"):
                pieces.append("|")
                continue
            piece, size = self._term()
            pieces.append(piece)
            atoms += size
        return "".join(pieces), atoms

    def _term(self) -> tuple[str, int]:
        atom, atoms = self._atom()
        quantifier = _QUANTIFIER.match(self.source, self.at)
        if quantifier is None:
            return atom, atoms
        self.at = quantifier.end()
        low, high = quantifier["low"], quantifier["high"]
        if low and len(low) + len(high or "") > 10:
            raise UntranslatableError
        times = max(1, int(low or 1), int(high or 1))
        return atom + quantifier[0], atoms * times

    def _atom(self) -> tuple[str, int]:
        character = self._next()
        match character:
            case "^" | "$":
                return character, 0
            case ".":
                return _ANY_BUT_LINE_END, 1
            case "(":
                return self._group()
            case "[":
                return self._class()
            case "\\":
                return self._escape()
            case _:
                return _literal(character), 1

    def _group(self) -> tuple[str, int]:
        if self._accept("?") and not self._accept(":"):
            name = _GROUP_NAME.match(self.source, self.at)
            if name is None:
                raise UntranslatableError
            self.at = name.end()
        inside, atoms = self.alternatives()
        if not self._accept(")"):
            raise UntranslatableError
        return f"(?:{inside})", atoms

    def _escape(self) -> tuple[str, int]:
        if self._accept("b"):
            return r"(?-u:\b)", 1
        if members := self._set():
            return members, _PROPERTY_ATOMS if members.startswith("\\") else 1
        return _literal(self._escaped_character()), 1

    def _class(self) -> tuple[str, int]:
        negated = self._accept("^")
        if self._accept("]"):
            return (_ANYTHING if negated else _NOTHING), 1
        members, atoms = [], 1
        while not self._accept("]"):
            first = self._member()
            if self.source.startswith("-", self.at) and not self.source.startswith("-]", self.at):
                self.at += 1
                last = self._member()
                # If a set stands beside the hyphen, the three are no range (without the u flag) but single members.
                between = "-" if len(first) == len(last) == 1 else None
                members.append(_range(first, last) if between else _item(first) + _item("-") + _item(last))
            else:
                members.append(_item(first))
            atoms += _PROPERTY_ATOMS * first.startswith(("\\p", "\\P"))
        return f"[{'^' if negated else ''}{''.join(members)}]", atoms

    def _member(self) -> str:
        """One character, or the longer expression of a set."""
        character = self._next()
        if character != "\\":
            return character
        if self._accept("b"):
            return "\b"
        if self.unicode and self._accept("-"):
            return "-"
        return self._set() or self._escaped_character()

    def _set(self) -> str | None:
        letter = self.source[self.at : self.at + 1]
        if letter in _SETS:
            self.at += 1
            return _SETS[letter]
        if self.unicode and (known := _PROPERTY.match(self.source, self.at)):
            self.at = known.end()
            return f"\\{known[0]}"
        return None

    def _escaped_character(self) -> str:
        if code := _ESCAPED_CODE.match(self.source, self.at):
            return self._coded(code)
        character = self._next()
        if character in _CONTROLS:
            return _CONTROLS[character]
        if character == "c":
            letter = self._next()
            if letter.isascii() and letter.isalpha():
                return chr(ord(letter) % 32)
        if character == "0" and not self.source[self.at : self.at + 1].isdecimal():
            return "\0"
        allowed = character in _SYNTAX_CHARACTERS if self.unicode else not (character.isalnum() or character == "_")
        if not allowed or not character.isascii():
            raise UntranslatableError
        return character

    def _coded(self, code: re.Match[str]) -> str:
        if code["any"] and not self.unicode:
            raise UntranslatableError
        self.at = code.end()
        number = int(code["two"] or code["four"] or code["any"], 16)
        if 0xD800 <= number <= 0xDFFF or number > 0x10FFFF:
            raise UntranslatableError
        return chr(number)

    def _next(self) -> str:
        if self.at == len(self.source):
            raise UntranslatableError
        self.at += 1
        return self.source[self.at - 1]

    def _accept(self, character: str) -> bool:
        if self.source.startswith(character, self.at):
            self.at += 1
            return True
        return False


def _literal(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    return f"\\x{{{ord(character):X}}}"


def _item(member: str) -> str:
    return _literal(member) if len(member) == 1 else member


def _range(first: str, last: str) -> str:
    return f"{_literal(first)}-{_literal(last)}"
