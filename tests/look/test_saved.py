from __future__ import annotations

import json
import zipfile
from dataclasses import fields

import numpy as np
import pytest

from sitewatch.errors import InputError
from sitewatch.look import monitor, power, resume
from sitewatch.look.placebos import unmeasured
from tests.look.scenes import START, field, plus, small

EVERYWHERE = {"rows": slice(None), "columns": slice(None)}
SPECTRA = np.array([0.05, 0.06, 0.08, 0.02, 0.04, 0.07])


def eventful(**changes):
    """A change that comes, grows and goes, an offset of the feed, a displaced pass and one under haze."""
    data, inside = small(**changes)
    bands = data.sizes["band"]
    data = plus(data, SPECTRA[:bands, None, None], "2021-02-10", "2021-09-01")
    data = plus(
        data, SPECTRA[:bands, None, None], "2021-05-01", "2021-09-01", rows=slice(17, 24), columns=slice(22, 24)
    )
    data = plus(data, 0.1, "2021-10-20", **EVERYWHERE)
    data.values[52] = np.roll(data.values[52], (2, -1), (1, 2))
    data.values[60] += np.random.default_rng(1).uniform(0, 0.5, data.shape[2:]).astype(np.float32)
    return data, inside


@pytest.fixture(scope="module")
def scene():
    return eventful()


@pytest.fixture(scope="module")
def whole(scene):
    return monitor(*scene, START)


def unmeasured_save(watch, path):
    """Save without the placebos, which take a second and are no matter here."""
    watch.false_alarms = unmeasured("not asked for")
    watch.save(path)
    return path


def of(alert):
    """All that an alert says, as values that compare."""
    said = {one.name: getattr(alert, one.name) for one in fields(alert) if one.name != "ranked"}
    return said | {"region": said["region"].tobytes(), "direction": said["direction"].tobytes()}


def assert_same(one, other):
    assert one.days == other.days
    assert one.looks == other.looks
    assert one.statistic.tobytes() == other.statistic.tobytes()
    assert one.flagged.tobytes() == other.flagged.tobytes()
    assert list(map(of, one.steps)) == list(map(of, other.steps))
    assert list(map(of, one.alerts)) == list(map(of, other.alerts))
    assert one.faults == other.faults
    assert (one.limit, one.bands, one.start, one.settings) == (other.limit, other.bands, other.start, other.settings)
    assert np.array_equal(one.monitored, other.monitored)
    assert np.array_equal(one.inside, other.inside)


def members(path):
    """What a state file holds, without the hour that it was written."""
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


# --- Going on


def test_the_scene_of_these_tests_has_something_to_forget(whole):
    assert len(whole.steps) > len(whole.alerts) >= 1
    assert {fault.kind for fault in whole.faults} == {"offset"}
    assert whole.flagged.any()
    assert len({look.result for look in whole.looks}) >= 3


def test_passes_fed_one_by_one_saved_and_resumed_after_each_are_one_run_over_all(scene, whole, tmp_path):
    data, inside = scene
    begun = int((data.time.values < np.datetime64(START)).sum())
    fed = monitor(data.isel(time=slice(0, begun)), inside, START)
    for index in range(begun, data.sizes["time"]):
        resumed = resume(unmeasured_save(fed, tmp_path / "watch"))
        assert_same(resumed, fed)
        image = data.isel(time=index)
        assert_same(resumed.update(image), fed.update(image))
    assert_same(fed, whole)


@pytest.mark.parametrize("cut", [46, 57])
def test_a_watch_resumed_without_its_cube_ends_as_one_run_over_all(scene, whole, tmp_path, cut):
    data, inside = scene
    resumed = resume(unmeasured_save(monitor(data.isel(time=slice(0, cut)), inside, START), tmp_path / "watch"))
    for index in range(cut, data.sizes["time"]):
        resumed.update(data.isel(time=[index]))
    assert_same(resumed, whole)


def test_several_passes_at_once_are_as_many_one_by_one(scene, whole, tmp_path):
    data, inside = scene
    resumed = resume(unmeasured_save(monitor(data.isel(time=slice(0, 50)), inside, START), tmp_path / "watch"))
    assert resumed.update(data.isel(time=slice(50, None))) is resumed
    assert_same(resumed, whole)


def test_what_was_saved_twice_is_the_same(scene, whole, tmp_path):
    once = unmeasured_save(whole, tmp_path / "once")
    twice = unmeasured_save(resume(once), tmp_path / "twice")
    assert members(once) == members(twice)


