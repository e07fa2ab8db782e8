"""A device of the tests: a scale."""

from tango.server import attribute, command

from tangobase.starting_device import StartingDevice


class Scale(StartingDevice):
    """Two attributes with events, and one without."""

    SILENT = frozenset({"Serial"})
    PASSING = (OSError,)

    def init_device(self) -> None:
        """Begin with nothing on the scale."""
        self._grams, self._names = 0, list[str]()
        self._begin()

    @attribute
    def Grams(self) -> int:
        """What is on the scale."""
        return self._grams

    @attribute(max_dim_x=9)
    def Names(self) -> list[str]:
        """Who has put something there."""
        return list(self._names)

    @attribute
    def Serial(self) -> str:
        """The scale's number."""
        return "7"

    @command(dtype_in=int)
    def Put(self, grams: int) -> None:
        """Put something on the scale."""
        self._grams += grams
        self._push_changes()
