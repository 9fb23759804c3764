"""The console's view of the nights of a scheme: sizes, lines, and who moved from where to where."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, ConfigDict, Field

from siyu.api.segment_parts import CutsBody, about
from siyu.api.strict import Day as WrittenDay
from siyu.domain.night_report import Part, Report
from siyu.services.segment_flows import Flows
from siyu.services.show_segments import NightShown

EARLIEST, LATEST = date(2000, 1, 1), date(9000, 1, 1)

Day = Annotated[WrittenDay, Query(ge=EARLIEST, lt=LATEST)] | None
From = Annotated[WrittenDay, Query(alias="from", ge=EARLIEST, lt=LATEST)]
To = Annotated[WrittenDay, Query(alias="to", ge=EARLIEST, lt=LATEST)]
Detail = Annotated[
    Literal["sizes", "lines", "all"], Query(description="What is told of each night")
]
By = Annotated[Literal["stage", "group", "aipl"], Query(description="Which parts")]


class PartBody(BaseModel):
    """Some members, and their net sales in the scheme's window in minor units."""

    model_config = ConfigDict(from_attributes=True)

    members: int
    net_minor: int


Parts = dict[str, PartBody]


class CellBody(PartBody):
    """A cell of the heat map: members with these scores."""

    recency: int
    frequency: int


class NightBody(BaseModel):
    """One night. What was not asked for is None."""

    night: date
    version: int = Field(description="Of the scheme")
    members: int
    population: int = Field(description="Those who bought in the window")
    changed: int = Field(description="Labels that the night changed")
    stages: Parts | None = None
    groups: Parts | None = None
    aipl: Parts | None = None
    lines: CutsBody | None = Field(None, description="Those in force; see the night they are of")

    @classmethod
    def from_domain(cls, shown: NightShown, *, sizes: bool, lines: bool) -> "NightBody":
        report = shown.report
        parts = {"stages": report.stages, "groups": report.groups, "aipl": report.aipl}
        return cls(
            night=report.as_of,
            version=report.version,
            members=report.members,
            population=report.population,
            changed=report.changed,
            lines=CutsBody.from_domain(shown.lines) if lines and shown.lines else None,
            **({name: _parts(some) for name, some in parts.items()} if sizes else {}),
        )


class SegmentsResponse(BaseModel):
    """The nights of a scheme that are over, oldest first."""

    scheme: str
    nights: list[NightBody]
    heat_map: list[CellBody] | None = Field(
        description="Recency by frequency at the last of them, cells with members alone;"
        " None if sizes were not asked for"
    )

    @classmethod
    def from_domain(
        cls, scheme: str, shown: Sequence[NightShown], detail: str
    ) -> "SegmentsResponse":
        sizes, lines = detail != "lines", detail != "sizes"
        return cls(
            scheme=scheme,
            nights=[NightBody.from_domain(one, sizes=sizes, lines=lines) for one in shown],
            heat_map=_cells(shown[-1].report) if sizes and shown else None,
        )


class FlowBody(BaseModel):
    """Members who moved. `joined` are those who were not counted at the first night."""

    before: str
    after: str
    members: int


class PartFlowBody(BaseModel):
    """A part at both nights: `after` is `before` - `out` + `into` - `gone`."""

    model_config = ConfigDict(from_attributes=True)

    before: int
    out: int
    into: int = Field(description="From other parts, and of those who joined")
    gone: int = Field(
        description="Not counted any more: erased, merged into others, opted out; what a night that"
        " ran beside orders counted otherwise is in it too, so it may be below 0"
    )
    after: int


class FlowsResponse(BaseModel):
    """Who moved between two nights. Who came back to where they stood has not moved."""

    model_config = ConfigDict(from_attributes=True)

    scheme: str
    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    by: str
    flows: list[FlowBody]
    parts: dict[str, PartFlowBody]

    @classmethod
    def from_domain(cls, flows: Flows) -> "FlowsResponse":
        return cls(
            scheme=flows.scheme,
            first=flows.first,
            last=flows.last,
            by=flows.by,
            flows=[
                FlowBody(before=before, after=after, members=count)
                for (before, after), count in flows.moved.items()
            ],
            parts={name: PartFlowBody.model_validate(part) for name, part in flows.parts.items()},
        )


def _parts(parts: Mapping[str, Part]) -> Parts:
    return {name: PartBody.model_validate(part) for name, part in parts.items()}


def _cells(report: Report) -> list[CellBody]:
    return [
        CellBody(
            recency=int(cell[0]),
            frequency=int(cell[1]),
            members=part.members,
            net_minor=part.net_minor,
        )
        for cell, part in sorted(report.scores.items())
    ]


NIGHTS = about("Sizes and lines of a scheme, night by night", SegmentsResponse, 404, 422)
FLOWS = about("Who moved from where to where between two nights", FlowsResponse, 404, 422)