@pytest.mark.parametrize("bands", [1, 6])
def test_any_number_of_unknown_bands_is_kept(tmp_path, bands):
    data, inside = eventful(bands=bands)
    data = data.assign_coords(band=[f"strange {i}" for i in range(bands)][::-1])
    whole = monitor(data, inside, START)
    assert whole.alerts
    resumed = resume(unmeasured_save(monitor(data.isel(time=slice(0, 55)), inside, START), tmp_path / "watch"))
    assert_same(resumed.update(data.isel(time=slice(55, None))), whole)


def test_the_order_of_bands_changes_nothing_before_or_after_the_watch_is_resumed(scene, whole, tmp_path):
    data, inside = scene
    mixed = data.isel(band=[2, 0, 3, 1])
    assert_same(monitor(mixed, inside, START), whole)
    resumed = resume(unmeasured_save(monitor(mixed.isel(time=slice(0, 55)), inside, START), tmp_path / "watch"))
    for index in range(55, data.sizes["time"]):
        resumed.update(data.isel(time=index, band=np.roll([3, 1, 0, 2], index)))
    assert_same(resumed, whole)


def test_the_rate_and_the_rank_of_alerts_are_saved(scene, tmp_path):
    data, inside = scene
    watch = monitor(data, inside, START)
    watch.save(tmp_path / "watch")
    resumed = resume(tmp_path / "watch")
    for one in fields(watch.false_alarms):
        before, after = getattr(watch.false_alarms, one.name), getattr(resumed.false_alarms, one.name)
        assert type(before) is type(after) or isinstance(before, float), one.name
        assert np.array_equal(before, after), one.name
    assert watch.false_alarms.measurable
    assert watch.alerts[0].p_value is not None
    assert [a.p_value for a in watch.steps] == [a.p_value for a in resumed.steps]
    assert resumed.update(later(data)).false_alarms.rate == watch.false_alarms.rate


def later(data):
    """One more pass, ten days after the last."""
    return data.isel(time=-1).assign_coords(time=data.time.values[-1] + np.timedelta64(10, "D"))


def at(one, time):
    """The pass at another time."""
    return one.assign_coords(time=np.datetime64(time, "ns"))


# --- A pass that does not fit


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda p: p.assign_coords(band=["blue", "green", "red", "swir16"]), "bands .*nir.*; the pass has .*swir16"),
        (lambda p: p.isel(band=[0, 1, 2]), "the pass has blue, green, red$"),
        (lambda p: p.isel(y=slice(1, None)), r"\(27, 28\)"),
        (lambda p: p.transpose("y", "x", "band"), "dimensions time, band, y, x"),
        (lambda p: p.drop_vars("time"), "needs a time"),
        (lambda p: at(p, "NaT"), "needs a time"),
        (lambda p: at(p, "2021-12-10"), "must be later than those before; 2021-12-10"),
        (lambda p: at(p, "2021-06-01"), "must be later than those before; 2021-06-01"),
        (lambda p: p.where(p < 0.2, np.inf), "infinities"),
        (lambda p: p.expand_dims("time").isel(time=slice(0, 0)), "'time': 0"),
        (lambda p: p.assign_coords(x=p.x + 5000), r"\(0.0, 270.0\)"),
        (lambda p: p.isel(y=slice(None, None, -1)), r"\(0.0, 270.0\)"),
    ],
    ids=[
        "other bands", "fewer bands", "fewer rows", "other order", "no time", "time is none", "the last time again",
        "an earlier time", "infinities", "no pass", "elsewhere", "upside down",
    ],
)  # fmt: skip
@pytest.mark.parametrize("at_hand", [True, False], ids=["with the cube", "without the cube"])
def test_a_pass_that_does_not_fit_is_refused_and_changes_nothing(scene, whole, tmp_path, spoil, words, at_hand):
    data, _ = scene
    watch = resume(unmeasured_save(whole, tmp_path / "watch"), data if at_hand else None)
    with pytest.raises(InputError, match=words):
        watch.update(spoil(later(data)))
    assert_same(watch, whole)


def test_a_pass_of_the_history_refits_where_the_cube_is_at_hand(scene, whole, tmp_path):
    data, inside = scene
    fed = monitor(data.isel(time=slice(0, 30)), inside, START)
    resumed = resume(unmeasured_save(fed, tmp_path / "watch"), data.isel(time=slice(0, 30)))
    for watch in (fed, resumed):
        watch.update(data.isel(time=30)).update(data.isel(time=slice(31, None)))
        assert_same(watch, whole)


