"""What `scripts/bench speech` has said: sentences and voices, in sets that share neither.

The recogniser's bars are chosen on the set `tuned`. `held_out` was looked at several times while
they were. `fresh` has other sentences, voices at other pitches and speeds, and other noise; it was
written before they were last moved, and said afterwards. Two came after that: that nobody says a
word so fast, and what is looked at twice. Who moves one for its sake writes another set.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from earshot_speech.grammar.compile import compile_grammar
from earshot_wire.vocabulary import Name, Vocabulary

Half = Literal["tuned", "held_out", "fresh"]
Kind = Literal["command", "other", "broken_off"]


@dataclass(frozen=True)
class Voice:
    """A synthesiser's voice."""

    name: str
    engine: Literal["flite", "espeak-ng"]
    speed: int = 0
    """Words a minute of espeak-ng, per cent of flite's own; 0 is as it comes."""

    pitch: int = 0
    """0 to 99 of espeak-ng, hertz of flite; 0 is as it comes."""


@dataclass(frozen=True)
class Clip:
    """One sentence in one voice."""

    kind: Kind
    text: str
    voice: Voice


VOICES: dict[Half, tuple[Voice, ...]] = {
    "tuned": (
        Voice("slt", "flite"),
        Voice("kal16", "flite"),
        Voice("en-us", "espeak-ng", 150),
        Voice("en-us+f3", "espeak-ng", 165),
        Voice("en-gb+m3", "espeak-ng", 140),
    ),
    "held_out": (
        Voice("rms", "flite"),
        Voice("awb", "flite"),
        Voice("kal", "flite"),
        Voice("en-gb", "espeak-ng", 150),
        Voice("en-us+f2", "espeak-ng", 150),
        Voice("en-gb-scotland+m7", "espeak-ng", 150),
    ),
    "fresh": (
        Voice("slt", "flite", 85, 150),
        Voice("rms", "flite", 115, 125),
        Voice("kal16", "flite", 90, 130),
        Voice("en-us+m1", "espeak-ng", 140, 40),
        Voice("en-gb+f4", "espeak-ng", 155, 60),
        Voice("en-us+m5", "espeak-ng", 170, 30),
    ),
}

SEEDS: dict[Half, int] = {"tuned": 1, "held_out": 1, "fresh": 20_261}
"""Of the noise."""

_AREAS: dict[str, dict[str, tuple[str, ...]]] = {
    "Kitchen": {
        "light": ("Kitchen Light", "Ceiling Lamp"),
        "switch": ("Coffee Machine",),
        "media_player": ("Radio",),
    },
    "Bedroom": {"light": ("Bedroom Light", "Reading Lamp"), "cover": ("Bedroom Blinds",)},
    "Office": {"light": ("Office Light", "Desk Lamp"), "fan": ("Ceiling Fan",)},
    "Hall": {"light": ("Hall Light",), "lock": ("Front Door",), "climate": ("Thermostat",)},
    "Living Room": {
        "light": ("Sofa Lamp", "Christmas Tree"),
        "media_player": ("Television",),
        "cover": ("Curtains",),
    },
    "Garage": {"cover": ("Garage Door",), "lock": ("Back Door",), "switch": ("Heater",)},
}
HOME = Vocabulary(
    language="en",
    names=(
        *(
            Name(name=name, domain=domain, area=area)
            for area, domains in _AREAS.items()
            for domain, names in domains.items()
            for name in names
        ),
        Name(name="Movie Night", domain="scene"),
        Name(name="Good Night", domain="script"),
        Name(name="Doorbell", domain="button"),
        Name(name="Rover", domain="vacuum"),
        Name(name="Outside Temperature", domain="sensor"),
        Name(name="Shopping List", domain="todo"),
        Name(name="Forecast", domain="weather"),
    ),
    areas=tuple(_AREAS),
    floors=("Ground", "Upstairs"),
    list_items=("bread", "butter", "coffee", "eggs", "milk", "olive oil"),
)
"""A home of thirty names, made up."""

