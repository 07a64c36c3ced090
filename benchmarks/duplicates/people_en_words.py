"""The words a Western customer list is made of.

Names and their ranks: the censuses of the United States (1990 names, 2010 surnames) and usual names of Germany, France,
Spain and Poland; nicknames: those in general use. People, firms and streets are made up.
"""

# ruff: noqa: SIM905 -- lists of short words read better as text

from __future__ import annotations

from dataclasses import dataclass

MEN = (
    "James John Robert Michael William David Richard Joseph Thomas Charles Christopher Daniel Matthew Anthony Mark Donald "
    "Steven Paul Andrew Joshua Kenneth Kevin Brian George Edward Ronald Timothy Jason Jeffrey Ryan Jacob Gary Nicholas Eric "
    "Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Frank Alexander Raymond Patrick Jack Dennis Peter Adam Aaron Albert Alan Arthur Bruce Carl Craig Curtis Dale Derek Douglas Ethan Gareth Graham Harold Harry Henry Howard Ian Jerry Keith Kyle Leonard Louis Martin Nathan Neil Noah Oliver Oscar Philip Ralph Roger Roy Russell Sean Simon Stuart Terry Todd Trevor Victor Walter Wayne Zachary "
    "Jürgen Wolfgang Klaus Stefan Søren François Jean-Pierre Étienne José Javier Ángel Łukasz Paweł Björn Giovanni"
).split()
WOMEN = (
    "Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Margaret Sandra Ashley "
    "Kimberly Emily Donna Michelle Carol Amanda Dorothy Melissa Deborah Stephanie Rebecca Sharon Laura Cynthia Kathleen Amy "
    "Angela Shirley Anna Brenda Pamela Emma Abigail Alice Audrey Beverly Bonnie Charlotte Claire Danielle Diane Eleanor Erin Evelyn Fiona Gloria Grace Hannah Irene Jane Jill Joan Julia Kelly Lauren Lucy Marie Martha Megan Molly Natalie Olivia Paula Phoebe Ruth Sophie Theresa Victoria Wendy Nicole Helen Samantha Katherine Christine Debra Rachel Carolyn Janet Catherine "
    "Maria Heather Ursula Zoë Chloë Hélène María Lucía Małgorzata Åsa Ingrid Anne-Marie Giulia"
).split()
LAST = (
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Thomas "
    "Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King "
    "Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Gomez "
    "Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers Gutierrez Ortiz "
    "Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez Wood James Bennett "
    "Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Müller Schmidt Schneider Fischer "
    "Weber Meyer Wagner Becker Schulz Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Zimmermann Krüger Hofmann "
    "Dubois Lefèvre Moreau Laurent Bernard Fournier Girard Mercier O'Brien O'Connor MacDonald McCarthy Fernández Muñoz "
    "Jiménez Novák Kowalski Wiśniewski Østergaard Lindström van den Berg de Vries Rossi Ferrari Esposito"
).replace("van den Berg", "van_den_Berg").replace("de Vries", "de_Vries").split()  # fmt: skip
LAST_BEGINNINGS = (
    "Ash Black Brad Brook Carl Chester Clay Cal Corn Cran Dal Dun East El Fair Far Glad Gold Hal Harl Hart Haw Hazel Hol Hunt "
    "Kings Lang Lin Lock Mans Mar Mil Nor North Oak Pres Red Rad Sher Stan Strat Thorn Wal Wake West Whit Win Wood Wyn Roth "
    "Rosen Stein Gold Berg Linde Eich Hoch Neu Sand Wein Weid"
).split()
LAST_ENDINGS = (
    "ford well shaw field ton ham wood bury worth ley by more man burn land croft dale gate wick low stone bridge haven mont "
    "berg stein baum feld bach heim"
).split()
"""Together the long tail of last names, most of which real people bear, each seldom."""
NICKNAMES = {
    "James": "Jim", "John": "Jack", "Robert": "Bob", "Michael": "Mike", "William": "Bill", "David": "Dave",
    "Richard": "Dick", "Joseph": "Joe", "Thomas": "Tom", "Charles": "Chuck", "Christopher": "Chris", "Daniel": "Dan",
    "Matthew": "Matt", "Anthony": "Tony", "Donald": "Don", "Steven": "Steve", "Andrew": "Drew", "Joshua": "Josh",
    "Kenneth": "Ken", "Edward": "Ted", "Ronald": "Ron", "Timothy": "Tim", "Jeffrey": "Jeff", "Jacob": "Jake",
    "Nicholas": "Nick", "Jonathan": "Jon", "Stephen": "Steve", "Benjamin": "Ben", "Samuel": "Sam", "Gregory": "Greg",
    "Alexander": "Alex", "Raymond": "Ray", "Patrick": "Pat", "Peter": "Pete", "Patricia": "Patty", "Jennifer": "Jenny",
    "Elizabeth": "Liz", "Barbara": "Barb", "Susan": "Sue", "Jessica": "Jess", "Margaret": "Peggy", "Sandra": "Sandy",
    "Kimberly": "Kim", "Michelle": "Shelly", "Amanda": "Mandy", "Deborah": "Debbie", "Stephanie": "Steph",
    "Rebecca": "Becky", "Cynthia": "Cindy", "Kathleen": "Kathy", "Angela": "Angie", "Pamela": "Pam", "Nicole": "Nicky",
    "Samantha": "Sam", "Katherine": "Kate", "Christine": "Chris", "Catherine": "Cathy", "Wolfgang": "Wolf",
}  # fmt: skip
STREETS = (
    "High Main Station Park Church Oak Maple Cedar Washington Lake Hill Elm Walnut Victoria Mill King Queen School Spring Pine "
    "Lincoln Franklin Jackson Chestnut River Sunset Highland Railroad Jefferson Madison"
).split()
WAYS = {"Street": "St", "Road": "Rd", "Avenue": "Ave", "Lane": "Ln", "Drive": "Dr", "Court": "Ct", "Boulevard": "Blvd"}


