import pytest

from support.scicat.catalogue import MOMENT, Api, Document, path_of, unique
from support.scicat.traits import requires_trait


@pytest.fixture
def three(api: Api) -> list[Document]:
    """Three datasets of one proposal, a day and a size after another."""
    proposal = unique("proposal")
    return [
        api.dataset(
            3,
            datasetName=unique("scan"),
            proposalId=proposal,
            size=number,
            creationTime=f"2026-03-0{number}T09:30:00.000Z",
            keywords=["all", f"number{number}"],
            scientificMetadata={
                "mono": {"energy": {"value": number, "unit": "mm"}, "crystal": f"Si{number}x"},
                "energy": {"value": number, "unit": "mm"},
                "crystal": f"Si{number}x",
            },
        )
        for number in (1, 2, 3)
    ]


def _sizes(found: list[Document]) -> list[int]:
    return [dataset["size"] for dataset in found]


def _proposal(three: list[Document]) -> str:
    proposal: str = three[0]["proposalId"]
    return proposal


def test_v3_finds_by_list(api: Api, three: list[Document]) -> None:
    names = [dataset["datasetName"] for dataset in three[:2]]
    assert sorted(_sizes(api.found(3, where={"datasetName": {"inq": names}}))) == [1, 2]


@requires_trait("v3 comparisons")
def test_v3_finds_what_a_list_lacks(api: Api, three: list[Document]) -> None:
    names = [dataset["datasetName"] for dataset in three[:2]]
    where = {"proposalId": {"inq": [_proposal(three)]}, "datasetName": {"nin": names}}
    assert _sizes(api.found(3, where=where)) == [3]


@requires_trait("v3 and/or")
@pytest.mark.parametrize("word", ["and", "or"])
def test_v3_knows_no_singular_names_inside_of_and_and_or(api: Api, three: list[Document], word: str) -> None:
    wanted = {"inq": [_proposal(three)]}
    assert len(api.found(3, where={"proposalId": wanted})) == 3
    assert api.found(3, where={word: [{"proposalId": wanted}]}) == []
    assert len(api.found(3, where={word: [{"proposalIds": wanted}]})) == 3


@pytest.mark.parametrize("version", [3, 4])
def test_mongodbs_words_are_taken_everywhere(api: Api, three: list[Document], version: int) -> None:
    names = [dataset["datasetName"] for dataset in three]
    where: Document = {"$and": [{"datasetName": {"$in": names}}, {"size": {"$gte": 2}}]}
    assert sorted(_sizes(api.found(version, where=where))) == [2, 3]
    assert len(api.found(version, where={"$or": [{"proposalIds": _proposal(three)}]})) == 3


def test_v3_finds_by_text_within(api: Api, three: list[Document]) -> None:
    part = _proposal(three)[3:]
    assert len(api.found(3, where={"proposalId": {"like": part}})) == 3
    assert api.found(3, where={"proposalId": {"like": part.upper()}}) == []


@requires_trait("v3 and/or")
def test_v3_finds_by_text_within_of_any_case(api: Api, three: list[Document]) -> None:
    assert len(api.found(3, where={"proposalId": {"ilike": _proposal(three)[3:].upper()}})) == 3


@requires_trait("v3 comparisons")
@pytest.mark.parametrize(("operator", "sizes"), [("gt", [3]), ("gte", [2, 3]), ("lt", [1]), ("lte", [1, 2])])
def test_v3_compares_numbers(api: Api, three: list[Document], operator: str, sizes: list[int]) -> None:
    where = {"proposalId": {"inq": [_proposal(three)]}, "size": {operator: 2}}
    assert sorted(_sizes(api.found(3, where=where))) == sizes


@requires_trait("v3 and/or")
def test_v3_joins_conditions_with_or(api: Api, three: list[Document]) -> None:
    where = {"or": [{"datasetName": {"inq": [one["datasetName"]]}} for one in three[1:]]}
    assert sorted(_sizes(api.found(3, where=where))) == [2, 3]