COMMANDS: dict[Half, tuple[str, ...]] = {
    "tuned": (
        "turn on the kitchen light",
        "turn off the kitchen light",
        "turn off the bedroom light",
        "turn on the reading lamp",
        "switch off the desk lamp",
        "turn on the lights",
        "turn off all the lights",
        "turn on the ceiling fan",
        "set the hall light to forty percent",
        "set the sofa lamp to blue",
        "open the garage door",
        "close the bedroom blinds",
        "lock the front door",
        "unlock the back door",
        "is the front door locked",
        "set the temperature to twenty one degrees",
        "what is the temperature",
        "turn the radio off",
        "pause the music",
        "set the television volume to thirty",
        "activate movie night",
        "start rover",
        "set a timer for five minutes",
        "cancel the timer",
        "add olive oil to the shopping list",
        "what time is it",
        "delete what I just said",
        "what did you hear",
        "stop listening for ten minutes",
        "never mind",
    ),
    "held_out": (
        "turn on the office light",
        "turn off the office light",
        "turn on the hall light",
        "turn off the hall light",
        "turn on the bedroom light",
        "switch on the coffee machine",
        "turn off the sofa lamp",
        "turn the heater on",
        "turn the heater off",
        "turn off the lights in the office",
        "turn on the living room lights",
        "set the kitchen light to ten percent",
        "turn the christmas tree red",
        "open the bedroom blinds",
        "close the garage door",
        "open the curtains",
        "unlock the front door",
        "lock the back door",
        "is the garage door open",
        "set the thermostat to nineteen",
        "how warm is it in the bedroom",
        "turn off the television",
        "turn down the volume",
        "skip this song",
        "run good night",
        "press the doorbell",
        "set a timer for twelve minutes",
        "how much time is left on the timer",
        "add butter to the shopping list",
        "what's the weather",
        "are you recording me",
        "delete everything I said today",
        "turn on guest mode",
        "has anyone listened to this room",
    ),
    "fresh": (
        "turn on the desk lamp",
        "turn off the desk lamp",
        "turn on the ceiling lamp",
        "switch off the bedroom light",
        "switch on the hall light",
        "turn the sofa lamp off",
        "turn the coffee machine on",
        "turn off the coffee machine",
        "turn on the heater",
        "switch the heater off",
        "turn on the lights in the kitchen",
        "turn off the bedroom lights",
        "set the reading lamp to sixty percent",
        "set the office light to green",
        "close the curtains",
        "lower the bedroom blinds",
        "shut the bedroom blinds",
        "lock my front door",
        "is the front door unlocked",
        "unlock my front door",
        "is the back door locked",
        "set the temperature to eighteen degrees",
        "what's the temperature in the office",
        "turn on the television",
        "turn the radio on",
        "turn up the volume",
        "set the volume to twenty percent",
        "pause the timer",
        "set a timer for forty five seconds",
        "add bread to the shopping list",
        "clean the living room",
        "what is the date",
        "stop listening for one hour",
        "who can hear this room",
    ),
}

