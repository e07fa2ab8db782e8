"""What can be wrong with a user office: the simulator's menu."""

from typing import Literal

from pydantic import Field

from scifish.common.yaml_model import StrictModel

FaultKind = Literal["none", "slow", "drip", "500", "429", "garbage", "half", "token"]


class Fault(StrictModel):
    """One fault: for the next `times` requests, or until it is changed."""

    kind: FaultKind = Field(
        default="none",
        description="slow: answers late; drip: sends slowly; 500, 429: that status; garbage: no JSON; half: "
        "closes in the middle of the body; token: refuses every token",
    )
    seconds: float = Field(default=1.0, ge=0, le=600, description="how late, how slowly")
    times: int | None = Field(default=None, ge=1, description="for so many requests; none: until changed")

    def next(self) -> "Fault":
        """Return the fault that the request after this one meets."""
        if self.times is None:
            return self
        return self.model_copy(update={"times": self.times - 1}) if self.times > 1 else Fault()
