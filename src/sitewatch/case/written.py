"""The case file as the analyst writes it: the places, the imagery, the reports, and the file as a whole."""

from __future__ import annotations

from datetime import date

from pydantic import Field, ValidationInfo, field_validator

from sitewatch.case.asked import AssumptionsTable, CommitmentTable, QuestionTable
from sitewatch.case.counted import BalanceTable, CountTable, DeclarationTable, TallyTable
from sitewatch.case.fields import Address, Day, Fence, Length, Letter, Many, Stated, Text, Written, not_before, unfit
from sitewatch.case.model import Relation
from sitewatch.records import SPECTRA
from sitewatch.records.base import Slug


class ZoneTable(Written):
    """[[sites.zones]]."""

    id: Slug
    """a short name of lower-case letters, digits, hyphens and underscores"""
    name: Text
    """the zone's name, as text"""
    fence: Fence
    """at least three corners [longitude, latitude] in degrees"""


class SiteTable(Written):
    """[[sites]]."""

    id: Slug
    """a short name of lower-case letters, digits, hyphens and underscores"""
    name: Text
    """the site's name, as text"""
    aliases: Many[Text] = ()
    """a list of other names by which reports call it"""
    nature: Text | None = None
    """what the place is in your words, "launch site" for one"""
    fence: Fence | None = None
    """at least three corners [longitude, latitude] in degrees"""
    fence_file: Text | None = None
    """the path of a GeoJSON file with one polygon, from the case's folder"""
    watch_from: Day | None = None
    """the first watched day, such as 2018-01-01"""
    timeliness_days: int | None = Field(default=None, ge=1, le=3650)
    """a whole number of days from 1 to 3650, the longest that the place should go without a clear look"""
    zones: Many[ZoneTable] = ()
    """tables [[sites.zones]] with id, name and fence"""