OTHER: dict[Half, tuple[str, ...]] = {
    "tuned": (
        "did you see the game last night",
        "we should call your mother on sunday",
        "my sister bought a green bicycle",
        "the train was late again this morning",
        "can you pass me the salt please",
        "I left the kitchen light on again",
        "the front door was open all night",
        "did you lock the front door before you left",
        "she turned the radio off and went to bed",
        "turn on the charm and he will forgive you",
        "he wants to paint the bedroom blue",
        "it is too warm in the office today",
        "let's watch the movie tomorrow night",
        "the coffee in this place is terrible",
        "put the milk back in the fridge",
        "I have to run to the store in ten minutes",
        "what are we having for dinner",
        "where did you put my keys",
        "nobody told me about the meeting",
        "the children are playing in the garden",
        "how was your day at school",
        "that is exactly what I said",
        "open your book at page twenty",
        "close the window it is raining",
        "set the table for six people",
        "start the car and wait for me",
        "stop shouting at your brother",
        "turn left at the next corner",
        "turn around and look at me",
        "what time did they leave",
        "what is the matter with you",
        "the lights in this street are always broken",
        "yes",
        "no thank you",
        "okay then",
        "I don't know",
        "hello",
        "come here",
        "good morning everybody",
        "happy birthday to you",
        "one two three four five",
        "turn it on",
        "turn off the engine",
        "turn on your phone",
        "lock it up and throw away the key",
        "cancel my appointment with the dentist",
        "add another chair to the list of things we need",
        "delete the pictures from your phone",
        "is the water still hot",
        "are the neighbours coming for lunch",
        "play something by the beatles",
        "remind me to water the plants",
        "tell me a joke",
        "how far away is the moon",
        "who won the election",
        "order a large pizza with mushrooms",
        "call the doctor tomorrow morning",
        "send a message to peter",
        "the dog needs to go out",
        "there is nothing on television tonight",
    ),
    "held_out": (
        "have you fed the cat today",
        "the bus leaves at a quarter past nine",
        "she opened the letter and started to cry",
        "we are moving to another city in spring",
        "could you help me with my homework",
        "the hall light keeps flickering at night",
        "somebody left the garage door open",
        "who turned off the heater in here",
        "I always turn the lights off when I leave",
        "turn on the news for a moment please",
        "we want a new lamp for the living room",
        "the bedroom is much colder than the kitchen",
        "it was a good night for a movie",
        "this machine makes very bad coffee",
        "we are out of butter and eggs",
        "give me five more minutes",
        "what should we cook on saturday",
        "when does the library close",
        "everybody liked the music at the party",
        "grandma is asleep on the sofa",
        "what did the teacher tell you",
        "that was not what I meant",
        "open the bottle carefully",
        "close your eyes and count to ten",
        "set your bag down over there",
        "start again from the beginning",
        "stop it right now",
        "turn right after the bridge",
        "turn the page please",
        "what is the name of that song",
        "what did you do at work",
        "all the shops in town are closed",
        "maybe",
        "of course not",
        "thank you very much",
        "I am not sure about that",
        "good evening",
        "wait a minute",
        "see you later",
        "nice to meet you",
        "seven eight nine ten",
        "switch it off",
        "turn off the water",
        "switch on your brain",
        "unlock your phone and show me",
        "cancel the newspaper while we are away",
        "add some sugar to the tea",
        "delete my account from that website",
        "is the shop around the corner open",
        "are the tickets very expensive",
        "play the next episode",
        "remind him about the doctor",
        "tell her that I said hello",
        "how tall is that mountain",
        "who is coming to the wedding",
        "book a table for two people",
        "phone the plumber about the leak",
        "write a letter to your uncle",
        "the baby is hungry again",
        "my favourite programme starts at eight",
        "the president gave a long speech",
        "football is boring in the summer",
    ),
    "fresh": (
        "are you coming home for supper",
        "he forgot his umbrella on the bus",
        "they painted the whole house white",
        "the cat knocked the desk lamp over",
        "why is the back door open again",
        "I turned on the heater an hour ago",
        "someone should lock the garage at night",
        "turn on some music and dance with me",
        "we bought curtains for the bedroom",
        "the television in the living room is too loud",
        "I could not hear the doorbell",
        "my coffee went cold during the meeting",
        "she added butter and milk to the bowl",
        "wake me up in twenty minutes",
        "how much did that cost you",
        "when will the plumber be here",
        "grandpa told us the same story twice",
        "your phone is on the kitchen table",
        "what on earth was that noise",
        "I would rather stay in tonight",
        "open the letter and read it to me",
        "close the fridge properly please",
        "set an example for the others",
        "start cooking without me",
        "stop the bus at the next corner",
        "turn over and go back to sleep",
        "turn up early tomorrow",
        "what is your favourite colour",
        "what time should we leave",
        "all my friends are on holiday",
        "perhaps",
        "absolutely not",
        "thanks a lot",
        "I have no idea",
        "good afternoon",
        "hold on a second",
        "talk to you soon",
        "welcome back",
        "eleven twelve thirteen fourteen",
        "shut it down",
        "turn off the tap",
        "switch off your laptop",
        "lock the car when you get out",
        "unlock the next level of the game",
        "pause for a moment and breathe",
        "cancel our reservation at the restaurant",
        "add a little salt and pepper",
        "forget about the whole thing",
        "is the soup ready yet",
        "are those shoes new",
        "clean your room before dinner",
        "remember to buy stamps",
        "show him the pictures of the trip",
        "how deep is the lake",
        "who wrote this book",
        "reserve a seat near the window",
        "ring the neighbours about the parcel",
        "mail the form to the office",
        "the twins start school in autumn",
        "my brother works at the airport",
        "the minister resigned this morning",
        "swimming is good for your back",
    ),
}


def clips(half: Half) -> Iterator[Clip]:
    """Return every sentence of a half in every voice of it.

    What breaks off is every beginning of a command that needs more words to be one.
    """
    grammar = compile_grammar(HOME)
    begun: dict[str, None] = {}
    for command in COMMANDS[half]:
        words = command.lower().split()
        begun |= dict.fromkeys(" ".join(words[:count]) for count in range(2, len(words)))
    broken_off = [text for text in begun if not grammar.dfa.accepts(text)]
    for voice in VOICES[half]:
        for text in COMMANDS[half]:
            yield Clip("command", text, voice)
        for text in OTHER[half]:
            yield Clip("other", text, voice)
        for text in broken_off:
            yield Clip("broken_off", text, voice)
