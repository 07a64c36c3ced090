"""The six places where records of a Chinese customer list are written, and their habits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A place where records are written: the chance that each field is there, and of each habit."""

    name: str
    weight: int
    company: float
    mobile: float
    phone: float
    email: float
    address: float
    traditional: float = 0.015
    title: float = 0.03
    latin: float = 0.03
    shape: float = 0.008
    day: str = "%Y-%m-%d"


SOURCES = (
    Source("crm", 34, company=0.97, mobile=0.9, phone=0.6, email=0.7, address=0.75),
    Source("erp", 18, company=0.99, mobile=0.62, phone=0.85, email=0.45, address=0.9, day="%Y%m%d"),
    Source("web", 18, company=0.35, mobile=0.95, phone=0.05, email=0.9, address=0.4, latin=0.1),
    Source("card", 12, company=0.98, mobile=0.85, phone=0.75, email=0.8, address=0.8, shape=0.06, day="%Y/%m/%d"),
    Source("sales", 12, company=0.8, mobile=0.96, phone=0.25, email=0.2, address=0.25, title=0.3, day="%Y年%m月%d日"),
    Source("hk", 6, company=0.95, mobile=0.85, phone=0.6, email=0.75, address=0.7, traditional=1, latin=0.12),
)
