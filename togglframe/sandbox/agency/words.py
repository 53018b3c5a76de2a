"""The names in the agency: clients, projects, people, groups, tasks. Some are nasty."""

from __future__ import annotations

from typing import Final

AGENCY_DOMAIN: Final = "lanternworks.example"


def _names(text: str) -> list[str]:
    """List the names in a text, between semicolons."""
    return [name.strip() for name in text.split(";")]


# name, currency
CLIENTS: Final = (
    ("Northwind Coffee Roasters", "EUR"),
    ("Brasserie Élan", "EUR"),
    ("Hafen & Söhne Logistik", "EUR"),
    ("Kestrel Insurance, Ltd.", "USD"),
    ("株式会社みどり印刷", "JPY"),
    ("Atelier Beaumont", "EUR"),
    ("Stadtwerke Lindau", "EUR"),
    ("Blue Harbor Credit Union", "USD"),
    ('O\'Malley "Mac" Hardware', "EUR"),
    ("Fundación Río Claro", "EUR"),
    ("Vitalis Apotheken", "EUR"),
    ("Polder Cycling Club", "EUR"),
)

# client's index in CLIENTS or None, name; the index in this tuple is the project's slot
PROJECTS: Final = (
    (0, "Website relaunch"),
    (1, "Brand identity refresh"),
    (2, "Customer portal"),
    (3, "Annual report"),
    (5, "Autumn lookbook"),
    (6, "Online tariff calculator"),
    (7, "Mobile banking app"),
    (None, "Internal: new business pitches"),
    (0, "Loyalty app"),
    (9, "Donation campaign, spring and summer"),
    (10, "Web shop"),
    (11, "Membership portal"),
    (4, "会社案内パンフレット"),
    (1, "Menu and signage"),
    (2, "Fleet tracking dashboard"),
    (3, "Claims portal redesign"),
    (8, "Web shop"),
    (0, "Packaging design"),
    (0, "Packaging design"),
    (6, "Cost $x^{2$"),
    (5, "<b>Bold</b> moves"),
    (7, "=1+1 Kickoff"),
    (9, "@handle social media retainer"),
    (11, "Summer tour 🚴 landing page"),
    (
        2,
        (
            "Framework agreement for the design, technical implementation, editorial care and "
            "accessibility review of the intranet, second extension, lots 3 to 7"
        ),
    ),
    (8, 'Catalogue "Tools & Timber"'),
    (4, "採用サイト制作"),
    (1, "Café crème newsletter"),
    (None, "Training and conferences"),
    (10, "Pharmacy locator"),
    (3, "Broker onboarding"),
    (6, "Photovoltaics campaign"),
    (7, "Branch wayfinding"),
    (9, "Impact report"),
    (0, "US market launch"),
    (5, "Lookbook retainer"),
    (11, "Jersey shop"),
    (2, "Driver app"),
    (8, "Point of sale displays"),
    (10, "Search engine optimisation"),
    (3, "Corporate film"),
    (4, "ウェブサイト保守"),
    (6, "Annual support contract"),
    (1, "Reservation system"),
    (None, "Agency website"),
    (7, "Design system"),
    (9, "Volunteer app"),
    (5, "Press kit"),
    (11, "Race day signage"),
    (10, "Customer magazine"),
    (2, "Career page"),
    (0, "Packaging photography"),
    (8, "Spring brochure"),
    (4, "年賀状デザイン"),
    (3, "Accessibility audit"),
    (6, "Intranet"),
    (9, "Film festival trailer"),
    (7, "Mortgage calculator"),
    (1, "Wine list app"),
    (10, "Trade fair stand"),
)

PEOPLE: Final = _names("""
    Anna Keller; Mateo Rivas; Sofie de Wit; Jonas Lindqvist; Priya Raman; Émile Fontaine; 健太 小川;
    Hannah Brandt; Tomasz Zieliński; Lucía Ferrer; Ben O'Hara; Ines Carvalho; Marek Dvořák;
    Nadia Haddad; Oliver Stone-Whitby; Freya Madsen; Luca Moretti; Anna Keller; Wei Zhang;
    Clara Vogel; Samuel Adeyemi; Ilse Vermeulen; Pavel Novák; Rosa Marchetti; Tariq Aziz
""")

# By the place in PEOPLE; who moves has a second zone, some days before today.
ZONES: Final = _names("""
    Europe/Berlin; America/Bogota; Europe/Amsterdam; Europe/Stockholm; Asia/Kolkata; Europe/Paris;
    Asia/Tokyo; Europe/Berlin; Europe/Warsaw; Europe/Madrid; America/Los_Angeles; Europe/Lisbon;
    Europe/Prague; Europe/Paris; Europe/London; Pacific/Chatham; Europe/Rome; Europe/Berlin;
    America/St_Johns; Europe/Berlin; Africa/Lagos; Europe/Brussels; Asia/Kathmandu; Europe/Rome;
    Australia/Lord_Howe
""")
MOVES: Final = {5: ("America/New_York", 297)}

TAGS: Final = _names("""
    workshop; remote; on site; overtime; rush; R&D; support; travel, by train; =invoice; 写真
""")

# What people write where there is no task to name, or beside it.
WORK: Final = _names("""
    Concept and first drafts; Weekly with the client; Layout corrections; Review of the build;
    Content upload; Photo selection; Call with the printer; Deployment; Estimate for phase two;
    Proofreading; Icons; Documentation
""")
INTERNAL: Final = _names("""
    Team meeting; Timesheets; Recruiting interview; Office move; Mentoring; Updates and backups
""")
# By the entry's place in every thousand.
ODD_WORK: Final = {
    101: '=HYPERLINK("https://lanternworks.example","open")',
    303: "<script>alert('hours')</script>",
    404: "First line\nsecond line",
    505: "@lead -1 day, 50 % $x^{2$",
    606: "打ち合わせ 🚴",
    707: "Café, “quoted”; semicolon",
    808: "Notes of the workshop " * 40,
}

GROUPS: Final = ("Design", "Development", "Strategy", "Client services", "Freelancers, external")

TASKS: Final = _names("""
    Kickoff workshop; Stakeholder interviews; Wireframes; Visual design; Copywriting;
    Content migration; Front-end build; CMS templates; API integration; Photo research;
    Translations, DE/FR/IT; Prototype; Usability test; Analytics set-up; Accessibility review;
    Project management; Bug fixing; Extra revision round; Launch support; Retrospective
""")

# By the task's place in every 400.
ODD_TASKS: Final = {
    5: "Content migration\n(second batch)",
    117: "+1 revision round",
    203: "-10 % discount, paperwork",
    298: "=SUM(hours) check",
}

COLOURS: Final = _names("""
    #0b83d9; #9e5bd9; #d94182; #e36a00; #bf7000; #2da608; #06a893; #c9806b; #465bb3; #990099;
    #c7af14; #566614; #d92b2b; #525266
""")
