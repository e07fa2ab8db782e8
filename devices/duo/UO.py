"""`from duo.UO import RestDuo`, as clients write it. Which office is asked is a matter of sdm's settings."""

from sdm.useroffice import UserOffice


class RestDuo:
    """The user office; the address, user and password that clients give are not used: sdm has settings."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._office = UserOffice()

    def login(self, user: str, password: str) -> None:
        """Do nothing: sdm logs in by itself where the office wants it. What is given is not kept."""

    def get_beamline_proposals(self, beamline: str) -> list[int | str]:
        """Return the ids of the beamline's proposals, as numbers where they are. Raises SdmError."""
        return self._office.get_beamline_proposals(beamline)
