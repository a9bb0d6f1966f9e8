"""200 questions with four answers each, made from a few tables and sums: what follows is to be told from what might."""

import json
import random
from pathlib import Path

CAPITALS = {
    "France": "Paris", "Italy": "Rome", "Spain": "Madrid", "Germany": "Berlin", "Japan": "Tokyo", "Egypt": "Cairo",
    "Russia": "Moscow", "Greece": "Athens", "Portugal": "Lisbon", "Austria": "Vienna", "Norway": "Oslo",
    "Sweden": "Stockholm", "Poland": "Warsaw", "Ireland": "Dublin", "Cuba": "Havana", "Kenya": "Nairobi",
    "Peru": "Lima", "Chile": "Santiago", "China": "Beijing", "Iran": "Tehran", "Iraq": "Baghdad", "Hungary": "Budapest",
    "Denmark": "Copenhagen", "Finland": "Helsinki", "Thailand": "Bangkok",
}
OPPOSITES = {
    "hot": "cold", "big": "small", "fast": "slow", "early": "late", "high": "low", "full": "empty", "light": "dark",
    "old": "young", "rich": "poor", "hard": "soft", "loud": "quiet", "strong": "weak", "wet": "dry", "true": "false",
    "open": "closed", "happy": "sad", "thick": "thin", "wide": "narrow", "clean": "dirty", "cheap": "expensive",
    "deep": "shallow", "sharp": "blunt", "brave": "cowardly", "alive": "dead", "awake": "asleep",
}
PAST = {
    "go": "went", "see": "saw", "eat": "ate", "run": "ran", "give": "gave", "take": "took", "write": "wrote",
    "speak": "spoke", "drive": "drove", "fly": "flew", "sing": "sang", "swim": "swam", "drink": "drank", "buy": "bought",
    "think": "thought", "teach": "taught", "catch": "caught", "sleep": "slept", "feel": "felt", "leave": "left",
    "find": "found", "lose": "lost", "build": "built", "break": "broke", "choose": "chose",
}
KINDS = {
    "oak": "tree", "salmon": "fish", "sparrow": "bird", "hammer": "tool", "violin": "musical instrument",
    "iron": "metal", "rose": "flower", "carrot": "vegetable", "apple": "fruit", "bee": "insect", "chess": "game",
    "ruby": "gemstone", "Python": "programming language", "Mars": "planet", "Danube": "river", "Everest": "mountain",
    "pediatrician": "doctor", "oxygen": "gas", "triangle": "shape", "poodle": "dog", "cheddar": "cheese",
    "sedan": "car", "waltz": "dance", "novel": "book", "sonnet": "poem",
}
COUNT = 200


def tabled(table: dict[str, str], sentence: str, chance: random.Random) -> list[dict]:
    items = []
    for subject, answer in table.items():
        others = chance.sample(sorted({other for other in table.values() if other != answer}), 3)
        items.append(item(sentence.format(subject), answer, others, chance))
    return items


def sums(chance: random.Random) -> list[dict]:
    items = []
    for _ in range(50):
        left, right = chance.randint(2, 49), chance.randint(2, 49)
        total = left + right
        others = [str(total + change) for change in chance.sample([-10, -3, -2, -1, 1, 2, 3, 10], 3)]
        items.append(item(f"Question: What is {left} plus {right}?\nAnswer: {left} + {right} =", str(total), others, chance))
    return items


def sequences(chance: random.Random) -> list[dict]:
    items = []
    for _ in range(50):
        start, step = chance.randint(1, 30), chance.randint(2, 9)
        shown = ", ".join(str(start + step * index) for index in range(5))
        answer = start + step * 5
        others = [str(answer + change) for change in chance.sample([-step, step, -1, 1, 2, 10], 3)]
        items.append(item(f"Count on by {step}: {shown},", str(answer), others, chance))
    return items


def item(question: str, answer: str, others: list[str], chance: random.Random) -> dict:
    choices = [answer, *others]
    chance.shuffle(choices)
    return {"question": question, "choices": choices, "label": choices.index(answer)}


def write(path: Path):
    chance = random.Random(7)
    items = tabled(CAPITALS, "The capital of {} is", chance)
    items += tabled(OPPOSITES, "The opposite of the word {} is", chance)
    items += tabled(PAST, "Yesterday we did what we always do. The past tense of the verb {} is", chance)
    items += tabled(KINDS, "Everybody knows what kind of thing that is. {} is a kind of", chance)
    items += sums(chance) + sequences(chance)
    assert len(items) == COUNT
    path.write_text("".join(json.dumps(entry) + "\n" for entry in items))