@dataclass(frozen=True)
class Country:
    """Where people live: its name, towns with the beginnings of their postcodes, telephone numbers."""

    name: str
    weight: int
    towns: tuple[tuple[str, str], ...]
    dial: str
    local: str
    """The area codes of the towns, in their order."""


COUNTRIES = (
    Country(
        "United States", 60,
        (("Austin", "787"), ("Boston", "021"), ("Chicago", "606"), ("Denver", "802"), ("Seattle", "981"),
         ("Portland", "972"), ("Atlanta", "303"), ("Dallas", "752"), ("Columbus", "432"), ("Phoenix", "850")),
        "+1", "512 617 312 303 206 503 404 214 614 602",
    ),
    Country(
        "United Kingdom", 25,
        (("London", "SW1A "), ("Manchester", "M14 "), ("Leeds", "LS6 "), ("Bristol", "BS8 "), ("Glasgow", "G12 ")),
        "+44", "20 161 113 117 141",
    ),
    Country("Germany", 15, (("Berlin", "10"), ("München", "80"), ("Köln", "50"), ("Hamburg", "20")), "+49", "30 89 221 40"),
)  # fmt: skip
FIRMS = (
    "Summit Atlas Harbour Pioneer Cedar Granite Falcon Meridian Orchard Beacon Sterling Cobalt Willow Quarry Northern Apex "
    "Keystone Evergreen Horizon Liberty Frontier Cascade Bluewater Redwood Silverline Crescent Anchor Lakeside"
).split()
TRADES = "Logistics Consulting Software Foods Textiles Engineering Partners Media Systems Supplies Motors Dental Printing".split()
FORMS = {
    "United States": ("Inc.", "LLC", "Corp."),
    "United Kingdom": ("Ltd", "PLC", "Limited"),
    "Germany": ("GmbH", "AG", "GmbH & Co. KG"),
}
OTHER_FORMS = {
    "Inc.": "Incorporated",
    "Corp.": "Corporation",
    "Ltd": "Limited",
    "Limited": "Ltd.",
    "GmbH": "G.m.b.H.",
    "LLC": "L.L.C.",
}
KEYS = "qwertyuiop asdfghjkl zxcvbnm"
