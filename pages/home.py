"""Start: what this is, and networks to start from."""

from __future__ import annotations

import streamlit as st

from pages.parts.shell import TITLE, enter, words_first

enter()

STARTS = [
    (
        "Two spirals",
        "A small network bends its decision boundary between two arms of points. Ten seconds.",
        {"dataset": "spiral"},
    ),
    (
        "XOR, by one hidden layer",
        "The puzzle that one neuron alone cannot solve.",
        {
            "dataset": "xor",
            "architecture": {"kind": "mlp", "hidden": [{"units": 4, "activation": "tanh"}]},
            "training": {"learning_rate": 0.02},
        },
    ),
    (
        "Overfitting, and its cures",
        "It learns noise by heart. Train it again with L2, dropout or early stopping, and see.",
        {
            "dataset": {"name": "moons", "noise": 0.5, "examples": 300},
            "architecture": {"kind": "mlp", "hidden": [{"units": 64}] * 3},
            "training": {"epochs": 150, "learning_rate": 0.005},
        },
    ),
    (
        "Handwritten digits",
        "Convolutions read 8×8 pixels of real handwriting. Always at hand.",
        {"dataset": "digits"},
    ),
    (
        "Digits, by your own layers",
        "Stack the layers one by one and see the shape after each.",
        {
            "dataset": "digits",
            "architecture": {
                "kind": "custom",
                "layers": [
                    {"type": "Conv2D", "filters": 16, "padding": "same"},
                    {"type": "MaxPooling2D"},
                    {"type": "Flatten"},
                    {"type": "Dense", "units": 32},
                ],
            },
        },
    ),
    (
        "MNIST",
        "The network most courses begin with: 60,000 digits, two convolutions (11 MB).",
        {"dataset": "mnist"},
    ),
    (
        "Fashion-MNIST, augmented",
        "Shirts and shoes, mirrored and shifted while it learns (31 MB).",
        {
            "dataset": "fashion_mnist",
            "architecture": {"kind": "cnn", "dropout": 0.3, "batch_normalization": True},
            "training": {"augmentation": {"flip": True, "shift": 0.06}},
        },
    ),
    (
        "VGG",
        "Blocks of small windows: deeper, and still simple.",
        {"dataset": "digits", "architecture": {"kind": "vgg"}},
    ),
    (
        "ResNet and its skips",
        "Train it with skip connections, then without, and compare.",
        {"dataset": "digits", "architecture": {"kind": "resnet"}},
    ),
    (
        "Transfer learning",
        "A network that knows photos lends its features: ten digits in seconds.",
        {"dataset": "digits", "architecture": {"kind": "transfer"}},
    ),
    (
        "Inception",
        "Windows of three sizes look at the same picture at once.",
        {"dataset": "digits", "architecture": {"kind": "inception"}},
    ),
    ("A table of irises", "Classification: three kinds of flower from four lengths.", {"dataset": "iris"}),
    (
        "A number from a table",
        "Regression: how far a disease has gone, with honest residuals.",
        {"dataset": "diabetes"},
    ),
    (
        "RNN",
        "The simplest memory: it predicts two waves from what came before.",
        {"dataset": "sine", "architecture": {"kind": "rnn"}},
    ),
    ("LSTM on weather", "The next hour's temperature, beside the last hour's.", {"dataset": "weather"}),
    (
        "GRU on passengers",
        "A trend and a year that grows; two gates keep what matters.",
        {"dataset": "passengers", "architecture": {"kind": "gru"}},
    ),
    (
        "Reviews, word by word",
        "Embedding and LSTM: it learns what “not” and “but” do. Then type to it on the Text page.",
        {"dataset": "toy_reviews"},
    ),
    (
        "Transformer",
        "The same reviews by attention: see which word looks at which.",
        {"dataset": "toy_reviews", "architecture": {"kind": "transformer"}},
    ),
    (
        "A GPT that learns to write",
        "From random letters to lines of English in three minutes; then it writes on the Text page.",
        {"dataset": "python_docs"},
    ),
    (
        "Sequence to sequence, with attention",
        "It learns to write “the 3rd of May, 1999” as 1999-05-03; then the Text page shows where it looks.",
        {"dataset": "dates"},
    ),
    (
        "Autoencoder: anomaly detection",
        "It encodes digits and reconstructs them; a digit that it never learned has a large error.",
        {"dataset": "digits", "architecture": {"kind": "autoencoder", "left_out": 8, "noise": 0.3}},
    ),
    (
        "Digits that nobody wrote",
        "A VAE encodes digits in two latent dimensions; any point there decodes to a new one.",
        {"dataset": "digits", "architecture": {"kind": "vae"}},
    ),
    (
        "GAN: generator against discriminator",
        "A GAN learns eight clouds of points while you watch both players.",
        {"dataset": "ring", "architecture": {"kind": "gan"}},
    ),
    (
        "Pictures out of noise",
        "A diffusion model learns to take noise away, then begins with nothing else.",
        {"dataset": "digits", "architecture": {"kind": "diffusion"}},
    ),
]

left, right = st.columns([2, 3], gap="large", vertical_alignment="center")
with left:
    st.title(TITLE, anchor=False)
    st.markdown(
        "Build a neural network with sliders, watch it learn, show it a picture, take it home as "
        "Keras code. One trained network walks through all the pages. Others classify and write text, or "
        "generate pictures."
    )
    st.page_link("pages/build.py", label="**Build a network**", icon=":material/tune:")
    st.page_link("pages/train.py", label="Watch one learn", icon=":material/show_chart:")
    st.page_link("pages/classify.py", label="Classify a picture", icon=":material/image_search:")
    st.page_link(
        "pages/text.py",
        label="Classify or translate a sentence, write a story",
        icon=":material/text_fields:",
    )
    st.page_link("pages/generate.py", label="Generate pictures", icon=":material/auto_awesome:")
words_first()  # what takes time to import comes after
from dlcore.charts.diagram import diagram
from dlcore.datasets import DATASETS
from dlcore.recipe import Recipe
from pages.parts.drawing import drawing

with right, st.container(horizontal=True, horizontal_alignment="center"):
    drawing(diagram(Recipe.parse({"dataset": "spiral"}).network), "diagram")

st.subheader("Start from one of these", anchor=False)
for start in range(0, len(STARTS), 3):
    for column, (title, about, data) in zip(st.columns(3), STARTS[start : start + 3], strict=False):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{title}**  \n{about}")
            link = Recipe.parse(data).link()
            st.page_link(
                "pages/build.py",
                label=f"Open {title}",
                icon=":material/arrow_forward:",
                query_params={"recipe": link},
            )

st.subheader("Or from data of your own", anchor=False)
own = [
    (kind.title, kind.description, "pages/build.py", {"data": name})
    for name, kind in DATASETS.items()
    if kind.editor
]
own.insert(
    0,
    (
        "Teach it yours",
        "Two to eight classes, some photos of each, by upload or camera. A network that knows photos learns them in "
        "seconds.",
        "pages/classify.py",
        {"teach": "1"},
    ),
)
for start in range(0, len(own), 4):
    for column, (title, about, page, query) in zip(st.columns(4), own[start : start + 4], strict=False):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{title}**  \n{about}")
            st.page_link(page, label=f"Open {title}", icon=":material/upload_file:", query_params=query)
