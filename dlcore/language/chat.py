"""Chat: a conversation is written as one text, with the marks a network was trained on, and it writes on.

What marks those are is in the tokenizer's chat template, a small program in Jinja that transformers runs in a
sandbox. A network has no memory: every answer begins with reading the whole conversation again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dlcore.language.tokens import TokenizerError, refuse_beyond

if TYPE_CHECKING:
    from dlcore.language.generation import Writer

Message = dict[str, str]
"""``role``, one of system, user and assistant, and ``content``."""


class Prompt(NamedTuple):
    """A conversation as the network reads it, up to where its answer begins."""

    text: str
    tokens: list[int]
    forgotten: int
    """Messages that were left out because all of them would not fit: the oldest."""


def prompt(writer: Writer, messages: list[Message], reply: int) -> Prompt:
    """The conversation with room for an answer of ``reply`` tokens, or of half the context.

    Raises:
        TokenizerError: if there is no chat template, it refuses the conversation, or the last message alone
            is too long.
    """
    room = writer.context - min(reply, writer.context // 2)
    system = [message for message in messages[:1] if message["role"] == "system"]
    turns = messages[len(system) :]
    for forgotten in range(0, len(turns), 2):  # a question goes with its answer
        text = _written(writer, system + turns[forgotten:])
        tokens = writer.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        if len(tokens) <= room:
            refuse_beyond(writer.tokenizer, tokens, writer.vocabulary)
            return Prompt(text, tokens, forgotten)
    raise TokenizerError(
        f"{writer.name}: the message has {len(tokens):,} tokens, and the network has room for {room:,} beside "
        "an answer; shorten it"
    )


def _written(writer: Writer, messages: list[Message]) -> str:
    if not writer.tokenizer.chat_template:
        raise TokenizerError(
            f"{writer.name}: it has no chat template, so it was not trained to chat; "
            "take an instruction-tuned network, such as SmolLM2-135M-Instruct"
        )
    try:
        text: Any = writer.tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    except Exception as error:  # a template is somebody's program
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise TokenizerError(
            f"{writer.name}: its chat template refuses this conversation ({reason[:160]})"
        ) from error
    return str(text)
