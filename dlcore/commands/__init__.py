"""What each command of the command line does. Keras is imported only by those that need it."""

from dlcore.commands.common import Mistake
from dlcore.commands.data import datasets
from dlcore.commands.images import classify, sample
from dlcore.commands.machine import doctor, engine
from dlcore.commands.recipes import architectures, code, describe
from dlcore.commands.runs import evaluate, models, runs, train
from dlcore.commands.text import generate, sentiment
from dlcore.commands.translation import translate

__all__ = [
    "Mistake",
    "architectures",
    "classify",
    "code",
    "datasets",
    "describe",
    "doctor",
    "engine",
    "evaluate",
    "generate",
    "models",
    "runs",
    "sample",
    "sentiment",
    "train",
    "translate",
]
