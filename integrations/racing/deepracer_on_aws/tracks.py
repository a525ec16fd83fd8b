"""The tracks of DeepRacer on AWS, version 1.2. Its API does not list them."""

from integrations.racing.protocol import Track

_NAMES = {
    "2022_reinvent_champ": "2022 re:Invent Championship",
    "reInvent2019_wide": "A to Z Speedway",
    "Vegas_track": "AWS Summit Raceway",
    "2022_april_open": "Ace Speedway",
    "2022_april_pro": "Ace Super Speedway",
    "Austin": "American Hills Speedway",
    "Singapore": "Asia Pacific Bay Loop",
    "Singapore_building": "Asia Pacific Bay Loop - Buildings",
    "AmericasGeneratedInclStart": "Baadal Track",
    "dubai_pro": "Baja Highway",
    "dubai_open": "Baja Turnpike",
    "Bowtie_track": "Bowtie Track",
    "2022_june_open": "BreadCentric Loop",
    "2022_june_pro": "BreadCentric Speedway",
    "Spain_track": "Circuit de Barcelona-Catalunya",
    "jyllandsringen_pro": "Cosmic Circuit",
    "jyllandsringen_open": "Cosmic Loop",
    "Mexico_track": "Cumulo Carrera Training",
    "Belille": "Cumulo Turnpike",
    "2022_july_open": "DBro Raceway",
    "2022_july_pro": "DBro Super Raceway",
    "New_York_Track": "Empire City Training",
    "Monaco": "European Seaside Circuit",
    "Monaco_building": "European Seaside Circuit - Buildings",
    "red_star_open": "Expedition Loop",
    "red_star_pro": "Expedition Super Loop",
    "2024_reinvent_champ": "Forever Raceway",
    "FS_June2020": "Fumiaki Loop",
    "arctic_open": "Hot Rod Speedway",
    "arctic_pro": "Hot Rod Super Speedway",
    "2022_october_open": "Jennens Family Speedway",
    "2022_october_pro": "Jennens Super Speedway",
    "2022_august_pro": "Jochem Highway",
    "2022_august_open": "Jochem Turnpike",
    "hamption_open": "Kuei Raceway",
    "hamption_pro": "Kuei Super Raceway",
    "Tokyo_Training_track": "Kumo Torakku Training",
    "thunder_hill_pro": "Lars Circuit",
    "thunder_hill_open": "Lars Loop",
    "Virtual_May19_Train_track": "London Loop Training",
    "Oval_track": "Oval Track",
    "morgan_open": "Playa Raceway",
    "morgan_pro": "Playa Super Raceway",
    "penbay_open": "Po-Chun Speedway",
    "penbay_pro": "Po-Chun Super Speedway",
    "2022_summit_speedway": "RL Speedway",
    "July_2020": "Roger Raceway",
    "2022_september_open": "Roger Ring",
    "2022_september_pro": "Roger Super Raceway",
    "2022_march_open": "Rogue Circuit",
    "2022_march_pro": "Rogue Raceway",
    "2022_may_open": "Ross Raceway",
    "2022_may_pro": "Ross Super Speedway",
    "LGSWide": "SOLA Speedway",
    "China_track": "Shanghai Sudu Training",
    "reInvent2019_track": "Smile Speedway",
    "Aragon": "Stratus Loop",
    "Canada_Training": "Toronto Turnpike Training",
    "caecer_loop": "Vivalas Loop",
    "caecer_gp": "Vivalas Speedway",
    "Albert": "Yun Speedway",
    "reinvent_base": "re:Invent 2018",
}
# All others are driven counter-clockwise, unless a racer trains otherwise.
_CLOCKWISE = frozenset(
    {
        "Albert",
        "Aragon",
        "Belille",
        "FS_June2020",
        "July_2020",
        "Monaco",
        "Monaco_building",
        "Spain_track",
        "reInvent2019_wide",
    }
)


def list_tracks() -> list[Track]:
    return [Track(service_id, name) for service_id, name in _NAMES.items()]


def track_direction(service_id: str) -> str:
    """The direction in which races are held there; some tracks allow no other."""
    return "CLOCKWISE" if service_id in _CLOCKWISE else "COUNTER_CLOCKWISE"
