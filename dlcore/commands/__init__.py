"""What each command of the command line does. Keras is imported only by those that need it."""

from dlcore.commands.common import Command, Mistake
from dlcore.commands.data import datasets
from dlcore.commands.images import classify, sample
from dlcore.commands.machine import doctor, engine
from dlcore.commands.recipes import architectures, code, describe
from dlcore.commands.runs import evaluate, models, runs, train
from dlcore.commands.text import generate, sentiment
from dlcore.commands.translation import translate

__all__ = ["COMMANDS", "Command", "Mistake"]

COMMANDS = (
    datasets,
    architectures,
    models,
    describe,
    train,
    runs,
    evaluate,
    classify,
    sentiment,
    generate,
    translate,
    sample,
    code,
    engine,
    doctor,
)
"""In the order in which help lists them."""
