"""The posterior of a small network equals that of its joint distribution, with every outcome of it written out."""

import itertools
import math
import random
from datetime import date

import pytest
from weigh_cases import SIGNS, THREE
from weigh_records import assumed, edge, indicator, look, outlet, p, question, told, weigh

from sitewatch.records import Modality

LETTERS = "ABCDEF"


def joint(there, groups, looks, given):
    """P(every outcome | whether the thing is there) of one indicator, by outcome: who told, which looks saw.

    What is hidden is added up: whether the thing is hidden from all looks, and of each group whether a common official
    made one report of it. A root that denies tells with the chance that another's report would be false.
    """
    roots = [root for group in groups for root in group]
    table = {}
    hidden_states = itertools.product((True, False), *((True, False) for _ in groups))
    for (hidden, *one_report), told_by, seen in itertools.product(
        hidden_states,
        itertools.product((True, False), repeat=len(roots)),
        itertools.product((True, False), repeat=len(looks)),
    ):
        chance = 1 - given.visible.best if hidden else given.visible.best
        answers = iter(told_by)
        for together, group in zip(one_report, groups, strict=True):
            chance *= given.shared.best if together else 1 - given.shared.best
            tells = [_tells(root, there, given) for root in group]
            answered = [next(answers) for _ in group]
            if together:
                leading = tells[max(range(len(group)), key=lambda n: _strength(group[n], given))]
                chance *= 0 if len(set(answered)) > 1 else leading if answered[0] else 1 - leading
            else:
                chance *= math.prod(t if a else 1 - t for t, a in zip(tells, answered, strict=True))
        for saw, (_, power, false) in zip(seen, looks, strict=True):
            missed = (1 - false) * (1 - power if there and not hidden else 1)
            chance *= 1 - missed if saw else missed
        outcome = told_by, seen
        table[outcome] = table.get(outcome, 0.0) + chance
    return table


def _tells(root, there, given):
    letter, denies = root
    return (given.hit if there != denies else given.false)[letter].best


def _strength(root, given):
    return abs(math.log(given.hit[root[0]].best / given.false[root[0]].best))


def likelihoods(ask, network, given):
    """P(what was told and seen | H) of each indicator on which anything was."""
    found = {}
    for sign in ask.indicators:
        groups, looks = network[sign.id]
        if not (groups or looks):
            continue
        known = tuple(True for group in groups for _ in group), tuple(saw for saw, *_ in looks)
        tables = {there: joint(there, groups, looks, given) for there in (True, False)}
        for table in tables.values():
            assert sum(table.values()) == pytest.approx(1, abs=1e-12)
        found[sign.id] = {
            h: sign.likelihood[h].best * tables[True][known] + (1 - sign.likelihood[h].best) * tables[False][known]
            for h in THREE
        }
    return found


def posterior(ask, network, given, prior):
    """Bayes' rule over the joint distribution; of dependent indicators the one that spreads the hypotheses most."""
    found = likelihoods(ask, network, given)
    groups = {}
    for sign in ask.indicators:
        if sign.id in found:
            groups.setdefault(sign.group or sign.id, []).append(found[sign.id])
    counted = [max(members, key=lambda m: max(m.values()) / min(m.values())) for members in groups.values()]
    weight = {h: prior[h] * math.prod(one[h] for one in counted) for h in THREE}
    return {h: x / sum(weight.values()) for h, x in weight.items()}


def network_of(chance):
    """A question, its records, what of it is hidden, and the assumptions, all drawn at random."""
    hit, false = ({g: p(chance.uniform(0.05, 0.95)) for g in LETTERS} for _ in range(2))
    given = assumed(rho=p(chance.random()), visible=p(chance.random()), samples=100)
    given = given.model_copy(update={"hit": hit, "false": false})
    dependent = chance.random() < 0.4
    signs = [
        indicator(
            s,
            terms=((s,),),
            observables=(s,),
            group="one object" if dependent and n < 2 else None,
            **{h: chance.random() for h in THREE},
        )
        for n, s in enumerate(SIGNS[: chance.randint(1, 3)])
    ]
    records, network = [], {}
    for sign in signs:
        sizes = chance.choice([(), (1,), (2,), (3,), (1, 1), (2, 1)])
        groups = [[(chance.choice(LETTERS), denies) for _ in range(n)] for n in sizes for denies in [_coin(chance)]]
        looks = [(_coin(chance), chance.random(), chance.uniform(0.01, 0.5)) for _ in range(chance.randint(0, 2))]
        network[sign.id] = groups, looks
        apart = len({group[0][1] for group in groups}) == len(groups)  # a report and a denial are never one report
        common = apart and _coin(chance)
        for n, group in enumerate(groups):
            records += _told(f"{sign.id}-{n}", sign.id, group, chance, owner=sign.id if common else f"{sign.id}-{n}")
        for n, (saw, power, false_rate) in enumerate(looks):
            day = date(2018, 7, 1 + n)
            records.append(look(sign.id, "seen" if saw else "not_seen", day, power=power, false=false_rate))
        records.append(look(sign.id, "obscured", date(2018, 8, 1)))
    return question(*signs, hypotheses=THREE), records, network, given


def _told(name, sign, group, chance, *, owner):
    """The reports of one group: tied by an official, by an image or by their owner; some of them copied."""
    tie = chance.choice(["same_official", "same_image", "owner"])
    first = None
    for k, (letter, denies) in enumerate(group):
        slug = f"{name}-{k}"
        modality = Modality.DENIED if denies else Modality.ASSERTED
        report = told(slug, quote=sign, modality=modality)
        yield outlet(slug, owner=owner if tie == "owner" else slug, letter=letter)
        yield report
        if first is not None and tie != "owner":
            yield edge(report[0], first, tie)
        first = first or report[0]
        if chance.random() < 0.3:
            copy = told(f"copy-{slug}", quote=sign, modality=modality, day=date(2018, 8, 2))
            yield copy
            yield edge(copy[0], report[0])


def _coin(chance):
    return chance.random() < 0.5


@pytest.mark.parametrize("seed", range(200))
def test_the_posterior_equals_the_enumeration_of_a_small_network(seed):
    ask, records, network, given = network_of(random.Random(seed))  # noqa: S311 - a seeded test, not a secret
    for found in weigh(*records, ask=ask, given=given).posteriors:
        expected = posterior(ask, network, given, found.prior)
        for h in THREE:
            assert found.posterior[h].best == pytest.approx(expected[h], abs=1e-12)


def test_the_networks_hold_all_that_the_method_knows():
    """What the two hundred networks have in them, so that none of it drops out unnoticed."""
    has = dict.fromkeys(("shared", "denial", "both", "looks", "dependent", "copies", "silent"), 0)
    for seed in range(200):
        ask, records, network, _ = network_of(random.Random(seed))  # noqa: S311 - a seeded test, not a secret
        groups = [group for told_by, _ in network.values() for group in told_by]
        has["shared"] += any(len(group) > 1 for group in groups)
        has["denial"] += any(denies for group in groups for _, denies in group)
        has["both"] += any(len({group[0][1] for group in told_by}) == 2 for told_by, _ in network.values() if told_by)
        has["looks"] += any(len(looks) > 1 for _, looks in network.values())
        has["dependent"] += sum(sign.group is not None for sign in ask.indicators) > 1
        has["copies"] += any(getattr(r, "relation", "") == "copy" for r in records)
        has["silent"] += any(not told_by and not looks for told_by, looks in network.values())
    assert min(has.values()) >= 15, has
