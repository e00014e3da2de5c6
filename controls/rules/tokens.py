"""The words of the language of rules: which there are, and what may stand beside them, before anything is parsed."""

from collections.abc import Collection, Sequence

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType  # type: ignore[attr-defined]

from backoffice.common.errors import BusinessError
from controls.vocabulary import FACTS

DEEPEST = 25
FUNCTIONS = ("abs", "coalesce", "greatest", "least", "length", "lower", "upper")
_TOKENS = {
    TokenType.VAR, TokenType.NUMBER, TokenType.STRING, TokenType.L_PAREN, TokenType.R_PAREN, TokenType.COMMA,
    TokenType.COLON, TokenType.PLUS, TokenType.DASH, TokenType.STAR, TokenType.SLASH, TokenType.EQ, TokenType.NEQ,
    TokenType.GT, TokenType.GTE, TokenType.LT, TokenType.LTE, TokenType.AND, TokenType.OR, TokenType.NOT,
    TokenType.BETWEEN, TokenType.IN, TokenType.IS, TokenType.NULL, TokenType.TRUE, TokenType.FALSE, TokenType.LIKE,
    TokenType.LIST,
}  # fmt: skip


def tokens_of(text: str) -> list[Token]:
    """The words and signs of a text, or why it has none."""
    try:
        tokens = sqlglot.tokenize(text, read="postgres")
    except SqlglotError:
        raise BusinessError("rule.syntax", position=max(len(text), 1), found=text[-20:]) from None
    if not tokens:
        raise BusinessError("rule.syntax", position=1, found="")
    return list(tokens)


def checked(text: str, parameters: Collection[str]) -> list[Token]:
    """The tokens of a text that has none but those of the language, and names none but facts and ``parameters``."""
    tokens = tokens_of(text)
    for at, token in enumerate(tokens):
        source = text[token.start : token.end + 1]
        if token.comments or token.token_type not in _TOKENS or "\\" in source or "\x00" in source:
            raise BusinessError("rule.not_allowed", position=token.start + 1, found=_shown(token, source))
        if token.token_type is TokenType.STRING and not (source.startswith("'") and source.endswith("'")):
            raise BusinessError("rule.not_allowed", position=token.start + 1, found=source[:20])
        if token.token_type is TokenType.VAR:
            _check_name(tokens, at, source, parameters)
        if token.token_type is TokenType.LIST and (
            at == 0 or tokens[at - 1].token_type is not TokenType.IN
            or [one.token_type for one in tokens[at + 1 : at + 4]] != _LIST_CALL
        ):  # fmt: skip
            raise BusinessError("rule.not_allowed", position=token.start + 1, found=source[:20])
    gaps = _between(text, tokens)
    if gaps is not None:
        raise BusinessError("rule.not_allowed", position=gaps + 1, found=text[gaps : gaps + 10])
    _check_depth(tokens)
    return tokens


_LIST_CALL = [TokenType.L_PAREN, TokenType.STRING, TokenType.R_PAREN]


def _check_depth(tokens: Sequence[Token]) -> None:
    """Brackets in brackets and signs before signs, before a parser goes down into them."""
    open_brackets = in_row = 0
    for token in tokens:
        if token.token_type is TokenType.L_PAREN:
            open_brackets += 1
        elif token.token_type is TokenType.R_PAREN:
            open_brackets -= 1
        in_row = in_row + 1 if token.token_type in {TokenType.NOT, TokenType.DASH, TokenType.PLUS} else 0
        if open_brackets > DEEPEST or in_row > DEEPEST:
            raise BusinessError("rule.too_deep", deepest=DEEPEST, position=token.start + 1)


def _shown(token: Token, source: str) -> str:
    return (f"--{token.comments[0].strip()}" if token.comments else source)[:20]


def _between(text: str, tokens: Sequence[Token]) -> int | None:
    """Where the text holds something outside its tokens other than blanks (a comment, a control character)."""
    at = 0
    for token in [*tokens, None]:
        end = token.start if token else len(text)
        for position in range(at, end):
            if text[position] not in " \n\t\r":
                return position
        at = token.end + 1 if token else at
    return None


def _check_name(tokens: Sequence[Token], at: int, source: str, parameters: Collection[str]) -> None:
    """A word is a fact, a parameter after its colon, or a function before its bracket."""
    position = tokens[at].start + 1
    called = at + 1 < len(tokens) and tokens[at + 1].token_type is TokenType.L_PAREN
    named = at > 0 and tokens[at - 1].token_type is TokenType.COLON
    if named:
        if source not in parameters:
            raise BusinessError("rule.unknown_parameter", name=source, position=position)
    elif called:
        if source.lower() not in FUNCTIONS:
            raise BusinessError("rule.unknown_function", name=source, position=position)
    elif source not in FACTS:
        raise BusinessError("rule.unknown_fact", name=source, position=position)
