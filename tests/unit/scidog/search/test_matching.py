from scidog.search.known_device import KnownAttribute, KnownDevice, ListedDevice, known_device
from scidog.search.matching import found, matches, words_of
from support.scidog.devices import attribute, device


def known(listed: ListedDevice, *attributes: KnownAttribute, running: bool = True) -> KnownDevice:
    return known_device(listed, "running" if running else "not running", attributes, 0.0)


MONO = known(
    device("b303a/opt/mono-01", cls="Mono"),
    attribute("Energy", unit="eV"),
    attribute("EnergySetpoint", unit="eV"),
    attribute("Angle", "Bragg angle", "angle of the first crystal", "µrad"),
)
MOTOR = known(
    device("motor/ctrl01/1", "mot01", "Motor"),
    attribute("State"),
    attribute("Velocity", unit="mm/s"),
    attribute("Position", "sample x"),
)
DEAD = known(device("b303a/opt/energy", cls="Mono"), attribute("Energy", unit="eV"), running=False)
UNSEEN = known(device("b303a/vac/gauge-07", cls="Gauge"), running=False)
ALL = (DEAD, MONO, MOTOR, UNSEEN)


def names(query: str, most: int = 50) -> list[str]:
    _, hits = matches(ALL, words_of(query), most)
    return [f"{one.listed.name}/{row.attribute.name if row.attribute else ''}" for one, row in hits]


def test_the_name_itself_comes_before_its_beginning_a_word_and_other_texts() -> None:
    assert names("energy") == [
        "b303a/opt/mono-01/Energy",
        "b303a/opt/energy/Energy",  # the same name, of a device that does not run
        "b303a/opt/mono-01/EnergySetpoint",
    ]
    assert names("setpoint") == ["b303a/opt/mono-01/EnergySetpoint"]
    assert names("angle")[0] == "b303a/opt/mono-01/Angle"
    assert names("crystal") == ["b303a/opt/mono-01/Angle"]


def test_capitals_do_not_count_and_all_words_must_be_there() -> None:
    assert names("MONO eNERGY setpoint") == ["b303a/opt/mono-01/EnergySetpoint"]
    assert names("energy motor") == []
    assert names("b303a/*/energy*set") == ["b303a/opt/mono-01/EnergySetpoint"]


def test_found_by_alias_label_unit_class_and_server() -> None:
    assert names("mot01")[0] == "motor/ctrl01/1/Position"
    assert names("mot01/velocity") == names("mot01/VELO") == ["motor/ctrl01/1/Velocity"]
    assert names("sample x") == ["motor/ctrl01/1/Position"]
    assert names("mm/s") == ["motor/ctrl01/1/Velocity"]
    assert names("Motor/ctrl01 state") == ["motor/ctrl01/1/State"]
    assert names("\u03bcrad") == names("\u00b5rad") == ["b303a/opt/mono-01/Angle"]


def test_a_device_whose_attributes_were_never_seen_is_found_as_a_device() -> None:
    assert names("gauge") == ["b303a/vac/gauge-07/"]
    _, (hit,) = matches(ALL, words_of("gauge"), 50)
    told = found(hit)
    assert (told.item, told.attribute, told.state) == (None, None, "not running")


def test_a_hit_says_what_add_item_takes() -> None:
    items = {one.attribute: one for one in (found(hit) for hit in matches((MOTOR, MONO), (), 50)[1])}
    assert items["Position"].item == "mot01"
    assert items["Velocity"].item == "mot01/Velocity"
    assert items["Energy"].item == "b303a/opt/mono-01/Energy"
    position = items["Position"]
    assert (position.alias, position.device, position.unit) == ("mot01", "motor/ctrl01/1", "mm")
    assert (position.type, position.format, position.state) == ("DevDouble", "SCALAR", "running")


def test_an_alias_that_an_item_cannot_have_is_not_proposed() -> None:
    odd = known(device("motor/ctrl01/2", "mot 02", "Motor"), attribute("Position"))
    assert found(matches((odd,), (), 1)[1][0]).item == "motor/ctrl01/2/Position"


def test_all_are_counted_and_the_best_are_given() -> None:
    total, hits = matches(ALL, (), 2)
    assert (total, len(hits)) == (8, 2)
    many = [known(device(f"a/b/{n}"), attribute("Gap")) for n in range(30)]
    total, hits = matches((*many, MONO), words_of("e"), 5)
    assert (total, hits[0][1].item) == (30 + 3, "b303a/opt/mono-01/Energy")
