"""People of whom some are twice in a list, told in other ways, among strangers: a schema, rows, their text."""

from __future__ import annotations

import random

SCHEMA = """\
version: 1
defaults: {region: CN, currency: CNY}
tables:
  - name: people
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: name, kind: person_name}
      - {name: company, kind: org_name}
      - {name: phone, kind: phone}
      - {name: email, kind: email}
      - {name: address, kind: address}
      - {name: tax_no, type: string}
      - {name: status, type: string, constraints: {enum: [active, former]}}
    match: MATCH
  - name: links
    primaryKey: [link]
    foreignKeys: [{fields: [no], reference: {resource: people, fields: [no]}}]
    fields:
      - {name: link, type: string}
      - {name: no, type: string}
"""
FIELDS = "no,name,company,phone,email,address,tax_no"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰健红波鑫"
STREETS = ("人民路", "中山路", "解放路", "建设路", "和平路", "文化路", "新华路", "朝阳路", "北京路", "长江路")


def strangers(count: int, seed: int = 1) -> list[list[str]]:
    """People who have nothing to do with each other, P101 and on."""
    chance = random.Random(seed)
    found = []
    for at in range(count):
        name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)
        phone = f"13{chance.randrange(10**9):09d}"
        address = f"北京市海淀区{chance.choice(STREETS)}{chance.randrange(1, 900)}号{chance.randrange(1, 99)}室"
        found.append([f"P{101 + at}", name, "", phone, f"u{chance.randrange(10**7)}@example.com", address, ""])
    return found


DOUBLES = [
    [
        "P1",
        "张伟",
        "深圳华强电子有限公司",
        "138 1234 5678",
        "zhang.wei@example.com",
        "深圳市福田区华强北路1002号",
        "T1",
    ],
    ["P2", "張偉", "华强电子（深圳）有限公司", "+86 138-1234-5678", "", "广东省深圳市福田区华强北路1002号", ""],
    ["P3", "Zhang Wei", "", "13812345678", "ZHANG.WEI@example.com", "", ""],
    ["P4", "Katharine O'Neill", "Acme Inc.", "+1 212 555 0123", "kate@example.org", "12 Main Street, New York", "T4"],
    ["P5", "Kate ONeill", "ACME Incorporated", "+12125550123", "kate@example.org", "12 Main St, New York", "T5"],
]
"""P1, P2 and P3 are one, P4 and P5 are one."""


def text(rows: list[list[str]]) -> str:
    cells = ("\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)) + "\n"
    return f"{FIELDS}\n{cells}"
