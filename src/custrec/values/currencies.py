"""Currencies: the codes of ISO 4217, how many decimals each has, and the signs and words people write for them.

Decimals are those of ISO 4217 (list one); a code not named there with others has two.
"""

# ruff: noqa: SIM905 -- a list of short words reads better as text

from __future__ import annotations

CODES = frozenset(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF"
    " CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD"
    " GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP"
    " LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB"
    " PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB"
    " TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER"
    " ZAR ZMW ZWG".split()
)

_DECIMALS = (
    dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0)
    | dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)
    | {"CLF": 4, "UYW": 4}
)

_WRITTEN = {
    "CNY": "RMB CN¥ 人民币 人民币元 元人民币 CNH",
    "JPY": "円 日元 日圆 JP¥ 日币",
    "USD": "US$ 美元 美金 USD$ $US",
    "EUR": "€ 欧元 EURO EUROS",
    "GBP": "英镑 STG",
    "HKD": "HK$ 港币 港元 港幣",
    "TWD": "NT$ 新台币 新臺幣 台币",
    "MOP": "MOP$ 澳门元 澳门币",
    "KRW": "₩ 韩元 韩币",
    "SGD": "S$ 新加坡元 新币 新元",
    "AUD": "A$ AU$ 澳元 澳币",
    "CAD": "C$ CA$ 加元 加币",
    "NZD": "NZ$ 纽元 新西兰元",
    "CHF": "SFR FR. 瑞士法郎",
    "INR": "₹ RS RS. 卢比",
    "RUB": "₽ 卢布",
    "THB": "฿ 泰铢",
    "VND": "₫ 越南盾",
    "MYR": "RM 林吉特 马币",
    "BRL": "R$",
    "ILS": "₪",
    "TRY": "₺",
    "UAH": "₴",
    "PHP": "₱",
    "PLN": "ZŁ",
}
_SHARED = {
    "¥": "CNY JPY",
    "￥": "CNY JPY",
    "元": "CNY TWD HKD MOP",
    "圆": "CNY JPY",
    "块": "CNY",
    "$": "USD CAD AUD NZD HKD SGD TWD MXN ARS CLP COP BBD BMD BND BSD BZD FJD GYD JMD KYD LRD NAD SBD SRD TTD XCD UYU"
    " DOP",
    "£": "GBP EGP FKP GIP SHP LBP SYP SDG SSP",
    "KR": "SEK NOK DKK ISK",
}

NAMES: dict[str, frozenset[str]] = (
    {code: frozenset({code}) for code in CODES}
    | {name: frozenset({code}) for code, names in _WRITTEN.items() for name in names.split()}
    | {sign: frozenset(codes.split()) for sign, codes in _SHARED.items()}
)
"""Every way to write a currency (in capitals), and the currencies it may mean."""


def decimals(code: str) -> int:
    """How many decimals amounts of a currency have. The code is one of CODES."""
    return _DECIMALS.get(code, 2)


def code_of(text: str) -> str | None:
    """The one currency that a code, sign or name means; None where it is none, or may be several."""
    meant = NAMES.get(text.upper(), frozenset())
    return next(iter(meant)) if len(meant) == 1 else None
