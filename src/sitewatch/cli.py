"""The command line: each command only speaks; the library does the work (imported late, so that --help is quick)."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datetime import date

    from sitewatch.verbs import Bench, Outcome

app = typer.Typer(name="sitewatch", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

CaseArg = Annotated[Path, typer.Argument(metavar="CASE", help="Folder with case.toml, or a TOML file.")]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
PrivateFlag = Annotated[
    bool, typer.Option("--allow-private", help="Let feeds and pages be fetched from private addresses.")
]

CHECK_FAILED, WRONG_INPUT, SERVICE_FAILED, STOPPED = 1, 2, 3, 130
STOPPED_SAYS = "\nsitewatch: stopped; what was recorded is kept, and the same command goes on from there"
GRACE_S = 2.0
"""Seconds that an interrupt has to reach the command before it is ended all the same."""


@contextmanager
def _spoken(as_json: bool) -> Iterator[None]:
    """Turn errors into a clear word on standard error (and JSON where asked) and the exit status."""
    from sitewatch.errors import InputError, LedgerError, ServiceError

    status = {InputError: WRONG_INPUT, ServiceError: SERVICE_FAILED, LedgerError: CHECK_FAILED}
    try:
        with _stoppable():
            yield
    except tuple(status) as error:
        if as_json:
            print(json.dumps({"error": str(error)}))
        print(f"sitewatch: {error}", file=sys.stderr)
        raise typer.Exit(next(code for kind, code in status.items() if isinstance(error, kind))) from None
    except KeyboardInterrupt:
        print(STOPPED_SAYS, file=sys.stderr)
        _leave_loads()
        raise typer.Exit(STOPPED) from None


@contextmanager
def _stoppable() -> Iterator[None]:
    """Have Ctrl-C end the command, even where a library that is called back at that moment swallows the interrupt."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    late = threading.Timer(GRACE_S, _leave_late)
    late.daemon = True

    def stop(number: int, frame: object) -> None:
        if not late.is_alive():
            late.start()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        late.cancel()


def _leave_late() -> None:
    """End where the interrupt did not reach the command; the ledger holds whole records only."""
    print(STOPPED_SAYS, file=sys.stderr)
    sys.stderr.flush()
    os._exit(STOPPED)


def _leave_loads() -> None:
    """End at once where threads still load passes: a server that hangs would hold up the end for minutes."""
    if threading.active_count() > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(STOPPED)


