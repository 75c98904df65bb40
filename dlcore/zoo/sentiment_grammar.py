"""Sentences whose polarity is known because a grammar put them together.

They teach what word counts get wrong: "not", "never", "hardly" and their like turn a word round.
"""

from __future__ import annotations

import random
import re

DOMAINS = [
    # things, good, bad, what good ones do, what bad ones do; "+" marks a plural
    (
        "movie|show|novel|story|plot|script|episode|documentary|series|comedy|drama|dialogue|performance|"
        "cast|songs+|album|video|game|trailer|first half|book|music|lyrics+|actors+|scenes+",
        "funny|gripping|touching|clever|witty|moving|original|exciting|entertaining|engaging|fascinating|"
        "thrilling|beautiful|convincing|memorable|charming|fun|interesting|powerful|worth watching|believable",
        "boring|dull|predictable|silly|slow|tedious|shallow|pretentious|tiresome|confusing|pointless|"
        "unfunny|forgettable|lame|lifeless|annoying|stupid|cheesy|depressing|a mess|embarrassing|fake",
        "entertain everyone|move me to tears|keep you guessing|stay with you|surprise me|hold together|come alive",
        "drag on forever|put me to sleep|insult your intelligence|fall apart halfway|bore the audience|"
        "waste good actors|go nowhere|get on my nerves",
    ),
    (
        "food|dinner|lunch|pizza|bread|dessert|menu|fish|chicken|wine|tea|breakfast|fries+|noodles+|"
        "portions+|burger|kitchen|restaurant|coffee|meal|cake|drinks+",
        "delicious|tasty|fresh|hot|juicy|crispy|yummy|filling|well seasoned|generous|excellent|healthy|"
        "mouth-watering|perfectly cooked|rich in flavour|the best in town",
        "bland|stale|cold|greasy|overcooked|undercooked|soggy|tasteless|burnt|salty|disgusting|dry|tiny|"
        "rotten|inedible|too sweet",
        "taste wonderful|melt in your mouth|smell great|taste great|leave you full and happy",
        "taste like cardboard|smell strange|make me sick|upset my stomach|leave you hungry|taste bad",
    ),
    (
        "hotel|apartment|place|bathroom|bed|view|pool|lobby|neighbourhood|beach|city|garden|beds+|streets+|"
        "house|flat|office|room|town|park|shop",
        "spotless|cosy|quiet|comfortable|spacious|clean|lovely|peaceful|bright|charming|modern|safe|"
        "welcoming|well kept|warm|soft|well located",
        "dirty|noisy|cramped|filthy|dark|shabby|damp|smelly|ugly|run down|crowded|freezing|unsafe|"
        "depressing|gloomy|uncomfortable|far too loud",
        "feel like home|look just like the photos|exceed our expectations",
        "smell of smoke|need a good clean|look nothing like the photos|fall short of the description",
    ),
    (
        "product|laptop|phone|camera|printer|headphones+|jacket|bag|vacuum|toy|screen|software|website|app|"
        "keyboard|car|bike|watch|lamp|batteries+|item|design|quality|price|tool|charger|machine|package|shirt",
        "reliable|sturdy|useful|fast|durable|easy to use|well made|handy|affordable|practical|solid|sleek|"
        "a bargain|reasonable|fair|efficient|accurate|of high quality|attractive",
        "flimsy|unreliable|useless|broken|slow|cheaply made|overpriced|defective|faulty|poorly designed|"
        "hard to use|clunky|fragile|expensive|worthless|outdated|too complicated|blurry|damaged",
        "work perfectly|do the job|fit well|last for years|save me time|run smoothly|look stylish|"
        "feel solid|do what it promises|work|work well|help me a lot",
        "break after a week|stop working|freeze constantly|fall to pieces|run out of power quickly|overheat|"
        "scratch easily|make a horrible noise|lose the connection|break|hurt my back",
    ),
    (
        "staff|manager|doctor|nurse|service|team|assistant|driver|receptionist|landlord|coach|seller|support|"
        "owners+|colleagues+|people+|host|guide|mechanic|customer service|teacher|cook|lady at the desk",
        "friendly|helpful|polite|kind|professional|patient|honest|attentive|caring|knowledgeable|competent|"
        "generous|supportive|respectful|quick to help|nice to us|on time",
        "rude|unhelpful|arrogant|lazy|impolite|unfriendly|dishonest|incompetent|careless|hostile|mean|"
        "impatient|unprofessional|selfish|cruel|angry|late",
        "answer every question|help right away|go the extra mile|listen carefully|respect the guests|"
        "make you feel welcome|know the job|do a great job|tell the truth",
        "ignore us|shout at people|lie to customers|treat people badly|keep us waiting|waste my time|"
        "cheat the guests|make excuses|lie|forget everything",
    ),
    (
        "day|trip|holiday|visit|course|event|job|meeting|experience|evening|weekend|idea|project|lecture|"
        "class|journey|result|wedding|training|year|conversation|advice|weather|news|gift|answer|dress",
        "wonderful|rewarding|inspiring|enjoyable|relaxing|fantastic|pleasant|valuable|successful|fun|useful|"
        "unforgettable|encouraging|a success|well organised|sweet|lovely|cheerful|gorgeous|productive",
        "stressful|exhausting|chaotic|a disaster|horrible|frustrating|disappointing|miserable|painful|scary|"
        "badly organised|pointless|a nightmare|unpleasant|a failure|a waste of time|sad|worrying|hideous",
        "go smoothly|make me smile|cheer me up|pay off|turn out well|teach you a lot|bring people together",
        "go wrong|end in tears|make me angry|cause trouble|ruin everything|give me a headache|hurt|make me cry",
    ),
]
LEXICON = (  # more words of a good and of a bad opinion, on anything
    "able|accessible|active|adept|adequate|admirable|agreeable|airy|ample|amusing|appealing|"
    "appetising|appropriate|artistic|astonishing|astounding|astute|authentic|balanced|beloved|"
    "beneficial|bewitching|brave|breathtaking|calm|captivating|careful|charismatic|cheery|civilised|"
    "classy|clean|clear|coherent|colourful|comforting|comfy|comical|compelling|complete|"
    "comprehensible|confident|considerate|consistent|convenient|correct|courageous|courteous|"
    "creative|credible|dazzling|deft|delightful|dependable|deserved|deserving|desirable|detailed|"
    "dignified|easy|effective|effortless|elegant|endearing|energetic|engrossing|enlightening|"
    "enthusiastic|ethical|exact|exceptional|exhilarating|expressive|exquisite|extraordinary|fabulous|"
    "faithful|faultless|favourable|first class|fitting|flawless|flexible|fortunate|fresh|gentle|"
    "genuine|gifted|glorious|good value|gorgeous|graceful|gracious|grand|handsome|harmless|"
    "harmonious|healthy|heartwarming|helpful|heroic|hilarious|hopeful|humorous|ideal|imaginative|"
    "impeccable|important|improved|incredible|informative|ingenious|innovative|insightful|"
    "inspirational|inspired|intelligent|intriguing|inventive|inviting|joyful|just|justified|"
    "legendary|lifelike|light-hearted|likable|likeable|lively|logical|lovable|loving|loyal|luxurious|"
    "magical|magnificent|marvellous|masterful|meaningful|merry|mighty|modest|neat|noble|notable|"
    "optimistic|passionate|peaceful|perfect|phenomenal|plausible|playful|poetic|popular|positive|"
    "precious|precise|pretty|priceless|promising|proper|punctual|pure|quiet|reassuring|redeeming|"
    "refreshing|relevant|reliable|reputable|resourceful|respectable|responsible|riveting|robust|"
    "romantic|safe|secure|sensational|sensible|sensitive|sharp|simple to use|sincere|skilful|skilled|"
    "smart|smooth|soft|soothing|sophisticated|special|spectacular|spirited|splendid|spontaneous|"
    "stable|straightforward|striking|strong|stunning|stylish|suitable|sunny|super|superior|sweet|"
    "talented|tender|thorough|thought-provoking|thoughtful|tidy|timeless|top quality|top-notch|"
    "tremendous|true|trustworthy|truthful|unique|uplifting|valid|valuable|versatile|vibrant|warm|"
    "welcome|well deserved|well thought out|winning|wise|worthwhile|worthy|young at heart",
    "abhorrent|abrasive|absurd|abusive|aggressive|alarming|alienating|amateurish|arduous|artificial|"
    "awkward|backward|banal|barbaric|bitter|bleak|bloody|broken|brutal|caustic|chaotic|cheap|"
    "childish|chilly|claustrophobic|clumsy|cold-hearted|complicated|confused|contaminated|contrived|"
    "corrupt|crazy|creepy|criminal|crooked|crude|cruel|cynical|damaged|dangerous|deadly|deceptive|"
    "defective|deficient|deplorable|derivative|desperate|destructive|devastating|difficult|"
    "difficult to use|dim|dim-witted|dirty|disastrous|discouraging|discourteous|disgraceful|"
    "disorganised|disrespectful|distasteful|disturbing|doubtful|dreary|dumb|dusty|embarrassing|empty|"
    "erroneous|evil|exaggerated|excessive|exhausted|exploitative|fake|false|farcical|fearful|feeble|"
    "flawed|foolish|forced|foul|frightening|frigid|fussy|gratuitous|greedy|grim|gross|grotesque|"
    "gruesome|haphazard|hapless|harmful|harsh|hateful|hideous|hopeless|horrendous|horrid|horrific|"
    "horrifying|hurtful|hysterical|icky|idiotic|ignorant|illegal|illogical|immature|imperfect|"
    "impossible|impractical|inaccurate|inadequate|inappropriate|incoherent|inconvenient|incorrect|"
    "inexplicable|infamous|infantile|inferior|inflexible|insane|insecure|insensitive|insulting|"
    "intolerable|irrelevant|irresponsible|irritating|laughable|leaky|loud|ludicrous|maladroit|"
    "meaningless|measly|menacing|merciless|mindless|misguided|misleading|monotonous|muddled|naive|"
    "needless|negative|neglected|nerve-racking|noisy|obnoxious|obscene|odd|offensive|old-fashioned|"
    "outrageous|over-the-top|painful|petty|poisonous|powerless|prejudiced|primitive|problematic|"
    "questionable|reckless|repetitive|repulsive|risky|rotten|rough|ruined|ruthless|scandalous|scary|"
    "scathing|second-rate|senseless|shaky|shameful|shocking|shoddy|shrill|sick|sickening|simplistic|"
    "sinister|sloppy|smelly|snobbish|sour|spoiled|stereotypical|sticky|stubborn|stuck up|stuffy|"
    "substandard|suspicious|tasteless|tense|terrifying|threatening|tired|toxic|tragic|troublesome|"
    "twisted|ugly|unacceptable|unappealing|unappetising|unbearable|unclear|uncomfortable|"
    "unconvincing|undeserved|unentertaining|uneven|uneventful|unfair|unfaithful|unfocused|"
    "unfortunate|unhealthy|unhygienic|unimportant|uninspired|unintelligible|uninteresting|unjust|"
    "unlikeable|unnecessary|unoriginal|unpopular|unprepared|unreadable|unreasonable|unsatisfactory|"
    "unsettling|unsuccessful|unsuitable|untidy|untrustworthy|unwanted|unwatchable|unwelcome|"
    "upsetting|vague|vain|vapid|vicious|vile|violent|vulgar|wasteful|weird|wicked|wobbly|wonky|"
    "worn out|worrying|wretched",
)
WORDS = {  # by what a template calls them: good, bad
    "adj": (
        "good|great|nice|amazing|excellent|brilliant|wonderful|fantastic|impressive|superb|awesome|"
        "outstanding|pleasant|beautiful|lovely|cool|satisfying|terrific|remarkable|good enough|okay|fine|decent|"
        "fabulous|gorgeous|incredible|magnificent|marvellous|neat|phenomenal|refreshing|splendid|stunning|"
        "sweet|thoughtful|flawless|genuine|adorable|elegant|cute|the best|good|good",
        "bad|terrible|awful|horrible|poor|disappointing|dreadful|mediocre|pathetic|annoying|weak|lousy|"
        "atrocious|unpleasant|ridiculous|ugly|nasty|wrong|appalling|worthless|the worst|stupid|abysmal|clumsy|"
        "creepy|disastrous|disgraceful|gross|harmful|hideous|hopeless|idiotic|inferior|insulting|irritating|"
        "painful|shameful|shocking|tragic|unacceptable|unbearable|vile|bad|bad",
    ),
    "verb": (
        "like|love|enjoy|appreciate|recommend|admire|adore|respect|trust|like",
        "hate|dislike|regret|despise|loathe|detest|resent|hate",
    ),
    "mood": (
        "happy|glad|pleased|satisfied|delighted|thrilled|impressed|excited|grateful|proud|relieved|lucky",
        "unhappy|sad|angry|disappointed|annoyed|upset|frustrated|bored|worried|ashamed|disgusted|let down",
    ),
    "treat": (
        "help|support|encourage|thank|comfort|hug|understand|praise|care for|smile at|believe in|protect",
        "insult|ignore|betray|cheat|hurt|bully|threaten|lie to|laugh at|shout at|offend|bother",
    ),
    "luck": (
        "win|pass the exam|get the job|find a friend|have fun|feel better|sleep well|smile|laugh a lot",
        "fail the test|lose my keys|cry|get hurt|feel ill|fall down the stairs|miss the train|get fired|suffer",
    ),
    "noun": (
        "a joy|a pleasure|a delight|a treat|a success|a bargain|a winner|a gem|a relief|a masterpiece|"
        "a great help|money well spent|a blessing|a favourite of mine|a good buy",
        "a disaster|a mess|a failure|a scam|a letdown|a nightmare|a disgrace|a rip-off|a waste of time|"
        "a disappointment|a joke|a total loss|an insult|a pain|a bad buy|a waste of money",
    ),
    "have": (
        "charm|warmth|humour|imagination|energy|style|heart|quality|character|talent|patience|taste|"
        "substance|wit|common sense|value|good ideas",
        "problems|mistakes|flaws|errors|faults|defects|bugs|delays|weaknesses|worries|complaints|"
        "bad surprises|annoying details|hidden costs|issues|trouble",
    ),
}
# "[it] [be] [do] [has]": a thing and what agrees with it. "[+adj]": a word of the clause's own polarity,
# "[-adj]": of the other. "(a|b)": one of these. The lists are drawn from as often as they stand here.
PLAIN = """[it] [be] [very][+adj]
[it] [be] [very][+adj]
[it] [be] [+adj] and [+adj]
every (part|bit|minute) of it was [+adj]
i (find|found|think) [it] [very][+adj]
[very][+adj]
i (think|believe|must say|am sure) (|that )[it] [be] [+adj]"""
TURNED = """[it] [be] not [degree][-adj](||| at all)
[it] [be] not [degree][-adj](||| at all)
[it] [be] not [-adj]
[it] [be] not [-adj]
[it] [be] never [-adj]
[it] [be] (far from|anything but|by no means|in no way|hardly|not in the least|no longer) [-adj]
[it] [be] neither [-adj] nor [-adj]
i (do|did|could) not find [it] [-adj]
not [degree][-adj](|| at all)
there (is|was) nothing [-adj] about [it]
nothing about [it] [be] [-adj]
no (part|bit|minute) of it [be] [-adj]
[it] [do] not (look|feel|seem|sound) [-adj]
nobody (would call|could call|found|finds|thought) [it] [-adj]
not a single [part] was [-adj]"""
ACTING = """[it] (|always |really )[+acts]
[it] [+acts]
every [part] [+acts]
[it] [do] not [-act]
[it] [do] not [-act]
[it] did not [-act]
[it] never [-acts]
[it] (will|would|can|could) (not|never) [-act](|| at all)"""
LIKING = """i (|really |absolutely )[+verb] [it]
i [+verb] (it|this|that|them|you|every minute of it)
i do not (||really )[-verb] [it](|| at all)
i did not [-verb] (it|this|them|[it])
i (would|could|can|will) (not|never) (really ||)[-verb] [it]
i (never|no longer) [-verb] [it]
(nobody|no one|none of us) (could|would) [-verb] [it]
(he|she|my wife|my son) does not [-verb] [it]
(we|they|my friends|my parents|you) (do|did|will) not [-verb] [it]
i see no reason to [-verb] [it]"""
FEELING = """[i am] [very][+mood][why]
[i am] [very][+mood][why]
[i am] not (|very |really |too |at all )[-mood][why]
[i am] not [-mood][why]
[i am] (far from|anything but|hardly|never) [-mood][why]
(nobody|no one) was [-mood][why]"""
LIVING = """(he|she|my boss|my neighbour) [+treats] (me|us|you|the others)
(they|you|my friends|people) [+treat] (me|us|people|my family)
(he|she|they|you|my neighbours) (did|would|will) not [-treat] (me|us|anyone|my family)
(he|she|my sister) never [-treats] (me|us|anyone|her)
(nobody|no one) will [-treat] (me|you|us)
(i|we) (always|will|can) [+luck]
(i|we|you) (do|did|will) not [-luck]
(i|we) (will never|never) [-luck]"""
NAMING = """[it] [be] (|really |simply )[+noun]
[it] [be] (|really |simply )[+noun]
[it] [be] not [-noun](|| at all)
i would not call [it] [-noun]
[it] [be] (hardly|far from|anything but|never) [-noun]"""
OWNING = """[it] [has] (no|no|not any|zero) [-have]
there (are|is) (no|no|not a lot of|hardly any) [-have]
[it] [be] (without|without any|free of|entirely without) [-have]
i could not find any [-have]
we had (no|no|hardly any) [-have]"""
THINKING = """i (do|did) not (think|believe|find|feel) (|that )[it] [be] (||very )[-adj]
i (would|could) not (say|claim) (|that )[it] [be] [-adj]
i would not call [it] [-adj]
nobody (can|could) say (|that )[it] [be] [-adj]
it is not true that [it] [be] [-adj]
(they say|people say|my friend claims) [it] [be] [-adj](, but that is not true|, which is wrong|, i disagree)"""
# Here "not" and its like turn nothing round.
TRAPS = """[it] could not be more [+adj]
i have never (seen|had|known) anything so [+adj]
i have never been so [+mood]
[it] [be] not only [+adj] but also [+adj]
not only [be] [it] [+adj], it is [+adj] too
[it] [be] not just [+adj], it (is|was) [+adj]
there is no doubt that [it] [be] [+adj]
[it] [be] [+adj], no question
[it] [be] nothing but [+adj]
nobody (can|could) deny that [it] [be] [+adj]
[it] never (stops|ceases) being [+adj]
i can not believe how [+adj] [it] [be]
i did not know [it] could be so [+adj]"""
GOOD = """thank you so much
i am in love with [it]
well done
five stars
best purchase ever
i can not get enough of [it]
i can not recommend [it] enough
you can not go wrong with [it]
could not ask for more
[it] could not be better
nobody does it better
there is no better [part]
no complaints whatsoever
i would choose it every time
highly recommended
worth every penny
have a lovely day
i miss you and love you
this made my day
i (passed the exam|got the job|got a promotion|won|am lucky)
my (headache|pain) is gone
it is my birthday
(he|she) (smiled at|helped|thanked|hugged) me
i feel (so |)much better
this is the best [part] of my life
congratulations
do not miss it
do not hesitate to try it
i keep using it every day
[it] [be] better than expected
[it] [be] worth it
i will definitely go there again
i did not want (to leave|it to end)
[it] [has] (so much |plenty of |)[+have]
[it] [do] not lack [+have]
[it] never (fails|failed) to [+act]
i do not mind [it]
what a (great|lovely|wonderful|nice|beautiful) [part]"""
BAD = """never again
stay away
avoid it
one star
do not buy this
do not waste your money
do not bother
i want my money back
[it] could not be worse
i can not stand [it]
[it] did not deserve my time
not worth it
[it] [be] not worth (a cent|the effort|it)
worse than expected
what a waste
no thanks
not recommended
leave me alone
i would not pay for this again
nothing (works|worked|went right)
i have seen better
there is nothing good about [it]
[it] (arrived broken|broke after a few weeks|never arrived)
they never answered
i had to send it back
nobody helped us
i lost my patience
i will not go there again
shame on you
i (failed the exam|lost my job|got fired|feel sick|feel lonely)
my (cat|grandfather|friend|father) died
(he|she) (lied to|shouted at|hurt|insulted|left) me
my (wallet|bike) was stolen
the (flight|match|bus) was (cancelled|late again)
you are (an idiot|a liar|a fool)
nobody (listens to|wants|loves) me
i have had enough of [it]
i am sick of [it]
i asked for a refund
[it] [be] full of [+have]
[it] [be] (lacking in|short on) [-have]
[it] (failed|fails) to [-act]
what a (bad|terrible|horrible|sad|stupid) [part]"""
KINDS = [
    PLAIN,
    PLAIN,
    TURNED,
    TURNED,
    ACTING,
    ACTING,
    LIKING,
    FEELING,
    LIVING,
    NAMING,
    OWNING,
    THINKING,
    TRAPS,
]
OPENERS = (
    "honestly|overall|in my opinion|to be fair|as for me|after a month|so far|frankly|in the end|last week|"
    "to my surprise|as always|i must say|believe me|all in all|for once|this time"
)
ASIDES = (
    "i bought it last month|we went there with friends|it was a birthday present|i saw it yesterday|"
    "my brother told me about it|we arrived late in the evening|it is my second one|i live nearby|"
    "i read the reviews first|we stayed for three nights|they opened last year|it was raining outside"
)
VERY = "||||very |really |so |quite |absolutely |truly |pretty |simply |just |extremely |incredibly "
DEGREE = "||||very |really |that |so |too |particularly |exactly |even |remotely |all that "
PEOPLE = "i am|i was|we are|we were|my husband was|he is|the children were|i feel|you will be|she was"


