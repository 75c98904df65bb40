"""Deep Learning Studio's core: recipes, data, networks, training and use of trained models.

Nothing here imports Streamlit, and nothing that a page needs imports Keras: see docs/architecture.md.
"""

__version__ = "0.1.0"
