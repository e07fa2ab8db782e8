"""Names that clients import to log in (`duo.UO.RestDuo.login`): empty, since sdm logs in by its settings."""

DUOUSER = ""
DUOPASSWORD = ""
