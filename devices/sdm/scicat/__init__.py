"""An account of SciCat: its log-in, its token, and whether a refusal means that the token has died."""
