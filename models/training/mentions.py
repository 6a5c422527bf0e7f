"""Where a list of sentences mentions the sides: nearly what `MentionFinder` of the server finds.

Names match as whole words and by case (as given, with a capital, in capitals when longer than three letters), longest first,
none inside another. The name of a place brings its demonyms. A surname counts in texts that print the full name, and words
beside a name can make it another name. Left out: the server's rules for namesakes, guards of derived forms, third parties.
"""

import re

# How the name of a place ends, and what its people are called instead (src/contest/mention/names.rs).
DEMONYMS = [("a", ["an", "ans"]), ("y", ["ian", "ians"]), ("pe", ["pean", "peans"]), ("ne", ["nian", "nians"]),
            ("stan", ["stani", "stanis"]), ("aq", ["aqi", "aqis"]), ("land", ["lander", "landers", "landic"]),
            ("burg", ["burger", "burgers"]), ("an", ["ans", "anian", "anians"]), ("on", ["onian", "onians"])]
SHORTEST_STEM = 4


def parsed_side(side):
    """{"aliases": [names], "people": [names], "guards": {name: (not_before, not_after)}} of a side of a contest file."""
    tables = [alias for alias in side["aliases"] if not isinstance(alias, str)]
    return {"aliases": [alias if isinstance(alias, str) else alias["name"] for alias in side["aliases"]],
            "people": side.get("people", []),
            "guards": {t["name"]: (t.get("not_before", []), t.get("not_after", [])) for t in tables}}


def case_variants(name):
    return {name, name[0].upper() + name[1:]} | ({name.upper()} if len(name) > 3 else set())


def demonyms(alias):
    if not (alias.isalpha() and alias[0].isupper() and len(alias) >= SHORTEST_STEM and not alias.isupper()):
        return []
    for end, people in DEMONYMS:
        if alias.endswith(end):
            return [alias[:-len(end)] + p for p in people]
    return []


class MentionFinder:
    """For one contest; `sides` as `parsed_side` gives them."""

    def __init__(self, sides):
        self.guards = {name: guard for side in sides for name, guard in side["guards"].items()}
        # Form in print: (sides it stands for, full name that a surname waits for).
        stated, derived = {}, {}
        for k, side in enumerate(sides):
            for alias in side["aliases"]:
                for form in case_variants(alias):
                    stated.setdefault(form, set()).add((k, ""))
                for form in (form for d in demonyms(alias) for form in case_variants(d)):
                    derived.setdefault(form, set()).add((k, ""))
            for person in side["people"]:
                for form in case_variants(person):
                    stated.setdefault(form, set()).add((k, ""))
                for form in case_variants(person.rpartition(" ")[2]) if " " in person else ():
                    stated.setdefault(form, set()).add((k, person))
        meanings = derived | stated
        self.meaning = {form: min(found) for form, found in meanings.items() if len({k for k, _ in found}) == 1}
        longest_first = sorted(self.meaning, key=len, reverse=True)
        # Without any name nothing matches.
        self.pattern = re.compile(r"(?<!\w)(?:" + ("|".join(map(re.escape, longest_first)) or "(?!)") + r")(?!\w)")

    def find(self, listed):
        """(sentence, side, start, end) of every mention in a list of sentences."""
        text = "\n".join(listed)
        found = []
        for n, line in enumerate(listed):
            for match in self.pattern.finditer(line):
                side, person = self.meaning[match.group()]
                if person in text and not self._is_another(line, match):
                    found.append((n, side, match.start(), match.end()))
        return found

    def _is_another(self, line, match):
        not_before, not_after = self.guards.get(match.group(), ((), ()))
        rest, head = line[match.end():].lstrip(" -"), line[:match.start()].rstrip(" -")
        return any(re.match(re.escape(word) + r"\b", rest) for word in not_before) or any(
            re.search(r"\b" + re.escape(word) + "$", head) for word in not_after)