@contextmanager
def _progress(as_json: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Bars on a terminal, plain lines elsewhere, nothing for machines."""
    if as_json:
        yield lambda what, done, total: None
    elif sys.stderr.isatty():
        yield from _bars()
    else:
        yield _lines()


def _bars() -> Iterator[Callable[[str, int, int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(what: str, done: int, total: int) -> None:
            name = what.split(" ")[0] if not total else what
            if name not in tasks:
                tasks[name] = bars.add_task(what, total=total or None)
            bars.update(tasks[name], completed=done, description=what)

        yield show


def _lines() -> Callable[[str, int, int], None]:
    told: dict[str, int] = {}

    def show(what: str, done: int, total: int) -> None:
        tenth = 10 * done // total if total else 0
        if total and told.get(what) != tenth:
            told[what] = tenth
            print(f"{what}: {done} of {total}", file=sys.stderr)

    return show


def _tell(outcomes: list[Outcome], as_json: bool) -> None:
    """Say what was done, and end with the exit status."""
    if as_json:
        print(json.dumps([o.as_json() for o in outcomes] if len(outcomes) > 1 else outcomes[0].as_json()))
    else:
        for outcome in outcomes:
            new = ", ".join(f"{n} {kind}" for kind, n in sorted(outcome.new.items())) or "nothing new"
            print(f"{outcome.verb}: {new}")
            for line in (*outcome.notes, *(f"not had: {fault}" for fault in outcome.faults)):
                print(f"  {line}")
            for path in outcome.files:
                print(f"  {path}")
    if any(outcome.unreachable for outcome in outcomes):
        raise typer.Exit(SERVICE_FAILED)
    if any(outcome.wrong for outcome in outcomes):
        raise typer.Exit(WRONG_INPUT)


def _work(case: Path, as_json: bool, *verbs: Callable[[Bench], Outcome]) -> None:
    """Open a case, do some verbs in order, and say what was done."""
    with _spoken(as_json):
        from sitewatch.verbs import Bench

        with _progress(as_json) as progress, Bench.open(case, progress=progress) as bench:
            outcomes = [verb(bench) for verb in verbs]
        _tell(outcomes, as_json)


def _called() -> str:
    """How this command was called, so that what is printed can be typed."""
    called = Path(sys.argv[0])
    here = called.is_absolute() and called.is_relative_to(Path.cwd())
    return str(called.relative_to(Path.cwd()) if here else called) if called.name == "sitewatch" else "sitewatch"


def _version(wanted: bool) -> None:
    if wanted:
        from sitewatch import __version__

        print(f"sitewatch {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Watch sites from orbit and in the press, and say what changed, how surely, and what nobody can know yet."""


@app.command()
def new(folder: Annotated[Path, typer.Argument(metavar="DIR")], as_json: JsonFlag = False) -> None:
    """Write a commented case to fill in."""
    with _spoken(as_json):
        from sitewatch.case import new_case

        made = new_case(folder)
        print(json.dumps({"case": str(made)}) if as_json else f"wrote {made}; fill it in, then: sitewatch run {folder}")


@app.command()
def look(case: CaseArg, as_json: JsonFlag = False) -> None:
    """Search the catalogues, load new passes, watch every fence."""
    _work(case, as_json, lambda bench: bench.look())


@app.command("add-image")
def add_image(
    case: CaseArg,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A GeoTIFF; it is read, and not kept whole.")],
    site: Annotated[str, typer.Option(help="Id of a site with a fence.")],
    acquired: Annotated[str, typer.Option(help="When it was taken: 2018-07-20, or 2018-07-20T02:11:00Z.")],
    published: Annotated[str, typer.Option(help="From when the public could know it, written the same way.")],
    provider: Annotated[str, typer.Option(help="Whose image it is.")],
    licence: Annotated[str, typer.Option(help="On what terms it may be used.")],
    attribution: Annotated[str, typer.Option(help="The line that must stand beside every use.")] = "",
    bands: Annotated[str, typer.Option(help="Names in the file's order: blue,green,red,nir; - leaves one out.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Replace another file of the same acquisition.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Make an image of your own, a GeoTIFF, one of the site's passes."""
    told = {"site": site, "acquired": acquired, "published": published, "provider": provider, "licence": licence}
    names = [name.strip() for name in bands.split(",")] if bands else []
    _work(case, as_json, lambda b: b.add_image(file, **told, attribution=attribution, bands=names, replace=replace))


@app.command("find-vehicles")
def find_vehicles(
    case: CaseArg,
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="A GeoTIFF that was added with add-image.")],
    site: Annotated[str, typer.Option(help="Id of a site with a fence.")],
    detector: Annotated[Path | None, typer.Option(help="An ONNX file of your own; none is bundled.")] = None,
    bands: Annotated[str, typer.Option(help="Numbers of red, green and blue, such as 3,2,1, or of one band.")] = "",
    classes: Annotated[str, typer.Option(help="Classes of the detector that are vehicles, commas between.")] = "",
    trials: Annotated[Path | None, typer.Option(help="A CSV of trials: image,found,of,false.")] = None,
    by: Annotated[str, typer.Option(help="Who ran the detector.")] = "the analyst",
    as_json: JsonFlag = False,
) -> None:
    """Count vehicles inside a fence in an image of your own, with your detector."""
    with _spoken(as_json):
        numbers = _numbers(bands, "--bands")
    names = [name.strip() for name in classes.split(",") if name.strip()]
    told = {"site": site, "detector": detector, "bands": numbers, "classes": names, "trials": trials, "by": by}
    _work(case, as_json, lambda bench: bench.find_vehicles(image, **told))


def _numbers(text: str, name: str) -> list[int]:
    from sitewatch.errors import InputError

    try:
        return [int(part) for part in text.split(",")] if text else []
    except ValueError:
        raise InputError(f"{name}: found {text!r}; right would be numbers from 1 on, such as 3,2,1") from None


@app.command("compare-images")
def compare_images(
    case: CaseArg,
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="A GeoTIFF that was added with add-image.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="Another, taken later.")],
    site: Annotated[str, typer.Option(help="Id of a site with a fence.")],
    parts: Annotated[Path | None, typer.Option(help="GeoJSON of named parts of structures.")] = None,
    model: Annotated[Path | None, typer.Option(help="A learnt change model of your own, ONNX.")] = None,
    bands: Annotated[str, typer.Option(help="Names in both files' order: red,green,blue; - leaves one out.")] = "",
    by: Annotated[str, typer.Option(help="Who compared them.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Tell what is new and gone inside a fence between two images of your own."""
    names = [name.strip() for name in bands.split(",")] if bands else []
    told = {"site": site, "parts": parts, "model": model, "bands": names, "by": by}
    _work(case, as_json, lambda bench: bench.compare_images(before, after, **told))


@app.command()
def confirm(
    case: CaseArg,
    observation: Annotated[str, typer.Argument(metavar="OBSERVATION", help="How its id begins.")],
    by: Annotated[str, typer.Option(help="The analyst.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    state: Annotated[list[str] | None, typer.Option(metavar="PART=STATE", help="State of a part; repeatable.")] = None,
    reject: Annotated[bool, typer.Option("--reject", help="Reject it instead.")] = False,
    p_detect: Annotated[str, typer.Option(help="Power of your look at a part, such as 0.7,0.85,0.95.")] = "",
    p_false: Annotated[str, typer.Option(help="How often you would see it though it is not so.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Confirm or reject an observation as an analyst, with a reason."""
    with _spoken(as_json):
        powers = {"p_detect": _shares(p_detect, "--p-detect"), "p_false": _shares(p_false, "--p-false")}
    told = {"by": by, "reason": reason, "states": state or [], "reject": reject, **powers}
    _work(case, as_json, lambda bench: bench.confirm(observation, **told))


def _shares(text: str, name: str) -> list[float] | None:
    from sitewatch.errors import InputError

    try:
        return [float(part) for part in text.split(",")] if text else None
    except ValueError:
        raise InputError(f"{name}: found {text!r}; right would be three numbers such as 0.7,0.85,0.95") from None


@app.command()
def read(case: CaseArg, as_json: JsonFlag = False, allow_private: PrivateFlag = False) -> None:
    """Gather new reports, draw claims from them, trace stories to their roots."""
    _work(case, as_json, lambda bench: bench.read(allow_private=allow_private))


@app.command()
def weigh(case: CaseArg, as_json: JsonFlag = False) -> None:
    """Weigh looks and claims against the case's questions and commitments."""
    _work(case, as_json, lambda bench: bench.weigh())


@app.command()
def tell(case: CaseArg, as_json: JsonFlag = False) -> None:
    """Write brief.html and brief.json."""
    _work(case, as_json, lambda bench: bench.tell())


@app.command()
def run(case: CaseArg, as_json: JsonFlag = False, allow_private: PrivateFlag = False) -> None:
    """Look, read, weigh and tell, in this order."""
    _work(
        case, as_json,
        lambda b: b.look(), lambda b: b.read(allow_private=allow_private), lambda b: b.weigh(), lambda b: b.tell(),
    )  # fmt: skip


@app.command()
def asof(
    case: CaseArg, day: Annotated[str, typer.Argument(metavar="DATE", help="YYYY-MM-DD")], as_json: JsonFlag = False
) -> None:
    """Write the brief as it could have stood at the end of a day, UTC."""
    with _spoken(as_json):
        when = _day(day, "DATE")
    _work(case, as_json, lambda bench: bench.asof(when))


def _day(text: str, name: str) -> date:
    from datetime import date

    from sitewatch.errors import InputError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{name}: found {text!r}; right would be a day such as 2018-07-25") from None


@app.command()
def replay(
    case: CaseArg,
    question: Annotated[str | None, typer.Option(metavar="ID", help="One question; all when it is left out.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell how each answer moved from day to day, and what moved it; nothing is recorded."""
    with _spoken(as_json):
        from sitewatch.tell.moved import lines
        from sitewatch.verbs import Bench
        from sitewatch.verbs.replaying import replay as replay_answers

        with Bench.open(case) as bench:
            told = replay_answers(bench, question)
        print(json.dumps(told) if as_json else "\n".join(line for judged in told for line in lines(judged)))


@app.command()
def coverage(
    case: CaseArg,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="YYYY-MM-DD; today when it is left out.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell how each site was covered by a day, UTC: gaps, what they would have hidden, next passes, last clear look."""
    with _spoken(as_json):
        from sitewatch.tell.coverage import lines
        from sitewatch.verbs import Bench
        from sitewatch.verbs.covering import coverage as cover_sites

        day = _day(on, "--on") if on else None
        with Bench.open(case) as bench:
            told = cover_sites(bench, day)
        print(json.dumps(told) if as_json else "\n".join(x for s in told for x in lines(s["name"], s["coverage"])))


@app.command()
def verify(
    case: CaseArg,
    head: Annotated[str | None, typer.Option(help="A ledger head, as printed in a brief.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Recompute every hash of the ledger and of its blobs; exit status 1 where one does not hold."""
    with _spoken(as_json):
        from sitewatch.verbs import verify_case

        found = verify_case(case, head)
        if as_json:
            told = {"holds": not found.damage, "records": found.records, "head": found.head}
            print(json.dumps(told | {"damage": [str(d) for d in found.damage]}))
        elif found.damage:
            print("\n".join(str(d) for d in found.damage))
        else:
            print(f"holds: {found.records} records and every blob they name\nhead: {found.head}")
        if found.damage:
            raise typer.Exit(CHECK_FAILED)


@app.command()
def resolve(
    case: CaseArg,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="Id of a question that has `resolves`.")],
    hypothesis: Annotated[str, typer.Option("--as", help="Id of the hypothesis that came true, or other.")],
    on: Annotated[str, typer.Option(metavar="DATE", help="The day on which the evidence showed it.")],
    evidence: Annotated[str, typer.Option(help="What shows it: a report, an image, a record.")],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who resolves it.")],
    replace: Annotated[str | None, typer.Option(metavar="REASON", help="Why it replaces an earlier one.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Record which hypothesis of a question came true, so that what was forecast of it is scored."""
    with _spoken(as_json):
        from sitewatch.verbs.forecasting import Verdict
        from sitewatch.verbs.forecasting import resolve as resolve_question

        verdict = Verdict(question, hypothesis, _day(on, "--on"), evidence, by, replace)
    _work(case, as_json, lambda bench: resolve_question(bench, verdict))


@app.command()
def scores(case: CaseArg, as_json: JsonFlag = False) -> None:
    """Tell how good the forecasts of a case were, over its resolved questions."""
    with _spoken(as_json):
        from sitewatch.tell.foretold import score_lines
        from sitewatch.verbs import Bench
        from sitewatch.verbs.forecasting import scores as score_case

        with Bench.open(case) as bench:
            told = score_case(bench)
        print(told.model_dump_json() if as_json else "\n".join(score_lines(told)))


@app.command("lint-text")
def lint_text(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A plain text; - for standard input.")],
    scale: Annotated[str, typer.Option(help="icd203 or phia.")] = "icd203",
    as_json: JsonFlag = False,
) -> None:
    """Find likelihoods put without numbers, outside their band, or on mixed scales; exit status 1 where there are."""
    with _spoken(as_json):
        from sitewatch.verbs.linting import lint_file

        found = lint_file(file, scale)
        if as_json:
            print(json.dumps({"file": file, "scale": scale, "slips": [slip._asdict() for slip in found]}))
        else:
            print("\n".join(f"{file}:{slip.line}:{slip.column}: {slip}" for slip in found) or "holds: nothing to mend")
        if found:
            raise typer.Exit(CHECK_FAILED)


@app.command()
def serve(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="Folder of a case, or a folder of cases.")],
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8321,
    as_json: JsonFlag = False,
) -> None:
    """Show the briefs of a case, or of a folder of cases, as a page on this machine."""
    with _spoken(as_json):
        from sitewatch.desk import serve as serve_desk

        address = f"http://127.0.0.1:{port}"
        told = json.dumps({"desk": address}) if as_json else f"The desk: {address} (stop it with Ctrl-C)"
        serve_desk(case, port=port, ready=lambda: print(told, flush=True))


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Where the two cases are written.")] = Path("demo"),
    as_json: JsonFlag = False,
) -> None:
    """Do the whole job on the two bundled cases."""
    with _spoken(as_json):
        from sitewatch.samples import run_demo

        with _progress(as_json) as progress:
            outcomes = run_demo(out, progress=progress)
        briefs = [path for outcome in outcomes for path in outcome.files if path.suffix == ".html"]
        faults = [fault for outcome in outcomes for fault in outcome.faults]
        if as_json:
            print(json.dumps({"briefs": [str(path) for path in briefs], "faults": faults}))
        else:
            print(*(f"not had: {fault}" for fault in faults), "The briefs:", *(f"  {p}" for p in briefs), sep="\n")
            print(f"The desk:\n  {_called()} serve {out}    then open http://127.0.0.1:8321")
        if faults:
            raise typer.Exit(SERVICE_FAILED)


@app.command()
def doctor(
    case: Annotated[Path | None, typer.Argument(metavar="[CASE]", help="Ask the services of this case.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell what is installed, reachable and missing."""
    with _spoken(as_json):
        from sitewatch.doctor import examine

        findings = examine(case)
        if as_json:
            print(json.dumps([f.as_json() for f in findings]))
        else:
            for finding in findings:
                print(f"{finding.mark:8} {finding.what}: {finding.detail}")
        if any(finding.mark == "missing" for finding in findings):
            raise typer.Exit(CHECK_FAILED)


@app.command()
def sample(
    total: Annotated[int, typer.Option(help="Items there are.")],
    probability: Annotated[float, typer.Option(help="With which to find a defective one: above 0, up to 1.")],
    defects: Annotated[int | None, typer.Option(help="Defective items of which at least one is to be found.")] = None,
    inspected: Annotated[int | None, typer.Option(help="Items inspected already, of which none was defective.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell how many items to inspect, or what a sample in which nothing was wrong leaves possible."""
    with _spoken(as_json):
        from sitewatch.verbs.sampling import plan

        told = plan(total, probability, defects=defects, inspected=inspected)
        print(json.dumps(told) if as_json else told["says"])


if __name__ == "__main__":
    app()
