"""Which indexes one pip command may use together: `index-only` of a rule, and `confusion` of the settings (A27)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from authpip.config.settings import Settings
from authpip.core.console import say
from authpip.core.errors import AuthpipError
from authpip.files.once_a_day import is_new_today
from authpip.providers.chain import Answer


class IndexChoiceError(AuthpipError):
    """pip could take a package from another index than the one that a rule names for it."""


def judge(answers: Sequence[Answer], settings: Settings, environ: Mapping[str, str], *, quiet: bool) -> None:
    """Check the answers for the indexes of one command; warn if two indexes may have packages of the same name.

    quiet: pip's -q, which hides the warning. Raises IndexChoiceError if the indexes may not be used together.
    """
    _refuse_unnamed(answers)
    if settings.strategy != "best-match" or settings.confusion == "ignore":
        return
    private = [answer for answer in answers if answer.credential and not (answer.rule and answer.rule.packages)]
    public = [answer for answer in answers if not answer.is_managed and answer.rule is None]
    pairs = [(one, other) for one in private for other in public if one.index.scope.host != other.index.scope.host]
    for one, other in pairs:  # indexes on the same host count as safe: they have the same administrator
        _tell(one, other, settings, environ, quiet=quiet)


def _refuse_unnamed(answers: Sequence[Answer]) -> None:
    """With index-only, every index has to be the user's own choice."""
    only = next((answer.rule for answer in answers if answer.rule and answer.rule.index_only), None)
    unnamed = next((answer.index for answer in answers if answer.rule is None), None)
    if only and unnamed:
        raise IndexChoiceError(
            f"not using {unnamed.scope} ({unnamed.configured_in})",
            f"no rule names it, and the rule {only.name!r} ({only.configured_in}) has index-only = true",
            "add a rule for it, or remove it",
        )


def _tell(private: Answer, public: Answer, settings: Settings, environ: Mapping[str, str], *, quiet: bool) -> None:
    what = f"a package of {private.index.scope} is replaced by one of the same name on {public.index.scope}"
    why = "pip takes the higher version, from whichever index has it"
    remedy = 'name your packages in a rule for the first (packages = ["corp-*"]), or set strategy = "first-index"'
    if settings.confusion == "error":
        raise IndexChoiceError(what, why, remedy)
    if not quiet and is_new_today(f"{private.index.scope}\n{public.index.scope}", environ):
        say(f"{what}: {why}; {remedy}")