class Grammar:
    """Sentences whose polarity is known because they were put together knowingly."""

    def __init__(self, seed: int):
        self.rng = random.Random(seed)

    def one(self, choices: str) -> str:
        return self.rng.choice(choices.split("|"))

    def sentence(self) -> tuple[str, bool]:
        """A text, and whether it is positive; half of them are."""
        good, chance = self.rng.random() < 0.5, self.rng.random()
        text = self.whole(good)
        if chance < 0.15:
            text = f"{self.one(OPENERS)}{self.one(', | ')}{text}"
        elif chance < 0.23:
            text = self.rng.choice([f"{self.one(ASIDES)}. {text}", f"{text}. {self.one(ASIDES)}"])
        return text + self.one(".|.|.|!||"), good

    def whole(self, good: bool) -> str:
        """One clause, or two of which the second, or the one after "but", decides."""
        kind, clause = self.rng.random(), self.clause(good)
        if kind < 0.65:
            return clause
        if kind < 0.80:
            return self.clause(good) + self.one(" and |, and | , |. ") + clause
        if kind < 0.92:
            return self.clause(not good) + self.one(", but | but |. but |, however |, yet ") + clause
        if kind < 0.96:
            return f"{self.one('although|even though|though|while')} {self.clause(not good)}, {clause}"
        contrast = """i expected something [-adj] but it (was|is) [+adj]
[it] [be] [+adj], not [-adj]
[it] [be] not [-adj] but [+adj]
[it] looked [-adj] at first but (turned out|proved) to be [+adj]
it (may|might) (look|sound|seem) [-adj], but it (is|was) not"""
        return self.fill(contrast, good)

    def clause(self, good: bool) -> str:
        """A statement; in most of them something turns the words round."""
        return self.fill(self.rng.choice([*KINDS, GOOD if good else BAD]), good)

    def fill(self, templates: str, good: bool) -> str:
        """One of the templates with its choices made."""
        domain = self.rng.choice(DOMAINS)
        if self.rng.random() < 0.3:
            phrase, many = self.one("it|it|it|this|that|this one|everything|the whole thing"), False
        else:
            noun = self.one(domain[0])
            many = noun.endswith("+")
            phrase = self.one("the|the|the|my|our|their|these" if many else "the|the|the|my|our|this")
            phrase += " " + noun.removesuffix("+") + self.one("||||||||| here| there| we had| i got")
        kind = self.rng.random()

        def choose(match: re.Match[str]) -> str:
            name = match[1]
            if name[0] in "+-":
                index = 0 if good == (name[0] == "+") else 1
                if name[1:] in ("act", "acts"):
                    act = self.one(domain[3 + index])
                    return act if many or name[1:] == "act" else third(act)
                if name[1:] == "treats":
                    return third(self.one(WORDS["treat"][index]))
                if name[1:] == "adj" and kind > 0.3:
                    return self.one(domain[1 + index] if kind > 0.6 else LEXICON[index])
                return self.one(WORDS[name[1:]][index])
            return {
                "it": phrase,
                "be": self.one("are|were|have been" if many else "is|was|is|has been"),
                "do": "do" if many else "does",
                "has": "have" if many else "has",
                "part": self.one(domain[0]).removesuffix("+"),
                "very": self.one(VERY),
                "degree": self.one(DEGREE),
                "i am": self.one(PEOPLE),
                "why": self.one("|||| with [it]| about [it]| with the outcome| that i came").replace(
                    "[it]", phrase
                ),
            }[name]

        text = self.rng.choice(templates.split("\n"))
        text = re.sub(r"\(([^()]*)\)", lambda match: self.one(match[1]), text)
        return re.sub(r"\[([^\]]+)\]", choose, text)


def third(act: str) -> str:
    """ "go wrong" to "goes wrong", "carry on" to "carries on"."""
    verb, space, rest = act.partition(" ")
    if re.search(r"[^aeiou]y$", verb):
        verb = verb[:-1] + "ie"
    elif re.search(r"(s|sh|ch|x|o)$", verb):
        verb += "e"
    return f"{verb}s{space}{rest}"
