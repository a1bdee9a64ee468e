"""Vocabulary: every name in a task, drawn so that no name of one split ever stands in another.

Half of the names are real words from lists dealt out to the splits, half are made-up words dealt out by their hash, so
that a model has to copy what it reads and cannot know a name by heart.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from string import ascii_lowercase

from mlx_train.tasks.task import Split

NOUNS = """
anchor apple archive atlas autumn badge bakery ballad bamboo banner barley basket beacon bicycle birch blanket blossom
border bottle branch breeze bridge bronze bucket budget button cabin cactus camera candle canyon carbon carpet castle
cedar cellar chapel cherry circle citrus clover cobalt coffee comet copper coral cotton crater crystal curtain dahlia
desert diary dolphin dragon drawer eagle echoes ember engine falcon feather fennel ferry fiddle field flame flute
forest fossil fountain galaxy garden garlic garnet ginger glacier granite gravel guitar hammer harbor harvest hazel
helmet heron hollow honey horizon island ivory jacket jasmine jigsaw journal jungle kernel kettle kitten ladder lagoon
lantern lavender lemon letter lilac linen lizard locket lotus magnet maple marble market meadow melody mercury meteor
mirror mountain museum napkin nectar needle nickel notebook oasis ocean olive opal orange orchard orchid otter oxygen
paddle palace panda paper parcel parrot pebble pencil pepper piano pigeon pillow planet plaza pocket poem pottery
prairie puzzle quarry quartz quiver rabbit radar rainbow ranger ravine ribbon river rocket saddle saffron salmon
sapphire sculpture season shadow shelter signal silver sketch spiral sponge spruce squash stable statue stream summer
sunset surface temple thistle thunder ticket timber tomato tower trumpet tulip tundra tunnel turtle umbrella valley
vanilla velvet village violet violin volcano voyage wagon walnut waterfall whistle willow window winter yogurt zebra
zenith zipper
""".split()
PEOPLE = """
Ada Alan Alice Amir Anna Anton Aria Arthur Bella Boris Bruno Carla Carmen Cesar Chloe Clara Daisy Daniel David Diana
Dylan Edith Elena Elias Emil Emma Erik Esther Fatima Felix Fiona Flora Frank Gina Grace Greta Hanna Hector Helen Henry
Hugo Ibrahim Ida Igor Ines Irene Isaac Ivan Jack James Jana Jasper Joel Jonas Julia Karim Kate Kevin Kira Lara Laura
Lena Leo Liam Lilly Linda Lucas Lucy Luis Maja Marco Maria Martin Mateo Maya Mia Milan Mona Nadia Naomi Nico Nina Noah
Nora Olga Oliver Omar Oscar Otto Pablo Paula Peter Petra Quinn Ralph Rania Rosa Ruben Ruth Samir Sara Silas Simon
Sofia Stella Sven Tara Theo Tina Tomas Uma Vera Victor Vivian Walter Wanda Willa Xenia Yara Yusuf Zara Zoe
""".split()
PLACES = """
Amsterdam Athens Austin Bangkok Barcelona Belgrade Bergen Berlin Bogota Bordeaux Boston Bremen Brisbane Brussels
Budapest Cairo Calgary Chicago Cologne Copenhagen Cordoba Dakar Dallas Delhi Denver Dresden Dublin Durban Edinburgh
Florence Frankfurt Geneva Genoa Glasgow Granada Hamburg Hanoi Havana Helsinki Houston Istanbul Jakarta Kyoto Lagos
Lima Lisbon Liverpool London Lyon Madrid Malaga Manila Marseille Melbourne Miami Milan Montreal Munich Mumbai Nairobi
Nantes Naples Osaka Oslo Ottawa Palermo Panama Paris Perth Porto Prague Quito Reykjavik Riga Rome Rotterdam Salzburg
Santiago Seattle Seoul Seville Shanghai Singapore Sofia Stockholm Sydney Taipei Tallinn Tokyo Toronto Tunis Turin
Valencia Vancouver Venice Verona Vienna Vilnius Warsaw Wellington Zagreb Zurich
""".split()
VERBS = """
arrives begins changes closes covers drops ends falls fills follows glows grows holds hides keeps leads leaves lifts
meets moves needs opens passes reaches rests rises rolls runs shines shows sleeps spins starts stays stops turns waits
wins
""".split()
TRAIN_NOUNS = """
abbey account acorn acrobat address agenda airport alarm album alley almond alpine amber ankle answer antler apron
arcade arena armor arrow aspen attic author avenue avocado award baboon backpack bagel balcony balloon banana bandage
barrel bathtub battery beaver beetle belfry bench berry bishop bison blackboard blizzard blueberry boat bonfire
bookcase boulder bouquet bowl bracelet bread brick brook broom bubble buffalo bugle building bumper bunker burrow
butter cable calendar camel campus canary canoe canvas capital caravan carrot cashew catalog cavern celery ceramic
chalk chamber charcoal cheese chestnut chimney chisel choir cinema cinnamon clarinet clinic clock cloud coast cobweb
coconut collar colony column compass concert condor cookie corner cottage cougar courtyard cradle crane crayon cricket
crocus crown cucumber cupboard cushion cyclone cypress daisy dance deer delta denim deposit desk dinner dock doorway
dough dove draft driftwood drum dune dustpan earring easel eclipse elbow elder elephant elm emerald envelope equator
errand escape estuary evening fabric factory faucet festival fig finch fjord flagpole flamingo flannel floor flour
folder football footpath fortress fox freight frigate frost fruit furnace gadget gallery garage gate gazelle geyser
giraffe glass glider glove goblet goose gorge gourd grain grape grass grove gull gutter hail hallway hammock hamster
hare harp hatch hawk headland hedge hermit hinge hippo hive hockey holiday hoof horse hotel hound house hut icicle
igloo inbox ink insect iris iron ivy jaguar jar jelly jewel joist juice juniper kayak keyhole kiosk kite kiwi knapsack
knight knot koala label lace lake lamp landing lane larch lark lasso lava lawn leaf ledger legend leopard library
lighthouse lime linden lion lobby lobster lodge loom lumber lute lynx macaroni machine magpie mailbox mango mantle map
marina marmot marsh mask mast mattress mayor medal melon mill mineral mink mint moat model mole moon moose morning
mosaic moss moth motor mouse mud muffin mulberry mushroom nest nettle newt night nursery nutmeg oak oar oatmeal office
onion orbit organ ostrich oven owl oyster pagoda painting palm panther papaya parade park parsley pasta pasture patio
pavilion peach peacock peanut pearl pelican penguin people perch pier pine pirate pistachio pitcher plank plate plum
polar pond pony poppy porch portrait postcard potato powder prism pump pumpkin puppet pyramid quail quilt raccoon radio
raft railway raisin rake rapids raspberry raven recipe reed reef report ribcage rice ridge ring roof root rope rose
rudder rug ruler sail sandal satchel sauce sawmill scarf school scissors scooter seagull seal seaweed sequoia shark
sheep shelf shell ship shoe shovel shrimp shrub silk skate ski sky sled sleeve slope snail snow soap soccer sock sofa
soil soup sparrow spice spider spinach spoon spring squirrel staircase star station stork storm stove straw street
string studio suitcase swan sweater syrup table tadpole tailor tea teacher tent terrace theater thicket throne thumb
tiger tile toad toast tooth torch tractor trail train tray tree tribe trout truck trunk tube tuna turkey turnip twig
uncle uniform union vacuum van vase vault vehicle vine vinegar vulture waffle wall warehouse wasp water wave weasel
weather wedding well whale wharf wheat wheel wind wing winner wolf wood wool workshop worm wren yacht yard yarn zephyr
zinc
""".split()
TRAIN_VERBS = """
adds asks blinks boils bounces bows breaks brings builds burns buys calls carries casts catches chases chooses claims
cleans climbs collects comes cooks counts crosses cuts dances digs dives draws dreams drifts drinks drives eats enters
finds fits fixes flies floats folds forgets forms gains gathers gives goes grabs greets guards guides hangs hears heats
helps hits hopes hunts hurries joins jumps kicks knits knocks lands laughs learns lets likes listens lives locks looks
loses loves makes marks melts misses mixes names nods offers owes packs paints pays picks plans plays points pours
prints pulls pushes puts races reads repeats rides rings roams roars rows rubs sails saves says scans searches sees
sells sets shakes shares shouts sings sits skips slides smells smiles solves sorts speaks splits spreads stands steals
steps sticks stirs swims swings takes talks teaches tears tells thinks throws ties touches trades travels treats tries
twists uses visits walks wants warms washes watches waves wears weighs whispers wipes wishes wonders works wraps writes
yawns
""".split()
"""Further real words for training alone: the more of them, the less pays learning one by heart."""
EXTENSIONS = ("txt", "md", "csv", "log", "json", "py", "yaml", "cfg", "html", "dat")
ONSETS = (
    "b",
    "br",
    "c",
    "cl",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "qu",
    "r",
    "s",
    "sh",
    "sk",
    "st",
    "t",
    "tr",
    "v",
    "w",
    "y",
    "z",
)
NUCLEI = ("a", "e", "i", "o", "u", "ai", "ea", "oo", "ou")
CODAS = ("", "", "b", "d", "ck", "l", "m", "n", "nd", "p", "r", "rt", "s", "st", "t", "x")
SHARES: dict[Split, float] = {"train": 0.6, "dev": 0.15, "gate": 0.25}


def split_of(word: str) -> Split:
    """The split a word belongs to, by the hash of its lower-case form."""
    place = int.from_bytes(hashlib.sha256(word.lower().encode()).digest()[:4]) / 2**32
    for split, share in SHARES.items():
        if place < share:
            return split
        place -= share
    return "gate"


def _dealt(words: Sequence[str]) -> dict[Split, tuple[str, ...]]:
    return {split: tuple(word for word in words if split_of(word) == split) for split in SHARES}


POOLS = {"noun": _dealt(NOUNS), "person": _dealt(PEOPLE), "place": _dealt(PLACES), "verb": _dealt(VERBS)}
POOLS["noun"]["train"] += _dealt(TRAIN_NOUNS)["train"]
POOLS["verb"]["train"] += _dealt(TRAIN_VERBS)["train"]
ODD: dict[Split, float] = {"train": 0.5, "dev": 0.0, "gate": 0.0}
"""Share of the made-up words that are unlike the rest: a model small enough to know every training word by heart spells
an unknown one as the known one that begins like it (`pandle` for `paddle`), unless many words begin like no other."""
IN_LINES: dict[Split, float] = {"train": 0.4, "dev": 0.0, "gate": 0.0}
"""Share of the words in lines of text that are made up."""


class Vocabulary:
    """Draws names for one task; the same name is never drawn twice, whatever it is used for."""

    def __init__(self, rng: random.Random, split: Split) -> None:
        self.rng = rng
        self.split = split
        self.used: set[str] = set()

    def _drawn(self, pool: str, made_up: float) -> str:
        """A word of the pool or, with the probability `made_up`, a made-up one; it may have been drawn before."""
        if made_up and self.rng.random() < made_up:
            odd = ODD[self.split]
            return self._odd() if odd and self.rng.random() < odd else self._made_up()
        return self.rng.choice(POOLS[pool][self.split])

    def _fresh(self, pool: str, made_up: float, capital: bool = False) -> str:
        for _ in range(1000):
            word = self._drawn(pool, made_up)
            word = word.capitalize() if capital else word
            if word.lower() not in self.used:
                self.used.add(word.lower())
                return word
        raise RuntimeError(f"the {pool} words of the split {self.split} are used up in one task")

    def _made_up(self) -> str:
        while True:
            parts = (self.rng.choice(ONSETS) + self.rng.choice(NUCLEI) + self.rng.choice(CODAS) for _ in range(2))
            word = "".join(parts)
            if split_of(word) == self.split and word not in NOUNS:
                return word

    def _odd(self) -> str:
        """Two nouns cut and joined (`cactumpet`), or three to seven letters (`kqvod`).

        Those hold pieces of words that the nouns and made-up words of one split lack.
        """
        while True:
            if self.rng.random() < 0.6:
                begin, end = self.rng.sample(POOLS["noun"][self.split], 2)
                word = begin[: self.rng.randint(2, len(begin) - 1)] + end[self.rng.randint(1, len(end) - 2) :]
            else:
                word = "".join(self.rng.choices(ascii_lowercase, k=self.rng.randint(3, 7)))
            if split_of(word) == self.split and word not in NOUNS:
                return word

    def word(self) -> str:
        """A lower-case noun: a folder, a tag, a device, a topic."""
        return self._fresh("noun", 0.5)

    def name(self) -> str:
        """A name of one or two joined words, as folders and projects have: `meadow`, `meadow_trail`."""
        return self.word() if self.rng.random() < 0.7 else f"{self.word()}_{self.word()}"

    def file(self, extension: str | None = None) -> str:
        """A file name with an extension, drawn at random if not given (no dot)."""
        return f"{self.name()}.{extension or self.rng.choice(EXTENSIONS)}"

    def person(self) -> str:
        """A first name."""
        return self._fresh("person", 0.35, capital=True)

    def place(self) -> str:
        """A city."""
        return self._fresh("place", 0.35, capital=True)

    def title(self) -> str:
        """A short title of two or three words: `Copper harvest`."""
        words = [self.word() for _ in range(self.rng.choice((2, 2, 3)))]
        return " ".join(words).capitalize()

    def line(self) -> str:
        """A short line of text of three to five words; its words may stand elsewhere in the task as well."""
        words = [self._drawn("noun", IN_LINES[self.split]), self._drawn("verb", IN_LINES[self.split])]
        words += [self._drawn("noun", IN_LINES[self.split]) for _ in range(self.rng.choice((1, 1, 2, 3)))]
        return " ".join(words)

    def number(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return self.rng.randint(low, high)

    def code(self, prefix: str) -> str:
        """An identifier such as `TK-4821`; the digits are not kept apart by split."""
        while True:
            code = f"{prefix}-{self.rng.randint(1000, 9999)}"
            if code not in self.used:
                self.used.add(code)
                return code

    def date(self) -> str:
        """A day of the year 2031, as `2031-05-17`."""
        return f"2031-{self.rng.randint(1, 12):02d}-{self.rng.randint(1, 28):02d}"

    def time(self) -> str:
        """A full or half hour in the day, as `14:30`."""
        return f"{self.rng.randint(7, 20):02d}:{self.rng.choice(('00', '30'))}"
