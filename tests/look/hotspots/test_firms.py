"""Hotspot files as FIRMS exports them, and what is wrong with some."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sitewatch.errors import InputError
from sitewatch.look.hotspots.firms import parse, read, read_clouds

VIIRS = (
    "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,bright_ti5,frp,"
    "daynight,type"
)
MODIS = (
    "latitude,longitude,brightness,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,bright_t31,frp,"
    "daynight,type"
)
NIGHT = "51.5,6.7,330.1,0.4,0.4,2023-01-02,0131,N,VIIRS,n,2,261.5,4.9,N,2"
DAY = "51.5,6.7,330.1,0.4,0.4,2023-06-02,1205,N,VIIRS,h,2,261.5,0.5,D,0"


def text(*rows: str, head: str = VIIRS) -> str:
    return "\n".join([head, *rows]) + "\n"


def refused(given: str, near: tuple[float, float] | None = None) -> str:
    with pytest.raises(InputError) as error:
        parse(given, "fires.csv", near=near)
    return str(error.value)


def test_archive_rows_become_detections_in_order_of_time() -> None:
    day, night = parse(text(DAY, NIGHT))[::-1]
    assert night.time == datetime(2023, 1, 2, 1, 31, tzinfo=UTC)
    assert (night.lon, night.lat, night.frp, night.satellite) == (6.7, 51.5, 4.9, "N")
    assert (night.instrument, night.night, night.confidence) == ("VIIRS", True, "nominal")
    assert (day.night, day.confidence) == (False, "high")


def test_near_real_time_has_no_type_and_a_version_in_words() -> None:
    head = VIIRS.removesuffix(",type")
    row = NIGHT.replace(",2,261.5", ",2.0NRT,261.5").removesuffix(",2")
    assert parse(text(row, head=head)) == parse(text(NIGHT))


@pytest.mark.parametrize(
    ("written", "hour", "minute"), [("131", 1, 31), ("5", 0, 5), ("0131", 1, 31), ("01:31", 1, 31)]
)
def test_times_without_their_leading_zeros(written: str, hour: int, minute: int) -> None:
    (one,) = parse(text(NIGHT.replace("0131", written)))
    assert (one.time.hour, one.time.minute) == (hour, minute)


@pytest.mark.parametrize(("share", "word"), [("0", "low"), ("29", "low"), ("30", "nominal"), ("80", "high")])
def test_modis_confidence_is_a_share(share: str, word: str) -> None:
    row = f"51.5,6.7,310.2,1,1,2023-01-02,2130,Terra,MODIS,{share},6.1NRT,280.1,12.5,N"
    (one,) = parse(text(row, head=MODIS.removesuffix(",type")))
    assert (one.instrument, one.satellite, one.confidence) == ("MODIS", "Terra", word)


def test_columns_are_told_by_name_not_by_order() -> None:
    swapped = VIIRS.replace("latitude,longitude", "longitude,latitude")
    assert parse(text(NIGHT.replace("51.5,6.7", "6.7,51.5"), head=swapped)) == parse(text(NIGHT))


def test_missing_columns_are_named() -> None:
    said = refused(text(NIGHT, head=VIIRS.replace("frp", "power").replace("acq_time", "time")))
    assert "fires.csv:1: missing columns: acq_time, frp;" in said
    assert "bright_ti4" in refused(text(NIGHT, head=VIIRS.replace("bright_ti4", "b4")))
    assert "missing columns" in refused("")


def test_latitude_beyond_the_pole_is_a_swap() -> None:
    said = refused(text(NIGHT.replace("51.5,6.7", "113.2,39.9")))
    assert "fires.csv:2:latitude: found '113.2'" in said
    assert "seem swapped" in said


def test_possible_but_swapped_coordinates_show_against_the_site() -> None:
    swapped = text(NIGHT.replace("51.5,6.7", "6.7,51.5"))
    assert len(parse(swapped)) == 1
    assert "latitude and longitude seem swapped" in refused(swapped, near=(6.73, 51.49))
    assert "export the area around the site" in refused(text(NIGHT), near=(127.0, 39.0))
    assert len(parse(text(NIGHT), near=(6.73, 51.49))) == 1


def test_local_times_contradict_the_sun() -> None:
    rows = [
        f"39.{k:03d},127.0,330.1,0.4,0.4,2023-0{k}-10,{utc},N,VIIRS,n,2,261.5,4.9,{flag},2"
        for k in range(1, 9)
        for utc, flag in (("1705", "N"), ("0455", "D"))
    ]
    assert len(parse(text(*rows))) == 16
    local = [row.replace(",1705,", ",0205,").replace(",0455,", ",1355,") for row in rows]
    said = refused(text(*local))
    assert "acq_time is not UTC" in said
    assert "flagged night with the sun at" in said
    assert len(parse(text(*rows[:15], local[15]))) == 16  # one strange row among many is no proof


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (",4.9,", ",4;9,", "fires.csv:3:frp: found '4;9'"),
        (",4.9,", ",nan,", "fires.csv:3:frp: found 'nan'"),
        (",4.9,", ",-1,", "fires.csv:3:frp: found '-1'"),
        ("51.5,", "51°30,", "fires.csv:3:latitude"),
        (",6.7,", ",186.7,", "fires.csv:3:longitude"),
        ("2023-01-02", "02/01/2023", "fires.csv:3:acq_date"),
        ("2023-01-02", "0001-01-01", "fires.csv:3:acq_date: found '0001-01-01', needed is a day from 2000"),
        ("2023-01-02", "2203-01-02", "fires.csv:3:acq_date"),
        ("0131", "0171", "fires.csv:3:acq_time"),
        ("0131", "2531", "fires.csv:3:acq_time"),
        ("0131", "1.31", "fires.csv:3:acq_time"),
        (",n,", ",87,", "fires.csv:3:confidence"),
        ("VIIRS", "MODIS", "fires.csv:3:instrument"),
        (",N,VIIRS", ",,VIIRS", "fires.csv:3:satellite"),
        (",N,2", ",?,2", "fires.csv:3:daynight"),
        (",N,2", "", "fires.csv:3: 13 values under 15 columns"),
    ],
)
def test_what_is_unreadable_is_named_with_its_place(old: str, new: str, where: str) -> None:
    assert where in refused(text(DAY, NIGHT.replace(old, new)))


def test_modis_confidence_beyond_a_hundred_is_refused() -> None:
    row = "51.5,6.7,310.2,1,1,2023-01-02,2130,Terra,MODIS,140,6.1,280.1,12.5,N,0"
    assert "fires.csv:2:confidence" in refused(text(row, head=MODIS))


def test_a_row_that_is_there_twice_is_refused() -> None:
    assert "fires.csv:4: repeats the detection of line 2" in refused(
        text(NIGHT, DAY, NIGHT.replace(",n,2,", ",n,2.0NRT,"))
    )


def test_a_header_alone_is_a_file_without_hotspots() -> None:
    assert parse(text()) == ()


def test_a_file_is_read_with_its_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "fires.csv"
    path.write_text(text(NIGHT, ""), encoding="utf-8-sig")
    assert read(path) == parse(text(NIGHT))
    with pytest.raises(InputError, match=r"none\.csv: cannot be read"):
        read(tmp_path / "none.csv")


def test_a_cloud_series(tmp_path: Path) -> None:
    path = tmp_path / "clouds.csv"
    path.write_text("date,clear\n2023-01-01,0.25\n2023-01-02,1\n")
    assert read_clouds(path) == {date(2023, 1, 1): 0.25, date(2023, 1, 2): 1.0}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("date,clear\n2023-01-01,75\n", "clouds.csv:2:clear: found '75'"),
        ("date,clear\n2023-01-01,much\n", "clouds.csv:2:clear: found 'much'"),
        ("date,clear\n1.1.2023,0.5\n", "clouds.csv:2:date"),
        ("date,clear\n2023-01-01,0.5\n2023-01-01,0.6\n", "clouds.csv:3:date"),
        ("day,clear\n2023-01-01,0.5\n", "clouds.csv:1: missing columns: date"),
        ("date,clear\n2023-01-01\n", "clouds.csv:2: 1 values under 2 columns"),
        ("date,clear\n", "holds no day"),
        ("date,clear\n2023-01-01,0,5\n", "clouds.csv:2: 3 values under 2 columns; a number has a decimal point"),
        ("date,clear,clear\n2023-01-01,0.5,0.9\n", "clouds.csv:1: columns that are there twice: clear"),
        ("date;clear\n2023-01-01;0.5\n", "commas between the values"),
        ("date,clear\n\n2023-01-01,7\n", "clouds.csv:3:clear"),
    ],
)
def test_cloud_series_that_are_refused(tmp_path: Path, given: str, said: str) -> None:
    path = tmp_path / "clouds.csv"
    path.write_text(given)
    with pytest.raises(InputError) as error:
        read_clouds(path)
    assert said in str(error.value)


@pytest.mark.parametrize(("written", "read_as"), [("T", "Terra"), ("a", "Aqua"), ("Terra", "Terra")])
def test_a_satellite_of_two_names_is_one(written: str, read_as: str) -> None:
    row = f"51.5,6.7,310.2,1,1,2023-01-02,2130,{written},MODIS,50,6.1NRT,280.1,12.5,N"
    assert parse(text(row, head=MODIS.removesuffix(",type")))[0].satellite == read_as


def test_columns_of_a_cloud_series_may_be_spaced_and_in_capitals(tmp_path: Path) -> None:
    path = tmp_path / "clouds.csv"
    path.write_bytes("\ufeffClear, Date\r\n 0.5, 2023-01-01\r\n".encode())
    assert read_clouds(path) == {date(2023, 1, 1): 0.5}


def test_semicolons_between_values_are_named() -> None:
    assert "commas between the values" in refused(text(NIGHT).replace(",", ";"))