def test_v3_orders_limits_and_skips(api: Api, three: list[Document]) -> None:
    where = {"proposalId": {"inq": [_proposal(three)]}}
    found = api.found(3, where=where, limits={"order": "creationTime:desc", "limit": 2})
    assert _sizes(found) == [3, 2]
    found = api.found(3, where=where, limits={"order": "creationTime:asc", "limit": 5, "skip": 2})
    assert _sizes(found) == [3]


def test_v4_sorts_limits_and_skips(api: Api, three: list[Document]) -> None:
    where = {"proposalIds": _proposal(three)}
    assert _sizes(api.found(4, where=where, limits={"sort": {"size": "desc"}})) == [3, 2, 1]
    limits = {"sort": {"size": "asc"}, "limit": 1, "skip": 1}
    assert _sizes(api.found(4, where=where, limits=limits)) == [2]


def test_v4_takes_the_words_of_the_database(api: Api, three: list[Document]) -> None:
    names = [dataset["datasetName"] for dataset in three]
    assert len(api.found(4, where={"datasetName": {"$in": names}})) == 3
    assert _sizes(api.found(4, where={"datasetName": {"$in": names}, "size": {"$gt": 2}})) == [3]
    assert _sizes(api.found(4, where={"$and": [{"datasetName": names[0]}, {"size": 1}]})) == [1]


def test_fields_choose_what_is_shown(api: Api, three: list[Document]) -> None:
    where = {"proposalIds": _proposal(three)}
    found = api.found(4, where=where, fields=["pid", "datasetName"])
    assert all("datasetName" in one and "scientificMetadata" not in one for one in found)


def test_v3_knows_no_singular_names_in_fields(api: Api, three: list[Document]) -> None:
    where = {"proposalId": {"inq": [_proposal(three)]}}
    for one in api.found(3, where=where, fields=["pid", "proposalId"]):
        assert one.keys() == {"_id", "pid"}
    for one in api.found(3, where=where, fields=["pid", "proposalIds"]):
        assert one.keys() == {"_id", "pid", "proposalIds", "proposalId"}
        assert one["proposalId"] == _proposal(three)


@pytest.mark.parametrize("version", [3, 4])
def test_nested_fields_are_chosen(api: Api, three: list[Document], version: int) -> None:
    fields = ["pid", "scientificMetadata.mono.energy.value"]
    found = api.found(version, where={"pid": three[0]["pid"]}, fields=fields)
    assert [one["scientificMetadata"] for one in found] == [{"mono": {"energy": {"value": 1}}}]


@pytest.mark.parametrize("where", [{"proposalId": "P"}, {"size": {"gt": 1}}, {"and": [{"size": 1}]}])
def test_v4_refuses_v3s_words(api: Api, where: Document) -> None:
    assert api.get("/v4/datasets", filter={"where": where}).status_code == 400


@requires_trait("v3 comparisons")
@pytest.mark.parametrize("proposal", ["ALS-12345", "scan 1"])
def test_v3_takes_a_text_for_a_date_and_finds_nothing(api: Api, proposal: str) -> None:
    """SciCat's defect, and the three ways around it."""
    dataset = api.dataset(3, proposalId=proposal, datasetName=unique("trap"))
    mine = {"datasetName": {"inq": [dataset["datasetName"]]}}
    assert api.found(3, where={**mine, "proposalId": proposal}) == []
    assert len(api.found(3, where={**mine, "proposalId": {"inq": [proposal]}})) == 1
    assert len(api.found(4, where={"datasetName": dataset["datasetName"], "proposalIds": proposal})) == 1
    assert len(api.fullquery({"datasetName": dataset["datasetName"], "proposalIds": [proposal]})) == 1


def test_v4_does_not_take_a_text_for_a_date(api: Api, three: list[Document]) -> None:
    """The opposite trap."""
    where = {"proposalIds": _proposal(three), "creationTime": {"$gte": "2026-03-02T00:00:00Z"}}
    assert api.found(4, where=where) == []


@requires_trait("v3 comparisons")
def test_v3_finds_by_time(api: Api, three: list[Document]) -> None:
    since, proposal = "2026-03-02T00:00:00Z", _proposal(three)
    where = {"proposalId": {"inq": [proposal]}, "creationTime": {"gte": since}}
    assert sorted(_sizes(api.found(3, where=where))) == [2, 3]