def test_a_pass_of_the_history_is_refused_where_the_cube_is_not_at_hand(scene, tmp_path):
    data, inside = scene
    begun = monitor(data.isel(time=slice(0, 30)), inside, START)
    watch = resume(unmeasured_save(begun, tmp_path / "watch"))
    with pytest.raises(InputError, match="belongs to the history, which needs the past cube"):
        watch.update(data.isel(time=30))
    assert_same(watch, begun)


# --- With and without the past cube


@pytest.fixture
def few_plants(monkeypatch):
    monkeypatch.setattr(power, "PLACES", 5)
    monkeypatch.setattr(power, "DATES", 6)


QUIET_POWER = (3, {"red": 0.02, "nir": -0.02}, 80)


def test_power_needs_the_past_cube(whole, tmp_path):
    watch = resume(unmeasured_save(whole, tmp_path / "watch"))
    with pytest.raises(InputError, match=r"power needs the past cube.*cube="):
        watch.power(3, "bare", 60)


def test_with_the_past_cube_power_is_that_of_the_watch_that_was_saved(few_plants, tmp_path):
    data, inside = small()
    watch = monitor(data, inside, START)
    resumed = resume(unmeasured_save(watch, tmp_path / "watch"), data)
    assert resumed.power(*QUIET_POWER) == watch.power(*QUIET_POWER)


def test_power_after_an_update_is_that_of_one_run_over_all(few_plants):
    data, inside = small()
    watch = monitor(data.isel(time=slice(0, -6)), inside, START)
    watch.power(*QUIET_POWER)
    watch.update(data.isel(time=slice(-6, None)))
    assert watch.power(*QUIET_POWER) == monitor(data, inside, START).power(*QUIET_POWER)


def test_the_rate_after_an_update_is_that_of_one_run_over_all():
    data, inside = small(every=30)
    watch = monitor(data.isel(time=slice(0, -3)), inside, START)
    before = watch.false_alarms
    after = watch.update(data.isel(time=slice(-3, None))).false_alarms
    whole = monitor(data, inside, START).false_alarms
    assert after.years == whole.years != before.years
    assert np.array_equal(after.peaks, whole.peaks)


@pytest.mark.parametrize(
    "other",
    [
        lambda d: d.isel(time=slice(0, -1)),
        lambda d: d.isel(time=slice(1, None)),
        lambda d: d.assign_coords(time=d.time + np.timedelta64(1, "D")),
        lambda d: d.assign_coords(band=["b1", "b2", "b3", "b4"]),
        lambda d: d.isel(x=slice(0, 27)),
        lambda d: d.copy(data=eventful(seed=7)[0].values),
        lambda d: d.assign_coords(x=d.x * 2, y=d.y * 2),
    ],
    ids=["a pass short", "begins later", "other days", "other bands", "narrower", "another place", "other pixels"],
)
def test_a_cube_that_is_not_that_of_the_watch_is_refused(scene, whole, tmp_path, other):
    path = unmeasured_save(whole, tmp_path / "watch")
    with pytest.raises(InputError):
        resume(path, other(scene[0]))


# --- The state file


def rewritten(path, **changes):
    """The state file with some of its plain values changed."""
    held = members(path)
    held["watch.json"] = json.dumps(json.loads(held["watch.json"]) | changes).encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in held.items():
            file.writestr(name, content)
    return path


def test_a_file_of_another_version_says_so(whole, tmp_path):
    path = rewritten(unmeasured_save(whole, tmp_path / "old.watch"), version=99)
    with pytest.raises(InputError, match=r"old\.watch: saved as version 99.*run the monitor over the past cube again"):
        resume(path)


def test_a_file_that_is_no_state_says_so(whole, tmp_path):
    path = rewritten(unmeasured_save(whole, tmp_path / "odd.watch"), format="photographs")
    with pytest.raises(InputError, match=r"odd\.watch: this is no saved watch"):
        resume(path)


