"""What Chat has prepared: for each task the fields to fill in, and the message they become."""

from __future__ import annotations

from typing import NamedTuple

PASSAGE = (
    "The honey bee tells the others in the hive where it has found flowers by dancing. It runs in a straight "
    "line while it shakes its body, turns back, and does so again. The direction of the line shows the "
    "direction to the flowers, and the longer the run, the farther away they are. The Austrian biologist Karl "
    "von Frisch read this dance in the 1940s; in 1973 he was given the Nobel Prize for it."
)


class Field(NamedTuple):
    """A text to write, with an example to begin with. ``lines`` is its height; 1: a line."""

    label: str
    example: str
    lines: int = 1


class Task(NamedTuple):
    """``message`` is made of the fields, by their labels in lower case."""

    title: str
    fields: tuple[Field, ...]
    message: str
    system: str = ""


TASKS = {
    task.title: task
    for task in (
        Task(
            "Chat", (Field("Message", "What is a neural network? Answer in two sentences.", 4),), "{message}"
        ),
        Task(
            "Summarise",
            (Field("Text", PASSAGE, 8),),
            "Summarise this text in one sentence:\n\n{text}",
            "Provide a concise summary of the input text.",
        ),
        Task(
            "Answer from a text",
            (
                Field("Text", PASSAGE, 8),
                Field("Question", "How does a bee show how far away the flowers are?"),
            ),
            "{text}\n\nAnswer from this text only: {question}",
            "Answer the question from the given text, in one sentence.",
        ),
        Task(
            "Translate",
            (Field("Text", "The little house by the sea is warm and dry.", 4), Field("Into", "French")),
            "Translate into {into}: {text}",
            "You are a translator. Write the translation and nothing else.",
        ),
        Task(
            "Continue",
            (Field("Text", "The lighthouse had been dark for ten years. Then, one night in November,", 4),),
            "Continue this story with one paragraph:\n\n{text}",
            "You write stories.",
        ),
    )
}
