"""The door to campaigns: who is written to and who is held out, and what it did."""

from __future__ import annotations

from shoal.lifecycle.campaign_read import CampaignRead, read
from shoal.lifecycle.planned import CampaignPlan, plan

__all__ = ["CampaignPlan", "CampaignRead", "campaign"]


class campaign:  # noqa: N801 (it is asked for as shoal.campaign.plan, like a module)
    """Campaigns: `shoal.campaign.plan` draws target and hold-out, `.read` tells what it did.

    >>> plan = shoal.campaign.plan("results/model.json", "customers.csv", segment=2,
    ...                            hold_out=0.2, out="autumn")        # doctest: +SKIP
    >>> shoal.campaign.read("autumn", "bought.csv", cost=0.5).summary # doctest: +SKIP
    """

    plan = staticmethod(plan)
    read = staticmethod(read)