class CatalogueTable(Written):
    """[[catalogues]]."""

    id: Slug
    """a short name of lower-case letters, digits, hyphens and underscores"""
    url: Address | None = None
    """the address of a STAC API, such as "https://stac.example.org/v1", with http or https"""
    folder: Text | None = None
    """the path of a static STAC folder, from the case's folder"""
    collection: Text
    """the id of a collection, "sentinel-2-l2a" for one"""
    bands: Many[Text] = Field(default=("blue", "green", "red", "nir"), min_length=1)
    """a list of STAC common names of one kind of sensor, such as ["blue", "green", "red", "nir"], ["vv", "vh"] or
    ["lwir11"]"""
    sites: Many[Slug] | None = Field(default=None, min_length=1)
    """a list of ids of sites with a fence; all of them when it is left out"""
    since: Day
    """the first day to search, such as 2016-01-01; the passes before `watch_from` are the site's history"""
    until: Day | None = None
    """the last day to search; today when it is left out"""
    latency_hours: float = Field(default=24.0, ge=0, allow_inf_nan=False)
    """hours from acquisition to the public, 0 or more"""
    licence: Text | None = None
    """the licence of the imagery, as text"""
    attribution: Text | None = None
    """the line that must stand beside every figure"""

    @field_validator("bands")
    @classmethod
    def _of_one_sensor(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if twice := [name for name in dict.fromkeys(value) if value.count(name) > 1]:
            raise unfit(f"{', '.join(twice)} more than once", "each band once")
        for names in SPECTRA.values():
            if 0 < len(set(value) & set(names)) < len(value):
                raise unfit(
                    ", ".join(value), "bands of one kind: colours, or radar (vv, vh), or heat (lwir11); a table "
                    "[[catalogues]] for each"
                )  # fmt: skip
        if value == ("vh",):
            raise unfit("vh alone", "vv beside vh, or vv alone")
        return value

    @field_validator("until")
    @classmethod
    def _after_since(cls, value: date | None, info: ValidationInfo) -> date | None:
        return not_before(value, info.data.get("since"), "since")


class HotspotsTable(Written):
    """[[hotspots]]."""

    table: Text | None = None
    """the path of a CSV as FIRMS exports it, from the case's folder"""
    tables: Many[Text] | None = Field(default=None, min_length=1)
    """a list of paths of such CSVs, from the case's folder; archive and near real time for one"""
    clouds: Text | None = None
    """the path of a CSV with the columns date, clear (0 to 1) for the one site, from the case's folder"""
    sites: Many[Slug] | None = Field(default=None, min_length=1)
    """a list of ids of sites with a fence; all of them when it is left out"""
    latency_hours: float = Field(default=3.0, ge=0, allow_inf_nan=False)
    """hours from the end of a day to when its hotspots were public, 0 or more"""
    licence: Text | None = None
    """the licence of the hotspots, as text"""
    attribution: Text | None = None
    """the line that must stand beside every figure"""


class RoadsTable(Written):
    """[[roads]]."""

    file: Text
    """the path of a GeoJSON file of the roads, from the case's folder"""
    site: Slug
    """the id of a site with a fence"""
    licence: Text | None = None
    """the licence of the roads, as text"""
    attribution: Text | None = None
    """the line that must stand beside every figure"""


class VehicleKindTable(Written):
    """[[vehicle_kinds]]."""

    name: Text
    """what the vehicle would be, as text, "a container lorry" for one"""
    length: Length
    """[shortest, usual, longest] in metres, such as [11, 13, 16]"""
    why: Text
    """where the lengths come from, as text"""


class GradeTable(Written):
    """[[outlets.grades]]."""

    since: Day | None = None
    """the first day of the grade; left out for the first one"""
    letter: Letter
    """a letter from "A" (reliable) to "E", or "F" where nobody can judge it"""
    why: Text
    """the reason for the grade, as text"""


class OutletTable(Written):
    """[[outlets]]."""

    id: Slug
    """a short name of lower-case letters, digits, hyphens and underscores"""
    name: Text
    """the outlet's name, as text"""
    owner: Text
    """the owner family, as text: outlets of one family are never independent"""
    grade: Letter | None = None
    """a letter from "A" (reliable) to "E", or "F" where nobody can judge it"""
    grades: Many[GradeTable] = Field(default=(), min_length=1)
    """tables [[outlets.grades]] with since, letter and why"""
    credits: Many[Text] = ()
    """a list of how others credit it, such as ["Wire A", "(WA)"]"""

    @field_validator("grades")
    @classmethod
    def _one_a_day(cls, value: tuple[GradeTable, ...]) -> tuple[GradeTable, ...]:
        days = [grade.since for grade in value]
        if twice := {day for day in days if days.count(day) > 1}:
            raise unfit(
                f"two grades from {' and '.join(str(day or 'the beginning') for day in twice)}", "one for a day"
            )
        return value


class ReportTable(Written):
    """[[reports]]."""

    folder: Text | None = None
    """the path of a folder of reports, from the case's folder"""
    file: Text | None = None
    """the path of one report, from the case's folder"""
    feed: Address | None = None
    """the address of an RSS or Atom feed, http or https"""
    url: Address | None = None
    """the address of a page, http or https"""
    outlet: Slug | None = None
    """the id of an outlet"""


class LooksTable(Written):
    """[[looks]]."""

    table: Text
    """the path of a CSV table of looks, from the case's folder"""
    p_detect: Stated | None = None
    """[low, best, high] of P(seen | it is there), for rows that leave theirs blank"""
    p_false: Stated | None = None
    """[low, best, high] of P(seen | it is not there), for rows that leave theirs blank"""


class LinkTable(Written):
    """[[links]]."""

    child: Text
    """the path or address of the report that has something from another"""
    parent: Text
    """the path or address of the report that it has it from"""
    relation: Relation
    """one of these relations: copy, quote, paraphrase, translation, same_image, same_official"""
    why: Text
    """the reason, as text"""


class CaseTable(Written):
    """The whole file."""

    title: Text
    """the title of the brief, as text"""
    about: Text | None = None
    """a paragraph on what the case is about"""
    sites: Many[SiteTable] = Field(min_length=1)
    """one or more tables [[sites]] with id and name"""
    catalogues: Many[CatalogueTable] = ()
    """tables [[catalogues]]"""
    hotspots: Many[HotspotsTable] = ()
    """tables [[hotspots]]"""
    roads: Many[RoadsTable] = ()
    """tables [[roads]]"""
    vehicle_kinds: Many[VehicleKindTable] = ()
    """tables [[vehicle_kinds]] with name, length and why"""
    outlets: Many[OutletTable] = ()
    """tables [[outlets]]"""
    reports: Many[ReportTable] = ()
    """tables [[reports]]"""
    looks: Many[LooksTable] = ()
    """tables [[looks]]"""
    questions: Many[QuestionTable] = ()
    """tables [[questions]]"""
    commitments: Many[CommitmentTable] = ()
    """tables [[commitments]]"""
    declarations: Many[DeclarationTable] = ()
    """tables [[declarations]]"""
    counts: Many[CountTable] = ()
    """tables [[counts]]"""
    balances: Many[BalanceTable] = ()
    """tables [[balances]]"""
    tallies: Many[TallyTable] = ()
    """tables [[tallies]]"""
    links: Many[LinkTable] = ()
    """tables [[links]]"""
    assumptions: AssumptionsTable = AssumptionsTable()
    """a table [assumptions]"""