def test_fullquery_finds_by_time(api: Api, three: list[Document]) -> None:
    since, proposal = "2026-03-02T00:00:00Z", _proposal(three)
    fields = {"proposalIds": [proposal], "creationTime": {"begin": since, "end": "2026-03-02T23:59:59Z"}}
    assert _sizes(api.fullquery(fields)) == [2]


def test_fullquery_and_facets_need_plural_names(api: Api, three: list[Document]) -> None:
    proposal = _proposal(three)
    assert len(api.fullquery({"proposalIds": [proposal]})) == 3
    assert api.fullquery({"proposalId": [proposal]}) == []
    facets = api.get(
        "/v3/datasets/fullfacet", fields={"keywords": ["number1"]}, facets=["proposalIds", "keywords"]
    ).json()[0]
    assert {"_id": proposal, "count": 1} in facets["proposalIds"]


def test_fullfacet_counts_all(api: Api, three: list[Document]) -> None:
    answer = api.get("/v3/datasets/fullfacet", fields={"proposalIds": [_proposal(three)]}, facets=["type"])
    assert answer.status_code == 200
    facets = answer.json()[0]
    assert facets["all"] == [{"totalSets": 3}]
    assert facets["type"] == [{"_id": "raw", "count": 3}]


@pytest.mark.parametrize(
    ("condition", "sizes"),
    [
        ({"lhs": "energy", "relation": "GREATER_THAN", "rhs": 1.5, "unit": "mm"}, [2, 3]),
        ({"lhs": "energy", "relation": "LESS_THAN", "rhs": 0.0015, "unit": "m"}, [1]),
        ({"lhs": "energy", "relation": "EQUAL_TO_NUMERIC", "rhs": 2, "unit": ""}, [2]),
        ({"lhs": "crystal", "relation": "EQUAL_TO_STRING", "rhs": "Si2x", "unit": ""}, [2]),
        ({"lhs": "mono.energy", "relation": "GREATER_THAN", "rhs": 1.5, "unit": "mm"}, []),
        ({"lhs": "mono.energy", "relation": "EQUAL_TO_NUMERIC", "rhs": 2, "unit": ""}, []),
        ({"lhs": "mono.crystal", "relation": "EQUAL_TO_STRING", "rhs": "Si2x", "unit": ""}, []),
        ({"lhs": "crystal", "relation": "CONTAINS_STRING", "rhs": "Si2", "unit": ""}, []),
        ({"lhs": "energy", "relation": "NO_SUCH", "rhs": 2, "unit": ""}, [1, 2, 3]),
    ],
)
def test_fullquery_compares_quantities_that_are_in_no_group(
    api: Api, three: list[Document], condition: Document, sizes: list[int]
) -> None:
    """SciCat's defects: nothing nested is found, no part of a text; an unknown relation is not heeded."""
    found = api.fullquery({"proposalIds": [_proposal(three)], "scientific": [condition]})
    assert sorted(_sizes(found)) == sizes


def test_the_default_limits(api: Api) -> None:
    proposal = unique("proposal")
    for _ in range(101):
        api.dataset(4, proposalIds=[proposal])
    assert len(api.found(4, where={"proposalIds": proposal})) == 10
    assert len(api.fullquery({"proposalIds": [proposal]})) == 100
    counted = api.get("/v4/datasets/count", filter={"where": {"proposalIds": proposal}}).json()
    assert counted == {"count": 101}


@pytest.mark.parametrize("version", [3, 4])
def test_a_count_heeds_its_filter_only(api: Api, three: list[Document], version: int) -> None:
    path, where = f"/v{version}/datasets/count", {"datasetName": three[0]["datasetName"]}
    assert api.get(path, filter={"where": where}).json() == {"count": 1}
    assert api.get(path, where=where).json()["count"] >= 3


@requires_trait("filters checked")
def test_a_filter_that_is_no_json_is_refused(api: Api) -> None:
    assert api.client.get("/v4/datasets", params={"filter": "{where"}).status_code == 400


def test_a_dataset_is_read_in_either_version(api: Api) -> None:
    dataset = api.dataset(3, creationTime=MOMENT)
    for version in (3, 4):
        assert api.get(path_of(dataset, version)).json()["creationTime"] == MOMENT