def other_zip(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("word/document.xml", "<a/>")


def listed_zip(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("watch.json", "[1, 2]")


@pytest.mark.parametrize(
    "write",
    [
        other_zip, listed_zip, lambda p: p.write_bytes(b""), lambda p: p.write_bytes(b"no zip at all" * 99),
        lambda p: p.mkdir(), lambda p: None,
    ],
    ids=["another zip", "a zip with a list", "empty", "no zip", "a directory", "missing"],
)  # fmt: skip
def test_what_is_no_state_file_is_refused_by_its_name(tmp_path, write):
    write(tmp_path / "mine.watch")
    with pytest.raises(InputError, match=r"mine\.watch: \w"):
        resume(tmp_path / "mine.watch")


def test_a_state_that_lacks_an_array_is_refused(whole, tmp_path):
    path = unmeasured_save(whole, tmp_path / "watch")
    held = members(path)
    for lacking in held:
        with zipfile.ZipFile(path, "w") as file:
            for name, content in held.items():
                if name != lacking:
                    file.writestr(name, content)
        with pytest.raises(InputError, match="watch: "):
            resume(path)


def test_a_truncated_file_is_refused_wherever_it_was_cut(whole, tmp_path):
    path = unmeasured_save(whole, tmp_path / "watch")
    raw = path.read_bytes()
    cuts = {*np.linspace(0, len(raw) - 1, 60).astype(int).tolist(), *range(len(raw) - 24, len(raw)), 1, 4, 30}
    for cut in sorted(cuts):
        path.write_bytes(raw[:cut])
        with pytest.raises(InputError, match="watch: "):
            resume(path)


def spoiled(path, raw, where, mask, expected):
    """Is a file with one byte changed refused (False) or read as the same watch (True)? Fails on anything else."""
    changed = bytearray(raw)
    changed[where] ^= mask
    path.write_bytes(changed)
    try:
        watch = resume(path)
    except InputError:
        return False
    assert members(unmeasured_save(watch, path.with_suffix(".again"))) == expected, f"byte {where} ^ {mask}"
    return True


def test_one_flipped_byte_is_refused_or_changes_nothing(whole, tmp_path):
    path = unmeasured_save(whole, tmp_path / "watch")
    raw, expected = path.read_bytes(), members(path)
    directory = zipfile.ZipFile(path).start_dir
    places = [*range(0, directory, directory // 100), *range(directory, len(raw), 7)]
    told = [spoiled(path, raw, where, 1 << turn % 8, expected) for turn, where in enumerate(places)]
    assert told.count(False) > 100  # a flip inside the data never passes


@pytest.mark.parametrize("field", [6, 8, 10, 12, 28, 30, 32, 42], ids=lambda at: f"directory + {at}")
@pytest.mark.parametrize("mask", [0x01, 0x06, 0xFF], ids=hex)
def test_no_flag_of_the_zip_directory_brings_a_traceback(whole, tmp_path, field, mask):
    """Marks of encryption, of another compression, of another place: one byte of the directory says them."""
    path = unmeasured_save(whole, tmp_path / "watch")
    raw, expected = path.read_bytes(), members(path)
    where = zipfile.ZipFile(path).start_dir + field
    assert raw[where - field : where - field + 4] == b"PK\x01\x02"
    spoiled(path, raw, where, mask, expected)


def test_a_changed_array_with_a_right_checksum_is_refused_where_it_does_not_fit(whole, tmp_path):
    path = unmeasured_save(whole, tmp_path / "watch")
    held = members(path)
    for name in ("coefficients.npy", "evidence.npy", "passes.npy", "level.npy", "noise.npy", "inside.npy"):
        with zipfile.ZipFile(path, "w") as file:
            for other, content in held.items():
                file.writestr(other, held["times.npy"] if other == name else content)
        with pytest.raises(InputError, match="watch: "):
            resume(path)


def test_save_names_a_folder_that_is_not_there(whole, tmp_path):
    whole.false_alarms = unmeasured("not asked for")
    with pytest.raises(InputError, match="nowhere"):
        whole.save(tmp_path / "nowhere" / "watch")


def test_a_year_of_clear_passes_over_200_by_200_px_in_six_bands_is_kept_in_eight_megabytes(tmp_path):
    rng = np.random.default_rng(0)
    few, inside = field(size=200, every=40, years=3, bands=6, cloudy=0)
    watch = monitor(few.isel(time=slice(5, 22)), inside, START)
    memory = watch._memory
    shown = [one for one in memory.statistic if one is not None]
    assert len(shown) >= 3
    while sum(one is not None for one in memory.statistic) < 73:  # every five days; each with entropy of its own
        memory.statistic.append(np.roll(shown[-1], rng.integers(0, 200, 2), (0, 1)))
        memory.flagged.append(memory.flagged[-1])
        memory.times.append(memory.times[-1] + np.timedelta64(5, "D"))
        memory.looks.append(memory.looks[-1])
    path = unmeasured_save(watch, tmp_path / "watch")
    assert len(resume(path).days) == len(memory.times)
    assert path.stat().st_size <= 8_000_000
