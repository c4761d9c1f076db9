"""What is compared, and how each is called: labels never collide."""

from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

from inmail_credits._inputs import as_instance, as_items, as_text, known_name
from inmail_credits.account import Account
from inmail_credits.errors import InvalidValueError
from inmail_credits.facts import Fact
from inmail_credits.forecasting.labels import behaviour_label
from inmail_credits.plans import Economy, Plan
from inmail_credits.simulation import Outreach
from inmail_credits.simulation.fleet.members import as_planned

Subject: TypeAlias = Plan | Account
Subjects: TypeAlias = "Subject | Economy | Iterable[Subject | Economy] | Mapping[str, Subject]"

Outreaches: TypeAlias = Outreach | Iterable[Outreach] | Mapping[str, Outreach]

Planned: TypeAlias = Iterable[Fact] | Mapping[str, Iterable[Fact]]


def labelled_subjects(subjects: Subjects) -> dict[str, Subject]:
    """Plans and accounts by label.

    A mapping gives labels of its own. Else a plan is called by its name, with that of its economy in front
    where two plans have one name.

    Raises:
        InvalidValueError: for none, something else, or labels that stay the same.

    Example:
        >>> from inmail_credits import economies
        >>> list(labelled_subjects([economies.LINKEDIN_2019["career"], economies.LINKEDIN_2014]))
        ['career', ...]
        >>> list(labelled_subjects([economies.LINKEDIN_2019, economies.LINKEDIN_2019["career"]]))
        ['linkedin-2019 career', 'business', 'sales', 'recruiter-lite', 'career']
    """
    if isinstance(subjects, Mapping):
        return _checked({str(label): subject for label, subject in subjects.items()})
    found: list[tuple[str, str, object]] = []
    for subject in _listed(subjects):
        if isinstance(subject, Economy):
            found += [(subject.name, plan.name, plan) for plan in subject]
        elif isinstance(subject, Plan):
            found.append(("", subject.name, subject))
        else:
            found.append(("", "account", subject))
    names = [name for _, name, _ in found]
    labels = [f"{economy} {name}".strip() if names.count(name) > 1 else name for economy, name, _ in found]
    _check_once("subjects", labels)
    return _checked({label: subject for label, (_, _, subject) in zip(labels, found, strict=True)})


def labelled_outreaches(
    outreaches: Outreach | Iterable[Outreach] | Mapping[str, Outreach],
) -> dict[str, Outreach]:
    """Behaviours by label; one alone has an empty label.

    Raises:
        InvalidValueError: for none, something else, or two that read alike.
    """
    if isinstance(outreaches, Outreach):
        return {"": outreaches}
    if isinstance(outreaches, Mapping):
        found = {str(label): outreach for label, outreach in outreaches.items()}
    else:
        listed = [_checked_outreach(outreach) for outreach in _listed(outreaches)]
        labels = [behaviour_label(outreach) for outreach in listed]
        _check_once("behaviours", labels)
        found = dict(zip(labels, listed, strict=True))
    for outreach in found.values():
        _checked_outreach(outreach)
    if not found:
        raise InvalidValueError("outreaches", [], "at least one")
    return found


def planned_by_label(planned: Planned, labels: Collection[str]) -> dict[str, tuple[Fact, ...]]:
    """The facts planned for the subjects of these labels: those of each in a mapping, or the same for all.

    Raises:
        InvalidValueError: for what is no collection of facts.
        UnknownNameError: for a label that is none of a subject.
    """
    if not isinstance(planned, Mapping):
        return dict.fromkeys(labels, as_planned(planned))
    return {
        known_name("compared subject", as_text("label of planned", label), labels): as_planned(facts)
        for label, facts in planned.items()
    }


def _listed(values: object) -> list[object]:
    if isinstance(values, Plan | Account | Economy | str | bytes) or not isinstance(values, Iterable):
        return [values]
    return list(as_items("subjects", values, "a plan, an account, an economy, or several of them"))


def _checked(found: Mapping[str, object]) -> dict[str, Subject]:
    if not found:
        raise InvalidValueError("subjects", [], "at least one plan or account")
    checked: dict[str, Subject] = {}
    for label, subject in found.items():
        if not isinstance(subject, Plan | Account):
            raise InvalidValueError(f"subject {label!r}", subject, "a Plan, an Account or an Economy")
        checked[label] = subject
    return checked


def _check_once(what: str, labels: list[str]) -> None:
    for label in labels:
        if labels.count(label) > 1:
            raise InvalidValueError(
                f"label of {what}", label, "used once; give a mapping with labels of your own"
            )


def _checked_outreach(outreach: object) -> Outreach:
    return as_instance("outreach", outreach, Outreach, "an Outreach")
