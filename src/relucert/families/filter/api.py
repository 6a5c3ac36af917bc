"""For programs: `certify(FilterProblem.from_text("1,-0.5,1/3", "0.7,0,1/2"))`."""

from relucert.families.filter.problem import FilterProblem, vector
from relucert.families.filter.prove import Descent, certify, probability, random_start, record
from relucert.families.filter.statement import statement
from relucert.families.filter.words import words

__all__ = [
    "Descent",
    "FilterProblem",
    "certify",
    "probability",
    "random_start",
    "record",
    "statement",
    "vector",
    "words",
]
