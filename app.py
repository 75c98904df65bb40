"""Deep Learning Studio: ``streamlit run app.py``. Page config and navigation, nothing else."""

from pages.parts.shell import run

run()
